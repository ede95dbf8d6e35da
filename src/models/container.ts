/** Reads the container classes that tfjs-layers, Keras 2 and Keras 3 share: Functional (Model) as a graph, Sequential as a chain. */

import { isJsonObject, type Json, type JsonObject, ownValue, show } from '../json.ts';
import { malformed } from '../topology/flatten.ts';
import type { CallSpec } from '../topology/layer-spec.ts';
import type { RawCall, RawLayer, RawModel, RawRef } from '../topology/raw-model.ts';
import { callOf, readCall, readRef, readTensor } from './inbound.ts';
import { type Dialect, type Entry, isModelClass, modelClasses, type Place, readEntries } from './layer-entries.ts';
import { readName, snakeCase } from './names.ts';
import type { Signature } from './operations/keras3-signatures.ts';
import { type ReadOperation, readOperation } from './operations/read-operation.ts';
import { renumberCalls } from './renumber-calls.ts';
import { sequentialInput } from './sequential-input.ts';

function readLayer(entry: Entry, prefix: string, dialect: Dialect): RawLayer & { call: CallSpec } {
  const { name, className, config, pointer } = entry;
  const scope = prefix + readName(ownValue(config, 'name') ?? name, `layer "${name}"`, `${pointer}/name`);
  const base = { name, className, config, pointer, scope, calls: [] };
  if (!isModelClass(className)) return { ...base, call: callOf(className) };
  const model = readContainer(className, { name, ...config }, { pointer, dialect });
  return { ...base, model, call: { tensors: inputNames(config, model) } };
}

/** The names of the inputs of a nested model that is called with an object of tensors. */
function inputNames(config: JsonObject, model: RawModel): readonly string[] {
  const inputs = ownValue(config, 'input_layers');
  return isJsonObject(inputs) ? Object.keys(inputs).sort() : model.inputs.map(({ layer }) => layer);
}

/** One reference, a list of references, or (Keras 3) an object, whose values are ordered by its sorted keys. */
function readRefs(value: Json | undefined, what: string, pointer: string): RawRef[] {
  const single = readRef(value);
  if (single) return [single];
  const entries = isJsonObject(value)
    ? Object.keys(value)
        .sort()
        .map((key) => value[key])
    : value;
  if (!Array.isArray(entries)) return malformed(pointer, `${what} must name [layer, call, output], got ${show(value)}`);
  return entries.flatMap((entry) => readRefs(entry, what, pointer));
}

/** An operation with all its calls, which may differ only in their tensors. */
function readOperationEntry(
  { name, className, config, pointer }: Entry,
  signature: Signature,
  nodes: readonly Json[],
  dialect: Dialect,
): RawLayer {
  const fail = (problem: string) => malformed(pointer, `layer "${name}" (${className}): ${problem}`);
  const operations = nodes.map((node) => {
    const call = dialect.argumentsOf?.(node, fail) ?? fail('has calls that cannot be read');
    return readOperation(signature, { ...call, config }, { read: readTensor, rankOf }, fail);
  });
  const [first] = operations;
  if (!first) return fail('is not connected to anything');
  const form = (operation: ReadOperation) => JSON.stringify([operation.className, operation.config]);
  if (operations.some((other) => form(other) !== form(first)))
    fail('is called in several ways; use an operation for each');
  const calls = operations.map(({ call }) => call);
  return { name, className: first.className, config: { ...first.config, name }, pointer, scope: name, calls };
}

/** The rank of a tensor, which Keras 3 writes beside the tensor's origin. */
function rankOf(value: Json): number | undefined {
  const config = isJsonObject(value) ? value.config : undefined;
  return isJsonObject(config) && Array.isArray(config.shape) ? config.shape.length : undefined;
}

