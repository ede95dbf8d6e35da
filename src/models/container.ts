/** Reads the container classes that tfjs-layers, Keras 2 and Keras 3 share: Functional (Model) as a graph, Sequential as a chain. */
import { malformed } from '../topology/flatten.ts';
import { isJsonObject, type Json, type JsonObject, ownValue, show } from '../topology/json.ts';
import type { NamingStyle, RawCall, RawLayer, RawModel, RawRef } from '../topology/raw-model.ts';
import { readCall, readRef, slotsOf } from './inbound.ts';
import { renumberCalls } from './renumber-calls.ts';
import { sequentialInput } from './sequential-input.ts';

/** How a format differs from the others. */
export interface Dialect {
  readonly style: NamingStyle;
  /** Rewrites what the format means differently from the catalogue, before the configuration is read. */
  normalise(className: string, config: JsonObject): { className: string; config: JsonObject };
}

/** Where a container stands. */
interface Place {
  readonly pointer: string;
  readonly dialect: Dialect;
}

/** One entry of `layers`, its envelope read. */
interface Entry {
  readonly json: JsonObject;
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
  readonly pointer: string;
}

const modelClasses: ReadonlySet<string> = new Set(['Sequential', 'Functional', 'Model']);

const isModelClass = (className: string) => modelClasses.has(className);

const snakeCase = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

/** Names layers that have none, as the frameworks do: dense_1, dense_2, ... */
function createNaming(): (className: string) => string {
  const counts = new Map<string, number>();
  return (className) => {
    const count = (counts.get(className) ?? 0) + 1;
    counts.set(className, count);
    return `${snakeCase(className)}_${count}`;
  };
}

/** The layers of a nested model are normalised one by one when their turn comes. */
function normalise(className: string, config: JsonObject, dialect: Dialect) {
  return isModelClass(className) ? { className, config } : dialect.normalise(className, config);
}

function readEntries(layers: Json | undefined, { pointer, dialect }: Place): Entry[] {
  if (!Array.isArray(layers)) return malformed(pointer, `a model must have a list of layers, got ${show(layers)}`);
  const nameFor = createNaming();
  return layers.map((json, index) => {
    const at = `${pointer}/${index}`;
    if (!isJsonObject(json))
      return malformed(at, `layer ${index} must be an object with class_name and config, got ${show(json)}`);
    const given = ownValue(json, 'class_name');
    if (typeof given !== 'string')
      return malformed(`${at}/class_name`, `layer ${index} must have a class_name, got ${show(given)}`);
    const raw = ownValue(json, 'config') ?? {};
    if (!isJsonObject(raw) && given !== 'Sequential')
      return malformed(`${at}/config`, `layer ${index} (${given}) must have a config object`);
    const { className, config } = normalise(given, isJsonObject(raw) ? raw : { layers: raw }, dialect);
    const name = ownValue(json, 'name') ?? ownValue(config, 'name') ?? nameFor(className);
    if (typeof name !== 'string' || name === '')
      return malformed(`${at}/config/name`, `layer ${index} (${given}): name must be a text, got ${show(name)}`);
    return { json, name, className, config, pointer: `${at}/config` };
  });
}

function readLayer(entry: Entry, prefix: string, dialect: Dialect): RawLayer & { slots: readonly string[] } {
  const { name, className, config, pointer } = entry;
  const own = ownValue(config, 'name');
  const scope = prefix + (typeof own === 'string' ? own : name);
  const base = { name, className, config, pointer, scope, calls: [] };
  if (!isModelClass(className)) return { ...base, slots: slotsOf(className) };
  const model = readContainer(className, { name, ...config }, { pointer, dialect });
  return { ...base, model, slots: inputNames(config, model) };
}

/** What the inputs of a nested model are called, where it is called with an object of tensors. */
function inputNames(config: JsonObject, model: RawModel): readonly string[] {
  const inputs = ownValue(config, 'input_layers');
  return isJsonObject(inputs) ? Object.keys(inputs).sort() : model.inputs.map(({ layer }) => layer);
}

/** One reference, a list of them, or (Keras 3) an object, whose order is that of its sorted keys. */
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

function readFunctional(config: JsonObject, place: Place): Pick<RawModel, 'layers' | 'inputs' | 'outputs'> {
  const { pointer, dialect } = place;
  const entries = readEntries(ownValue(config, 'layers'), { pointer: `${pointer}/layers`, dialect });
  const layers = entries.map((entry) => {
    const { slots, ...layer } = readLayer(entry, '', dialect);
    const nodes = ownValue(entry.json, 'inbound_nodes') ?? [];
    if (!Array.isArray(nodes))
      return malformed(entry.pointer, `layer "${layer.name}": inbound_nodes must be a list, got ${show(nodes)}`);
    const callee = { name: layer.name, className: layer.className, pointer: layer.pointer, slots };
    // An InputLayer is applied to nothing: some versions of Keras write that as one empty node.
    const calls = layer.className === 'InputLayer' ? [] : nodes.map((node) => readCall(node, callee));
    return { ...layer, calls };
  });
  const inputs = readRefs(ownValue(config, 'input_layers'), 'input_layers', `${pointer}/input_layers`);
  const outputs = readRefs(ownValue(config, 'output_layers'), 'output_layers', `${pointer}/output_layers`);
  return renumberCalls({ layers, inputs, outputs }, dialect.style);
}

function readSequential(
  name: string,
  config: JsonObject,
  { pointer, dialect }: Place,
): Pick<RawModel, 'layers' | 'inputs' | 'outputs'> {
  const prefix = dialect.style === 'keras3' ? `${name}/` : '';
  const entries = readEntries(ownValue(config, 'layers'), { pointer: `${pointer}/layers`, dialect });
  const layers = entries.map((entry) => {
    const { slots: _, ...layer } = readLayer(entry, prefix, dialect);
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
  const given = ownValue(config, 'name');
  const name = typeof given === 'string' && given !== '' ? given : snakeCase(className);
  const isSequential = className === 'Sequential' || ownValue(config, 'input_layers') === undefined;
  const graph = isSequential ? readSequential(name, config, place) : readFunctional(config, place);
  return { name, ...graph, trainable: ownValue(config, 'trainable') !== false, pointer: place.pointer };
}

/** Reads the outermost model, { class_name, config }. Throws MODEL_MALFORMED with the JSON pointer. */
export function readModel(json: JsonObject, pointer: string, dialect: Dialect): RawModel {
  const className = ownValue(json, 'class_name');
  if (typeof className !== 'string' || !isModelClass(className)) {
    const what = `class_name must be ${[...modelClasses].join(', ')}, got ${show(className)}`;
    return malformed(`${pointer}/class_name`, `${what}; subclassed models have no topology to read`);
  }
  const config = ownValue(json, 'config');
  // Keras before 2.2 wrote the layers of a Sequential model as its configuration.
  const object = Array.isArray(config) ? { layers: config } : config;
  if (!isJsonObject(object)) return malformed(`${pointer}/config`, `config must be an object, got ${show(config)}`);
  return readContainer(className, object, { pointer: `${pointer}/config`, dialect });
}
