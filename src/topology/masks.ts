/**
 * Masks as in Keras: they mark the steps of a sequence that count. Embedding (mask_zero) and Masking create masks, most layers propagate the mask of
 * their first input, recurrent layers, attention and average pooling use masks, and all other layers drop them. A mask is a separate node, 1 for
 * steps that count, else 0, and is added only where a layer uses it.
 *
 *   Embedding      id != 0
 *   Masking        any feature != mask_value
 *   Add and kin    Keras 3: any of the masks, where every input has one; Keras 2 and TensorFlow.js: all of the masks that there are
 *   Concatenate    along the features as Add, but for an input without a mask, which in Keras 3 counts everywhere; along the steps one after the other
 *
 * The loss of a masked output leaves steps out in Keras: `outputMasks` says by which nodes. TensorFlow.js takes losses without masks.
 */
import { ndarray } from '../ndarray.ts';
import type { FlatCall } from './flatten.ts';
import type { ReadLayer } from './infer.ts';
import type { ConcatenateConfig } from './layers/concatenate.ts';
import { type Mask, MaskBuilder, type MaskedGraph, type UnmaskedGraph } from './mask-builder.ts';
import type { Operand } from './operations/operands.ts';

const handOn: ReadonlySet<string> = new Set([
  ...[
    'Activation',
    'ELU',
    'LeakyReLU',
    'PReLU',
    'ReLU',
    'Softmax',
    'ThresholdedReLU',
    'Dense',
    'Identity',
    'Dropout',
    'SpatialDropout1D',
    'SpatialDropout2D',
    'SpatialDropout3D',
  ],
  ...[
    'GaussianDropout',
    'GaussianNoise',
    'AlphaDropout',
    'ActivityRegularization',
    'LayerNormalization',
    'BatchNormalization',
  ],
  ...[
    'GroupNormalization',
    'UnitNormalization',
    'Normalization',
    'Rescaling',
    'TimeDistributed',
    'MultiHeadAttention',
    'GroupQueryAttention',
  ],
  ...['Attention', 'AdditiveAttention'],
]);

/** Whose rules masks follow. */
export type MaskRules = 'keras3' | 'keras2' | 'tfjs';

const merges: ReadonlySet<string> = new Set(['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum']);
const sequences: ReadonlySet<string> = new Set([
  'SimpleRNN',
  'GRU',
  'LSTM',
  'RNN',
  'ConvLSTM1D',
  'ConvLSTM2D',
  'ConvLSTM3D',
  'Bidirectional',
]);

/** Classes whose forward functions use masks. */
const users: ReadonlySet<string> = new Set([
  ...sequences,
  ...['GlobalAveragePooling1D', 'Attention', 'AdditiveAttention', 'MultiHeadAttention', 'GroupQueryAttention'],
]);

const scalar = (value: number): Operand => ({ name: 'x2', constant: ndarray('float32', [], Float32Array.of(value)) });

interface MaskRequest {
  readonly layer: ReadLayer;
  readonly call: FlatCall;
  /** The masks of its inputs. */
  readonly given: readonly (Mask | null)[];
  readonly rules: MaskRules;
}

function maskOf(builder: MaskBuilder, request: MaskRequest): Mask | null {
  const { layer, call, given, rules } = request;
  const { className, config } = layer;
  const [first = null] = given;
  const [input] = call.inputs as [number];
  // Operations drop masks, also those that are computed as a layer.
  if (call.call.asOperation === true) return null;
  if (className === 'Embedding')
    return (config as { maskZero: boolean }).maskZero
      ? builder.operation('not_equal', layer, () => [input], [scalar(0)])
      : null;
  if (className === 'Masking') {
    const { maskValue } = config as { maskValue: number };
    const differs = builder.operation('not_equal', layer, () => [input], [scalar(maskValue)]);
    return builder.operation('any', layer, () => [differs()], [], { axis: -1 });
  }
  if (merges.has(className)) return mergedMask(builder, request);
  if (className === 'Concatenate') return concatenatedMask(builder, request);
  if (sequences.has(className)) return returnsSequences(config) ? first : null;
  return handsOn(className, rules) ? first : null;
}