function readFunctional(config: JsonObject, place: Place): Pick<RawModel, 'layers' | 'inputs' | 'outputs'> {
  const { pointer, dialect } = place;
  const entries = readEntries(ownValue(config, 'layers'), { pointer: `${pointer}/layers`, dialect });
  const layers = entries.map((entry): RawLayer => {
    const nodes = ownValue(entry.json, 'inbound_nodes') ?? [];
    if (!Array.isArray(nodes))
      return malformed(entry.pointer, `layer "${entry.name}": inbound_nodes must be a list, got ${show(nodes)}`);
    if (entry.signature) return readOperationEntry(entry, entry.signature, nodes, dialect);
    const { call, ...layer } = readLayer(entry, '', dialect);
    const callee = { name: layer.name, className: layer.className, pointer: layer.pointer, call };
    // An InputLayer has no inputs; some versions of Keras write this as one empty node.
    const calls = layer.className === 'InputLayer' ? [] : nodes.map((node) => readCall(node, callee));
    return { ...layer, calls };
  });
  const inputs = readRefs(ownValue(config, 'input_layers'), 'input_layers', `${pointer}/input_layers`);
  const outputs = readRefs(ownValue(config, 'output_layers'), 'output_layers', `${pointer}/output_layers`);
  return renumberCalls({ layers, inputs, outputs }, dialect.nestedPrefix === false ? 'tfjs-layers' : dialect.style);
}

function readSequential(
  name: string,
  config: JsonObject,
  { pointer, dialect }: Place,
): Pick<RawModel, 'layers' | 'inputs' | 'outputs'> {
  const prefix = (dialect.nestedPrefix ?? dialect.style === 'keras3') ? `${name}/` : '';
  const entries = readEntries(ownValue(config, 'layers'), { pointer: `${pointer}/layers`, dialect });
  const layers = entries.map((entry) => {
    const { call: _, ...layer } = readLayer(entry, prefix, dialect);
    return layer;
  });
  const [first] = layers;
  if (!first) return malformed(pointer, `the Sequential model "${name}" has no layers`);
  const input = first.className === 'InputLayer' ? first : sequentialInput(first, config, layers);
  const [, ...rest] = first === input ? layers : [input, ...layers];
  let previous: RawRef = { layer: input.name, call: 0, output: 0 };
  const chain = rest.map((layer) => {
    if (layer.className === 'InputLayer')
      malformed(layer.pointer, `the Sequential model "${name}" has a second InputLayer "${layer.name}"`);
    const calls: RawCall[] = [{ inputs: [previous], call: {} }];
    previous = { layer: layer.name, call: 0, output: 0 };
    return { ...layer, calls };
  });
  return { layers: [input, ...chain], inputs: [{ layer: input.name, call: 0, output: 0 }], outputs: [previous] };
}

function readContainer(className: string, config: JsonObject, place: Place): RawModel {
  const name = readName(ownValue(config, 'name') ?? snakeCase(className), 'the model', `${place.pointer}/name`);
  const graph = className === 'Sequential' ? readSequential(name, config, place) : readFunctional(config, place);
  return { name, ...graph, trainable: ownValue(config, 'trainable') !== false, pointer: place.pointer };
}

/** Reads the outermost model, { class_name, config }. Throws MODEL_MALFORMED with the JSON pointer. */
export function readModel(json: JsonObject, pointer: string, dialect: Dialect): RawModel {
  const className = ownValue(json, 'class_name');
  if (typeof className !== 'string' || !isModelClass(className)) {
    const what = `class_name must be ${modelClasses.join(', ')}, got ${show(className)}`;
    return malformed(`${pointer}/class_name`, `${what}; subclassed models have no topology to read`);
  }
  const config = ownValue(json, 'config');
  // Before version 2.2, Keras wrote the list of layers as the configuration of a Sequential model.
  const object = Array.isArray(config) ? { layers: config } : config;
  if (!isJsonObject(object)) return malformed(`${pointer}/config`, `config must be an object, got ${show(config)}`);
  return readContainer(className, object, { pointer: `${pointer}/config`, dialect });
}
