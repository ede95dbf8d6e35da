/** Builds a topology from a parsed container: resolves references, flattens nested models, infers shapes and declares parameters. */
import { AppError } from '../errors.ts';
import { assumeInputShapes, checkInputs, dropUnused, fixInputShapes, inputDtypes, needsOf } from './check-graph.ts';
import { ConfigReader } from './config-reader.ts';
import { checkInitializer } from './draw-initial.ts';
import { findSpec } from './find-spec.ts';
import { type FlatCall, type FlatGraph, type FlatLayer, flatten } from './flatten.ts';
import { infer, type ReadLayer } from './infer.ts';
import { layerClassNames } from './layers/index.ts';
import { settleLeftovers } from './leftover-keys.ts';
import { defaultLimits, type TopologyLimits } from './limits.ts';
import { addMasks, type MaskRules } from './masks.ts';
import { topologicalOrder } from './order.ts';
import type { NamingStyle, RawModel } from './raw-model.ts';
import { closest } from './suggest.ts';
import type { Layer, Node, Notice, Shape, Topology } from './topology.ts';
import { createNames } from './unique-names.ts';

export interface BuildOptions {
  /** The framework whose rules name the parameters; default 'tfjs-layers'. */
  readonly style?: NamingStyle;
  /** Shapes of the inputs without the batch axis, in the order of the model's inputs; they set extents that the topology leaves undefined. */
  readonly inputShapes?: readonly Shape[];
  readonly limits?: Partial<TopologyLimits>;
  /** How masks are carried; default 'tfjs'. */
  readonly masks?: MaskRules;
}

/** Classes that execute code of the model's author. */
const codeClasses: ReadonlySet<string> = new Set([
  'Lambda',
  'TFOpLambda',
  'SlicingOpLambda',
  'TorchModuleWrapper',
  'JaxLayer',
  'FlaxLayer',
  'TFSMLayer',
]);

/** Reasons why classes of Keras are not in the catalogue, with alternatives. */
const reasons: ReadonlyMap<string, string> = new Map([
  ...[...codeClasses].map((name): [string, string] => [
    name,
    'code inside a topology is never run; express the layer with stock layers',
  ]),
  ...[
    'CategoryEncoding',
    'StringLookup',
    'IntegerLookup',
    'Hashing',
    'HashedCrossing',
    'Discretization',
    'TextVectorization',
  ].map((name): [string, string] => [
    name,
    'the layer turns raw data into numbers and trains nothing; apply it to the dataset, and let the model begin with its result',
  ]),
  [
    'SpectralNormalization',
    'the layer changes its weights while it trains, which no function of the weights expresses; initialise the wrapped layer without it',
  ],
]);

/** Throws LAYER_UNKNOWN for a class outside the catalogue, suggesting the name in the catalogue that is spelled most similarly. */
export function refuseClass(layer: string, className: string, pointer: string): never {
  const shown = className.length > 80 ? `${className.slice(0, 77)}...` : className;
  const near = closest(className, layerClassNames);
  const reason =
    reasons.get(className) ??
    `the class is not supported${near ? `; did you mean ${near}?` : ''}. Custom layers are never run`;
  const message = `layer "${layer}" (${shown}): ${reason}`;
  const details = { layer, className: shown, ...(near ? { suggestion: near } : {}) };
  throw new AppError('LAYER_UNKNOWN', message, { details, problems: [{ pointer, message }] });
}

function readLayers(flat: readonly FlatLayer[]): { read: ReadLayer[]; notices: Notice[] } {
  const names = createNames();
  const scopes = createNames();
  const notices: Notice[] = [];
  const read = flat.map((layer): ReadLayer => {
    const { name, className, config, pointer } = layer.raw;
    const spec = findSpec(className) ?? refuseClass(name, className, pointer);
    const reader = new ConfigReader(name, spec.classNames[0], config, pointer);
    const parsed = {
      flat: layer,
      name: names.claim(name, layer.path),
      scope: scopes.claim(layer.raw.scope, layer.path),
      className: spec.classNames[0],
      spec,
      reader,
      config: spec.parse(reader),
      trainable: layer.trainable && reader.boolean('trainable', true),
    };
    notices.push(...settleLeftovers(reader));
    return parsed;
  });
  return { read, notices };
}

const nameOf = ({ layers }: FlatGraph, layer = -1) => layers[layer]?.raw.name ?? '';

/**
 * Builds the topology of a parsed model.
 *
 * Throws MODEL_MALFORMED (references, names, connections), MODEL_CYCLE, MODEL_TOO_LARGE, LAYER_UNKNOWN or LAYER_INVALID; each names the layer and has
 * a JSON pointer where the place is known. No memory is allocated for parameters.
 */
export function buildTopology(parsed: RawModel, options: BuildOptions = {}): Topology {
  const raw = assumeInputShapes(parsed, options.inputShapes);
  const limits = { ...defaultLimits, ...options.limits };
  const whole = flatten(raw, limits);
  topologicalOrder(whole.calls.map(needsOf), (position) => nameOf(whole, whole.calls[position]?.layer));
  const { flat, notices: unused } = dropUnused(whole, (layer) => nameOf(whole, layer));
  const { read: posted, notices } = readLayers(flat.layers);
  const layerOf = (position: number) => posted[flat.calls[position]?.layer ?? -1] as ReadLayer;
  const graph = { ...flat, raw, layerOf };
  checkInputs(graph);
  const postedOrder = topologicalOrder(flat.calls.map(needsOf), (position) => layerOf(position).name);
  const unmasked = { read: posted, calls: flat.calls, order: postedOrder, outputs: flat.outputs };
  const { read, calls, order, outputMasks } = addMasks(unmasked, options.masks ?? 'tfjs');
  const inputShapes = fixInputShapes(graph, options.inputShapes);
  const { shapes, params } = infer(read, calls, order, { style: options.style ?? 'tfjs-layers', limits, inputShapes });
  params.flat().forEach(checkInitializer);

  const ids = new Map(order.map((position, id) => [position, id]));
  const id = (position: number) => ids.get(position) as number;
  return {
    name: raw.name,
    layers: read.map(({ flat: { raw: layer }, name, scope, className, config, trainable }, position): Layer => {
      const source = { scope, className, config: layer.config };
      return { name, className, config, params: params[position] ?? [], trainable, source };
    }),
    nodes: order.map((position): Node => {
      const { layer, inputs, call, masks, of } = calls[position] as FlatCall;
      return {
        id: id(position),
        layer,
        inputs: inputs.map(id),
        call,
        ...(masks ? { masks: masks.map((mask) => (mask === null ? null : id(mask))) } : {}),
        ...(of ? { of: { node: id(of.call), output: of.output } } : {}),
        shape: shapes[position] as Shape,
      };
    }),
    inputs: flat.inputs.map(id),
    inputDtypes: inputDtypes(graph),
    outputs: flat.outputs.map(id),
    ...(outputMasks && { outputMasks: outputMasks.map((mask) => (mask === null ? null : id(mask))) }),
    notices: [...unused, ...notices],
  };
}
