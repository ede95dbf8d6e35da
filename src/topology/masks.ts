/**
 * Masks as in Keras: they mark the steps of a sequence that count. Embedding (mask_zero) and Masking create masks, most layers propagate the mask of
 * their first input, recurrent layers, attention and average pooling use masks, and all other layers drop them. A mask is a separate node, 1 for
 * steps that count, else 0, and is added only where a layer uses it.
 *
 *   Embedding          id != 0
 *   Masking            any feature != mask_value
 *   Add and the like   one of the masks, where every input has one
 *   Concatenate        any of the masks along the last axis, where an input without a mask counts everywhere; along other axes: concatenated
 */
import { ndarray } from '../ndarray.ts';
import { ConfigReader } from './config-reader.ts';
import { findSpec } from './find-spec.ts';
import type { FlatCall } from './flatten.ts';
import type { ReadLayer } from './infer.ts';
import type { LayerSpec } from './layer-spec.ts';
import type { Operand } from './operations/operands.ts';
import { operationClass } from './operations/operation-spec.ts';
import { createNames } from './unique-names.ts';

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

export interface MaskedGraph {
  readonly read: readonly ReadLayer[];
  readonly calls: readonly FlatCall[];
  readonly order: readonly number[];
}

/** Returns the position of a mask; the mask is created by the first call. */
type Mask = () => number;

class MaskBuilder {
  readonly #read: ReadLayer[];
  readonly #calls: FlatCall[];
  readonly #order: number[] = [];
  readonly #names = createNames();

  constructor({ read, calls }: MaskedGraph) {
    this.#read = [...read];
    this.#calls = [...calls];
    for (const { name } of read) this.#names.claim(name, []);
  }

  visit(position: number, call: FlatCall): void {
    this.#calls[position] = call;
    this.#order.push(position);
  }

  /** Creates a mask that an operation computes from earlier calls. */
  operation(
    operation: string,
    source: ReadLayer,
    inputs: () => readonly number[],
    constants: readonly Operand[] = [],
    config = {},
  ): Mask {
    let known: number | undefined;
    return () => {
      known ??= this.#add(operation, source, inputs(), constants, config);
      return known;
    };
  }

  #add(
    operation: string,
    source: ReadLayer,
    inputs: readonly number[],
    constants: readonly Operand[],
    config: object,
  ): number {
    const className = operationClass(operation);
    const spec = findSpec(className) as LayerSpec<unknown>;
    const name = this.#names.claim(`${source.name}/mask`, []);
    const reader = new ConfigReader(name, className, { ...config }, '');
    const raw = { ...source.flat.raw, name, className, config: { ...config, name }, scope: name };
    const parsed = spec.parse(reader);
    this.#read.push({
      ...source,
      flat: { ...source.flat, raw },
      name,
      scope: name,
      className,
      spec,
      reader,
      config: parsed,
    });
    const named = inputs.map(
      (_, input): Operand => ({ name: spec.classNames[0].endsWith('any') ? 'x' : `x${input + 1}`, input }),
    );
    this.#calls.push({ layer: this.#read.length - 1, inputs, call: { operands: [...named, ...constants] } });
    this.#order.push(this.#calls.length - 1);
    return this.#calls.length - 1;
  }

  finish(): MaskedGraph {
    return { read: this.#read, calls: this.#calls, order: this.#order };
  }
}

const scalar = (value: number): Operand => ({ name: 'x2', constant: ndarray('float32', [], Float32Array.of(value)) });

function maskOf(builder: MaskBuilder, layer: ReadLayer, call: FlatCall, given: readonly (Mask | null)[]): Mask | null {
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
  if (merges.has(className)) {
    const known = given.filter((mask) => mask !== null);
    if (known.length < given.length || known.length === 0) return null;
    return known.reduce((a, b) => builder.operation('logical_or', layer, () => [a(), b()]));
  }
  if (className === 'Concatenate')
    return given.some((mask) => mask !== null) ? refuseConcatenation(layer, given) : null;
  if (sequences.has(className)) return returnsSequences(config) ? first : null;
  return handOn.has(className) ? first : null;
}

/** If all masks are equal, the result is that mask; otherwise it depends on the widths of the inputs and is refused. */
function refuseConcatenation(layer: ReadLayer, given: readonly (Mask | null)[]): Mask | null {
  const [first = null] = given;
  if (given.every((mask) => mask === first)) return first;
  return () => layer.reader.fail('input', 'joins inputs of different masks, which a later layer uses; mask them alike');
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
export function addMasks(graph: MaskedGraph): MaskedGraph {
  const makesMasks = graph.read.some(
    ({ className, config }) => className === 'Masking' || (config as { maskZero?: boolean } | null)?.maskZero === true,
  );
  const passesMasks = graph.calls.some(({ masks }) => masks !== undefined);
  if (!makesMasks && !passesMasks) return graph;
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
    masks.set(position, call.of ? null : maskOf(builder, layer, call, given));
    const { masks: _, ...plain } = call;
    const used = users.has(layer.className) && given.some((mask) => mask !== null);
    builder.visit(position, used ? { ...plain, masks: given.map((mask) => mask?.() ?? null) } : plain);
  }
  return builder.finish();
}
