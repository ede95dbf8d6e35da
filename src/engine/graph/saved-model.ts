/**
 * Writes a recording as the bytes of a TensorFlow SavedModel (one MetaGraphDef, no variables, no functions).
 *
 * Field numbers are those of tensorflow/core/protobuf/saved_model.proto, framework/graph.proto, node_def.proto, attr_value.proto, tensor.proto.
 */
import pb from 'protobufjs/minimal.js';
import { AppError } from '../../errors.ts';
import { attributeTypes, type OpAttribute } from './binding.ts';
import { inferredAttributes } from './operation-inputs.ts';
import { type ConstantValue, type RecordedNode, type Recording, reachableNodes, type ValueRef } from './recording.ts';
import { controlEdges } from './schedule.ts';

type Writer = pb.Writer;

export const savedModelTag = 'serve';
/** GraphDef version of TensorFlow 2.x. */
const graphDefProducer = 1994;

export const nodeName = (index: number) => `n${index}`;
export const valueName = ({ node, output }: ValueRef) => `${nodeName(node)}:${output}`;

/** Writes the message that `write` produces as a length-delimited field. */
function message(writer: Writer, field: number, write: (nested: Writer) => void): void {
  writer.uint32((field << 3) | 2).fork();
  write(writer);
  writer.ldelim();
}

const text = (writer: Writer, field: number, value: string) => writer.uint32((field << 3) | 2).string(value);
const varint = (writer: Writer, field: number, value: number) => writer.uint32(field << 3).int64(value);

function writeShape(writer: Writer, shape: readonly number[]): void {
  for (const size of shape) message(writer, 2, (dim) => varint(dim, 1, size));
}

function writeTensor(writer: Writer, { dtype, shape, data }: ConstantValue): void {
  varint(writer, 1, dtype);
  message(writer, 2, (nested) => writeShape(nested, shape));
  writer.uint32((4 << 3) | 2).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

/** Fields of ListValue and their encodings, by attribute type. */
const lists: Readonly<Record<number, { field: number; write: (list: Writer, value: number) => unknown }>> = {
  [attributeTypes.int]: { field: 3, write: (list, value) => list.int64(value) },
  [attributeTypes.float]: { field: 4, write: (list, value) => list.float(value) },
  [attributeTypes.bool]: { field: 5, write: (list, value) => list.bool(Boolean(value)) },
  [attributeTypes.type]: { field: 6, write: (list, value) => list.int32(value) },
};

function writeNumbers(writer: Writer, type: number, values: readonly number[]): void {
  const list = lists[type];
  if (!list) return;
  message(writer, list.field, (nested) => {
    for (const value of values) list.write(nested, value);
  });
}

/** Writes an AttrValue. A shape attribute is one shape; all other arrays are lists. */
function writeAttributeValue(writer: Writer, { name, type, value }: OpAttribute): void {
  if (type === attributeTypes.shape && Array.isArray(value)) {
    message(writer, 7, (shape) => writeShape(shape, value as number[]));
  } else if (type === attributeTypes.string && Array.isArray(value)) {
    message(writer, 1, (list) => {
      for (const entry of value) text(list, 2, String(entry));
    });
  } else if (Array.isArray(value)) message(writer, 1, (list) => writeNumbers(list, type, value as number[]));
  else if (type === attributeTypes.string) text(writer, 2, String(value));
  else if (type === attributeTypes.int) varint(writer, 3, Number(value));
  else if (type === attributeTypes.float) writer.uint32((4 << 3) | 5).float(Number(value));
  else if (type === attributeTypes.bool) writer.uint32(5 << 3).bool(Boolean(value));
  else if (type === attributeTypes.type) varint(writer, 6, Number(value));
  else throw new AppError('INTERNAL', `attribute ${name} has the unknown type ${type}`);
}

function writeAttribute(node: Writer, attribute: OpAttribute): void {
  message(node, 5, (entry) => {
    text(entry, 1, attribute.name);
    message(entry, 2, (value) => writeAttributeValue(value, attribute));
  });
}

function writeConstant(node: Writer, constant: ConstantValue): void {
  writeAttribute(node, { name: 'dtype', type: attributeTypes.type, value: constant.dtype });
  message(node, 5, (entry) => {
    text(entry, 1, 'value');
    message(entry, 2, (value) => message(value, 8, (tensor) => writeTensor(tensor, constant)));
  });
}

function writeOperation(writer: Writer, node: Extract<RecordedNode, { kind: 'op' }>, waitsFor: number): void {
  text(writer, 2, node.op);
  for (const input of node.inputs) text(writer, 3, valueName(input));
  if (waitsFor >= 0) text(writer, 3, `^${nodeName(waitsFor)}`);
  const inferred = inferredAttributes(node.op, node.attributes, node.inputTypes);
  for (const attribute of [...node.attributes, ...inferred]) writeAttribute(writer, attribute);
}

function writeNode(writer: Writer, node: RecordedNode, index: number, waitsFor: number): void {
  text(writer, 1, nodeName(index));
  if (node.kind === 'constant') {
    text(writer, 2, 'Const');
    writeConstant(writer, node.value);
  } else if (node.kind === 'input') {
    text(writer, 2, 'Placeholder');
    writeAttribute(writer, { name: 'dtype', type: attributeTypes.type, value: node.dtype });
    writeAttribute(writer, { name: 'shape', type: attributeTypes.shape, value: node.shape });
  } else writeOperation(writer, node, waitsFor);
}

/** The bytes of saved_model.pb. Nodes that no output depends on are omitted. */
export function encodeSavedModel(recording: Recording): Uint8Array {
  const needed = reachableNodes(recording);
  const edges = controlEdges(recording, needed);
  const writer = pb.Writer.create();
  varint(writer, 1, 1);
  message(writer, 2, (metaGraph) => {
    message(metaGraph, 1, (info) => text(info, 4, savedModelTag));
    message(metaGraph, 2, (graph) => {
      recording.nodes.forEach((node, index) => {
        if (needed[index]) message(graph, 1, (nested) => writeNode(nested, node, index, edges[index] as number));
      });
      message(graph, 4, (versions) => varint(versions, 1, graphDefProducer));
    });
  });
  return writer.finish();
}
