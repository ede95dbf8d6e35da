/** Infers the shapes of all calls of a flat graph in order, and declares the parameters under their final names. */
import type { ConfigReader } from './config-reader.ts';
import { type FlatCall, type FlatLayer, malformed } from './flatten.ts';
import type { CallArguments, LayerSpec } from './layer-spec.ts';
import { inLayer } from './layers/misfit.ts';
import { countElements, type TopologyLimits, tooLarge } from './limits.ts';
import type { NamingStyle } from './raw-model.ts';
import type { LayerParam, Param, Shape } from './topology.ts';

/** A layer whose configuration has been read, before its inputs are known. */
export interface ReadLayer {
  readonly flat: FlatLayer;
  /** Unique in the topology. */
  readonly name: string;
  /** Prefix of the names of its parameters; unique too. */
  readonly scope: string;
  readonly className: string;
  readonly spec: LayerSpec<unknown>;
  readonly reader: ConfigReader;
  readonly config: unknown;
  readonly trainable: boolean;
}

export interface Inferred {
  /** Output shape of every call, by its position. */
  readonly shapes: readonly Shape[];
  /** Parameters of every layer, by its position. */
  readonly params: readonly (readonly Param[])[];
}

const sameShape = (a: Shape, b: Shape) => a.length === b.length && a.every((extent, axis) => extent === b[axis]);

const showParams = (params: readonly LayerParam[]) => params.map(({ key, shape }) => `${key} [${shape}]`).join(', ');

/**
 * Shapes and parameters. `inputShapes` overrides the shapes that the InputLayers at these positions declare.
 *
 * Throws LAYER_INVALID where a layer does not fit its input, and MODEL_TOO_LARGE where a limit is exceeded.
 */
export function infer(
  layers: readonly ReadLayer[],
  calls: readonly FlatCall[],
  order: readonly number[],
  options: { style: NamingStyle; limits: TopologyLimits; inputShapes: ReadonlyMap<number, Shape> },
): Inferred {
  const { limits, style } = options;
  const shapes: Shape[] = new Array(calls.length);
  const declared = new Map<number, readonly LayerParam[]>();
  let total = 0;

  function declare(position: number, layer: ReadLayer, inputs: readonly Shape[], call: CallArguments): void {
    const params = inLayer(layer.reader, () => layer.spec.params(layer.config, inputs, call));
    const earlier = declared.get(position);
    if (!earlier) {
      total += params.reduce((sum, { shape }) => sum + countElements(shape), 0);
      if (total > limits.maxParameters) refuseParameters(layer, params, limits.maxParameters);
      declared.set(position, params);
    } else if (!params.every((param, index) => sameShape(param.shape, earlier[index]?.shape ?? []))) {
      layer.reader.fail(
        'input',
        `is shared by calls that need different parameters: ${showParams(earlier)} and ${showParams(params)}`,
      );
    }
  }

  for (const position of order) {
    const call = calls[position] as FlatCall;
    const layer = layers[call.layer] as ReadLayer;
    const inputs = call.inputs.map((input) => shapes[input] as Shape);
    declare(call.layer, layer, inputs, call.call);
    const shape = options.inputShapes.get(position) ?? outputShape(layer, call, inputs);
    checkOutput(layer, shape, limits);
    shapes[position] = shape;
  }
  return { shapes, params: nameParams(layers, declared, style) };
}

/** Throws MODEL_MALFORMED for an output that the layer does not have. */
function outputShape({ name, spec, config, reader, flat }: ReadLayer, { call, of }: FlatCall, inputs: Shape[]): Shape {
  return inLayer(reader, () => {
    if (of === undefined) return spec.outputShape(config, inputs, call);
    const further = spec.furtherShapes?.(config, inputs, call) ?? [];
    const count = further.length === 0 ? 'one output' : `${further.length + 1} outputs`;
    const what = `layer "${name}" (${flat.raw.className}): output ${of.output} is used`;
    return further[of.output - 1] ?? malformed(flat.raw.pointer, `${what}, but the layer has ${count}`);
  });
}

function refuseParameters({ name, className }: ReadLayer, params: readonly LayerParam[], limit: number): never {
  return tooLarge(
    `layer "${name}" (${className}): with ${showParams(params)} the model has more than ${limit} parameters`,
    { layer: name, limit },
  );
}

function checkOutput({ name, className, reader }: ReadLayer, shape: Shape, limits: TopologyLimits): void {
  const empty = shape.some((extent) => extent !== null && !(extent >= 1));
  if (empty)
    reader.fail('input', `is too small: the output would have the shape [${shape.map((extent) => extent ?? '?')}]`);
  const elements = countElements(shape);
  if (elements > limits.maxOutputElements) {
    const limit = limits.maxOutputElements;
    tooLarge(`layer "${name}" (${className}): an output of [${shape}] has more than ${limit} elements`, {
      layer: name,
      limit,
    });
  }
}

function nameParams(
  layers: readonly ReadLayer[],
  declared: ReadonlyMap<number, readonly LayerParam[]>,
  style: NamingStyle,
): Param[][] {
  return layers.map(({ name, scope, trainable, spec, config, flat }, position) => {
    const counts = new Map<string, number>();
    return (declared.get(position) ?? []).map((param) => {
      const key = style === 'keras3' ? (spec.keras3Key?.(config, param.key) ?? param.key) : param.key;
      const inside = (spec.keras3Group?.(config, param.key) ?? '').split('/').filter((part) => part !== '');
      const group = [flat.store, ...inside, 'vars'].join('/');
      const index = counts.get(group) ?? 0;
      counts.set(group, index + 1);
      const stored = `${group}/${index}`;
      return { ...param, name: `${scope}/${key}`, layer: name, group: trainable ? param.group : 'none', stored };
    });
  });
}
