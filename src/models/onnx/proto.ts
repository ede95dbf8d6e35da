/** The messages of ONNX that are read. Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
import { bytes, damaged, doubles, float, floats, int, ints, message, readFields, text } from './wire.ts';

export interface TensorProto {
  name: string;
  readonly dims: number[];
  dataType: number;
  /** Little-endian elements; null where they are in one of the lists, or in another file. */
  rawData: Uint8Array | null;
  readonly floatData: number[];
  readonly int32Data: number[];
  readonly int64Data: number[];
  readonly doubleData: number[];
  /** `location`, `offset`, `length`: elements in another file. */
  readonly externalData: Map<string, string>;
  isExternal: boolean;
}

export interface AttributeProto {
  name: string;
  type: number;
  f: number;
  i: number;
  s: string;
  tensor: TensorProto | null;
  graph: GraphProto | null;
  readonly floats: number[];
  readonly ints: number[];
  readonly strings: string[];
  /** Of a function's parameter. */
  reference: string;
  isSparse: boolean;
}

export interface NodeProto {
  readonly inputs: string[];
  readonly outputs: string[];
  name: string;
  opType: string;
  domain: string;
  readonly attributes: AttributeProto[];
  readonly metadata: Map<string, string>;
}

export type Dimension = number | string | null;

export interface ValueInfo {
  name: string;
  /** Zero for what is no tensor. */
  elementType: number;
  /** Null where the file does not state it. */
  shape: Dimension[] | null;
}

export interface GraphProto {
  name: string;
  readonly nodes: NodeProto[];
  readonly initializers: TensorProto[];
  readonly inputs: ValueInfo[];
  readonly outputs: ValueInfo[];
  readonly valueInfo: ValueInfo[];
  hasSparse: boolean;
}

export interface FunctionProto {
  name: string;
  domain: string;
}

export interface ModelProto {
  irVersion: number;
  producer: string;
  producerVersion: string;
  graph: GraphProto | null;
  readonly opsets: Map<string, number>;
  readonly functions: FunctionProto[];
  isTraining: boolean;
}

/** Graphs inside of attributes inside of graphs. */
const maxDepth = 8;

function readEntry(content: Uint8Array): [string, string] {
  let [key, value] = ['', ''];
  readFields(content, { 1: text((found) => (key = found)), 2: text((found) => (value = found)) });
  return [key, value];
}

const entries = (map: Map<string, string>) => message(readEntry, ([key, value]) => map.set(key, value));

export function readTensor(content: Uint8Array): TensorProto {
  const tensor: TensorProto = {
    name: '',
    dims: [],
    dataType: 0,
    rawData: null,
    floatData: [],
    int32Data: [],
    int64Data: [],
    doubleData: [],
    externalData: new Map(),
    isExternal: false,
  };
  readFields(content, {
    1: ints(tensor.dims),
    2: int((value) => (tensor.dataType = value)),
    4: floats(tensor.floatData),
    5: ints(tensor.int32Data),
    7: ints(tensor.int64Data),
    8: text((value) => (tensor.name = value)),
    9: bytes((value) => (tensor.rawData = value)),
    10: doubles(tensor.doubleData),
    11: ints(tensor.int64Data),
    13: entries(tensor.externalData),
    14: int((value) => (tensor.isExternal = value === 1)),
  });
  return tensor;
}

function readAttribute(content: Uint8Array, depth: number): AttributeProto {
  const attribute: AttributeProto = {
    name: '',
    type: 0,
    f: 0,
    i: 0,
    s: '',
    tensor: null,
    graph: null,
    floats: [],
    ints: [],
    strings: [],
    reference: '',
    isSparse: false,
  };
  readFields(content, {
    1: text((value) => (attribute.name = value)),
    2: float((value) => (attribute.f = value)),
    3: int((value) => (attribute.i = value)),
    4: text((value) => (attribute.s = value)),
    5: message(readTensor, (value) => (attribute.tensor = value)),
    6: message(
      (graph) => readGraph(graph, depth + 1),
      (value) => (attribute.graph = value),
    ),
    7: floats(attribute.floats),
    8: ints(attribute.ints),
    9: text((value) => attribute.strings.push(value)),
    20: int((value) => (attribute.type = value)),
    21: text((value) => (attribute.reference = value)),
    22: bytes(() => (attribute.isSparse = true)),
  });
  return attribute;
}