/** Layers that only Keras 3 lets masks through. */
const handOnSinceKeras3: ReadonlySet<string> = new Set(['Identity', 'Normalization', 'Rescaling']);

const handsOn = (className: string, rules: MaskRules): boolean =>
  handOn.has(className) && (rules === 'keras3' || !handOnSinceKeras3.has(className));

/** Steps that count in any (Keras 3) or in all (before) of the masks that there are; null where an input without one makes all count. */
function mergedMask(builder: MaskBuilder, { layer, given, rules }: MaskRequest): Mask | null {
  const known = given.filter((mask) => mask !== null);
  if (known.length === 0 || (rules === 'keras3' && known.length < given.length)) return null;
  const operation = rules === 'keras3' ? 'logical_or' : 'logical_and';
  return known.reduce((a, b) => (a === b ? a : builder.operation(operation, layer, () => [a(), b()])));
}

/** Inputs are taken as [steps, features]. */
function concatenatedMask(builder: MaskBuilder, request: MaskRequest): Mask | null {
  const { layer, call, given, rules } = request;
  if (given.every((mask) => mask === null)) return null;
  const { axis } = layer.config as ConcatenateConfig;
  if (axis === -1 || axis === 2) return mergedMask(builder, request);
  if (axis !== 1 && axis !== -2)
    return () =>
      layer.reader.fail(
        'axis',
        'joins masked inputs, of which a later layer or the loss uses the mask: give -1, 1 or 2',
      );
  if (rules !== 'keras3' && given.includes(null))
    return () => layer.reader.fail('input', 'joins steps with and without a mask, which this version of Keras cannot');
  const masks = call.inputs.map((input, index) => given[index] ?? everyStep(builder, layer, input));
  return builder.joined(layer, masks);
}

/** A mask of ones with the steps of an input. */
function everyStep(builder: MaskBuilder, layer: ReadLayer, input: number): Mask {
  const isItself = builder.operation('equal', layer, () => [input, input]);
  return builder.operation('any', layer, () => [isItself()], [], { axis: -1 });
}

function returnsSequences(config: unknown): boolean {
  const { returnSequences, forward } = config as {
    returnSequences?: boolean;
    forward?: { config: { returnSequences: boolean } };
  };
  return returnSequences ?? forward?.config.returnSequences ?? false;
}

/**
 * The graph with the masks that its layers use; the same graph where there is no mask.
 *
 * Throws LAYER_INVALID for batch normalisation of a masked input, because Keras excludes masked steps from its statistics.
 */
export function addMasks(graph: UnmaskedGraph, rules: MaskRules): MaskedGraph {
  const makesMasks = graph.read.some(
    ({ className, config }) => className === 'Masking' || (config as { maskZero?: boolean } | null)?.maskZero === true,
  );
  const passesMasks = graph.calls.some(({ masks }) => masks !== undefined);
  if (!makesMasks && !passesMasks) return { ...graph, outputMasks: null };
  const builder = new MaskBuilder(graph);
  const masks = new Map<number, Mask | null>();
  for (const position of graph.order) {
    const call = graph.calls[position] as FlatCall;
    const layer = graph.read[call.layer] as ReadLayer;
    const given = call.inputs.map((input, index): Mask | null => {
      const passed = call.masks?.[index] ?? null;
      return passed === null ? (masks.get(input) ?? null) : () => passed;
    });
    if (layer.className === 'BatchNormalization' && layer.trainable && given[0])
      layer.reader.fail(
        'input',
        'is masked: statistics without the masked steps are not supported; freeze the layer (trainable: false) or remove the mask',
      );
    if (call.masks && !users.has(layer.className))
      layer.reader.fail('mask', 'is passed to the layer, which is not supported');
    masks.set(position, call.of ? null : maskOf(builder, { layer, call, given, rules }));
    const { masks: _, ...plain } = call;
    const used = users.has(layer.className) && given.some((mask) => mask !== null);
    builder.visit(position, used ? { ...plain, masks: given.map((mask) => mask?.() ?? null) } : plain);
  }
  const ofOutput = (position: number) => (rules === 'tfjs' ? null : (masks.get(position) ?? null));
  return builder.finish(graph.outputs, graph.outputs.map(ofOutput));
}
