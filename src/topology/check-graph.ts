/** Checks of a resolved graph that do not need shapes: the inputs, and that every layer contributes to an output. */
import { AppError } from '../errors.ts';
import { ownValue } from '../json.ts';
import { type FlatCall, type FlatGraph, malformed } from './flatten.ts';
import type { ReadLayer } from './infer.ts';
import type { InputLayerConfig } from './layers/input-layer.ts';
import { operationClass } from './operations/operation-spec.ts';
import type { RawLayer, RawModel } from './raw-model.ts';
import type { Notice, Shape } from './topology.ts';

export interface ResolvedGraph extends FlatGraph {
  readonly raw: RawModel;
  /** The layer that is applied by the call at `position`. */
  layerOf(position: number): ReadLayer;
}

const isInput = (layer: ReadLayer) => layer.className === 'InputLayer';

/** Checks that every InputLayer is listed exactly once as an input of the model, and that nothing else is. Throws MODEL_MALFORMED. */
export function checkInputs({ raw, calls, inputs, outputs, layerOf }: ResolvedGraph): void {
  const refuse = (problem: string) => malformed(raw.pointer, `model "${raw.name}" ${problem}`);
  if (outputs.length === 0) refuse('has no output');
  if (inputs.length === 0) refuse('has no input');
  const listed = new Set(inputs);
  if (listed.size < inputs.length) refuse('lists an input twice');
  for (const position of calls.keys()) {
    const layer = layerOf(position);
    if (isInput(layer) && !listed.has(position)) refuse(`does not list its InputLayer "${layer.name}" as an input`);
    if (!isInput(layer) && listed.has(position)) refuse(`lists "${layer.name}" as an input, which is no InputLayer`);
  }
}

/** Positions of the calls that a call depends on: its inputs, its masks, and the call of which it is a further output. */
export const needsOf = ({ inputs, masks, of }: FlatCall): number[] => [
  ...inputs,
  ...(masks ?? []).filter((mask) => mask !== null),
  ...(of ? [of.call] : []),
];

/**
 * Removes the layers of the posted model that no output depends on, as the frameworks do when they rebuild a model. Layers inside a used nested model
 * are kept: they are outputs of it that the outer model does not use.
 */
export function dropUnused(flat: FlatGraph, names: (layer: number) => string): { flat: FlatGraph; notices: Notice[] } {
  const reached = new Set([...flat.outputs, ...flat.inputs]);
  for (const position of reached) for (const need of needsOf(flat.calls[position] as FlatCall)) reached.add(need);
  const containerOf = (layer: number) => flat.layers[layer]?.path[0];
  const inUse = new Set([...reached].map((position) => (flat.calls[position] as FlatCall).layer));
  const modelsInUse = new Set([...inUse].map(containerOf));
  const isKept = (layer: number) => {
    const container = containerOf(layer);
    return inUse.has(layer) || (container !== undefined && modelsInUse.has(container));
  };
  const dropped = [...flat.layers.keys()].filter((layer) => !isKept(layer));
  const isCallKept = (call: FlatCall, position: number) =>
    reached.has(position) || (isKept(call.layer) && containerOf(call.layer) !== undefined);
  const keptCalls = [...flat.calls.keys()].filter((at) => isCallKept(flat.calls[at] as FlatCall, at));
  if (dropped.length === 0 && keptCalls.length === flat.calls.length) return { flat, notices: [] };
  const layers = renumber([...flat.layers.keys()].filter(isKept));
  const positions = renumber(keptCalls);
  const at = (position: number) => positions.get(position) as number;
  const calls = keptCalls.map((position): FlatCall => {
    const call = flat.calls[position] as FlatCall;
    return {
      ...call,
      layer: layers.get(call.layer) as number,
      inputs: call.inputs.map(at),
      ...(call.masks ? { masks: call.masks.map((mask) => (mask === null ? null : at(mask))) } : {}),
      ...(call.of ? { of: { ...call.of, call: at(call.of.call) } } : {}),
    };
  });
  return {
    flat: {
      layers: flat.layers.filter((_, layer) => isKept(layer)),
      calls,
      inputs: flat.inputs.map(at),
      outputs: flat.outputs.map(at),
    },
    notices: dropped.map((layer) => ({ layer: names(layer), message: 'is left out: no output depends on it' })),
  };
}

const renumber = (kept: readonly number[]) => new Map(kept.map((old, position) => [old, position]));

/** Sets the input shapes of a model that was never built to the shapes that the caller gives. */
export function assumeInputShapes(raw: RawModel, given: readonly Shape[] | undefined): RawModel {
  if (!given) return raw;
  const shapes = new Map(raw.inputs.map(({ layer }, index) => [layer, given[index]]));
  const layers = raw.layers.map((layer): RawLayer => {
    const shape = shapes.get(layer.name);
    const isOpen = layer.className === 'InputLayer' && !ownValue(layer.config, 'batch_input_shape', 'batch_shape');
    return shape && isOpen ? { ...layer, config: { ...layer.config, batch_input_shape: [null, ...shape] } } : layer;
  });
  return { ...raw, layers };
}

/** Checks the input shapes that the caller gives against those of the topology. Throws INVALID_INPUT or LAYER_INVALID. */
export function fixInputShapes(
  { inputs, layerOf }: ResolvedGraph,
  given: readonly Shape[] | undefined,
): Map<number, Shape> {
  if (!given) return new Map();
  if (given.length !== inputs.length) {
    throw new AppError(
      'INVALID_INPUT',
      `inputShapes: the model has ${inputs.length} inputs, got ${given.length} shapes`,
    );
  }
  return new Map(
    inputs.map((position, index) => {
      const { config, reader } = layerOf(position);
      const declared = (config as InputLayerConfig).shape;
      const shape = given[index] ?? [];
      const agrees = (extent: number | null, axis: number) => extent === null || extent === shape[axis];
      if (shape.length !== declared.length || !declared.every(agrees)) {
        const text = declared.map((extent) => extent ?? '?');
        reader.fail('batch_input_shape', `is [${['?', ...text]}]; samples of shape [${shape}] do not fit`);
      }
      return [position, shape];
    }),
  );
}

/**
 * The dtypes of the inputs. An input that only embeddings read holds token ids, whatever dtype the topology states (tfjs writes float32 when none was
 * given).
 */
export function inputDtypes({ calls, inputs, layerOf }: ResolvedGraph): ('float32' | 'int32')[] {
  const readers = new Map(inputs.map((position) => [position, [] as string[]]));
  calls.forEach((call, position) => {
    for (const input of call.inputs) readers.get(input)?.push(layerOf(position).className);
  });
  return inputs.map((position) => {
    const classes = readers.get(position) ?? [];
    // A mask compares the ids with 0, which does not count as a reader.
    const others = classes.filter((className) => className !== operationClass('not_equal'));
    const isTokens = others.length > 0 && others.every((className) => className === 'Embedding');
    return isTokens ? 'int32' : (layerOf(position).config as InputLayerConfig).dtype;
  });
}