function readNode(content: Uint8Array, depth: number): NodeProto {
  const node: NodeProto = {
    inputs: [],
    outputs: [],
    name: '',
    opType: '',
    domain: '',
    attributes: [],
    metadata: new Map(),
  };
  readFields(content, {
    1: text((value) => node.inputs.push(value)),
    2: text((value) => node.outputs.push(value)),
    3: text((value) => (node.name = value)),
    4: text((value) => (node.opType = value)),
    5: message(
      (attribute) => readAttribute(attribute, depth),
      (value) => node.attributes.push(value),
    ),
    7: text((value) => (node.domain = value)),
    9: entries(node.metadata),
  });
  return node;
}

function readDimension(content: Uint8Array): Dimension {
  let dimension: Dimension = null;
  readFields(content, { 1: int((value) => (dimension = value)), 2: text((value) => (dimension = value || null)) });
  return dimension;
}

function readShape(content: Uint8Array): Dimension[] {
  const shape: Dimension[] = [];
  readFields(content, { 1: message(readDimension, (value) => shape.push(value)) });
  return shape;
}

function readValueInfo(content: Uint8Array): ValueInfo {
  const info: ValueInfo = { name: '', elementType: 0, shape: null };
  const readTensorType = (type: Uint8Array) =>
    readFields(type, {
      1: int((value) => (info.elementType = value)),
      2: message(readShape, (value) => (info.shape = value)),
    });
  readFields(content, {
    1: text((value) => (info.name = value)),
    2: bytes((type) => readFields(type, { 1: bytes(readTensorType) })),
  });
  return info;
}

function readGraph(content: Uint8Array, depth: number): GraphProto {
  if (depth > maxDepth) damaged(`its graphs are nested more than ${maxDepth} deep`);
  const graph: GraphProto = {
    name: '',
    nodes: [],
    initializers: [],
    inputs: [],
    outputs: [],
    valueInfo: [],
    hasSparse: false,
  };
  readFields(content, {
    1: message(
      (node) => readNode(node, depth),
      (value) => graph.nodes.push(value),
    ),
    2: text((value) => (graph.name = value)),
    5: message(readTensor, (value) => graph.initializers.push(value)),
    11: message(readValueInfo, (value) => graph.inputs.push(value)),
    12: message(readValueInfo, (value) => graph.outputs.push(value)),
    13: message(readValueInfo, (value) => graph.valueInfo.push(value)),
    15: bytes(() => (graph.hasSparse = true)),
  });
  return graph;
}

function readOpset(content: Uint8Array): [string, number] {
  let [domain, version] = ['', 0];
  readFields(content, { 1: text((value) => (domain = value)), 2: int((value) => (version = value)) });
  return [domain, version];
}

function readFunction(content: Uint8Array): FunctionProto {
  const found: FunctionProto = { name: '', domain: '' };
  readFields(content, { 1: text((value) => (found.name = value)), 10: text((value) => (found.domain = value)) });
  return found;
}

/** Throws MODEL_MALFORMED. */
export function readModelProto(content: Uint8Array): ModelProto {
  const model: ModelProto = {
    irVersion: 0,
    producer: '',
    producerVersion: '',
    graph: null,
    opsets: new Map(),
    functions: [],
    isTraining: false,
  };
  readFields(content, {
    1: int((value) => (model.irVersion = value)),
    2: text((value) => (model.producer = value)),
    3: text((value) => (model.producerVersion = value)),
    7: message(
      (graph) => readGraph(graph, 0),
      (value) => (model.graph = value),
    ),
    8: message(readOpset, ([domain, version]) => model.opsets.set(domain, version)),
    20: bytes(() => (model.isTraining = true)),
    25: message(readFunction, (value) => model.functions.push(value)),
  });
  return model;
}
