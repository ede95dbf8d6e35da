/**
 * The activation functions of topologies, as data: every spelling of tfjs and Keras is mapped to one name; a layer without trained parameters may
 * replace a name. src/engine/network/activations.ts computes them.
 */
import { type ConfigReader, isJsonObject, type Json, show } from './config-reader.ts';
import { elu, leakyRelu, type ReluConfig, relu } from './layers/rectifiers.ts';

/**
 * Name -> other spellings. `hard_sigmoid` is clip(0.2 x + 0.5, 0, 1), as in tfjs and Keras 2. In Keras 3 the same name means relu6(x + 3) / 6, so
 * that its parser renames it to `hard_sigmoid_keras3`.
 */
const spellings = {
  linear: [],
  relu: [],
  relu6: [],
  leaky_relu: ['leakyRelu', 'leakyrelu'],
  elu: [],
  selu: [],
  celu: [],
  gelu: [],
  gelu_new: ['geluNew'],
  softplus: [],
  softsign: [],
  tanh: [],
  tanh_shrink: ['tanhShrink'],
  hard_tanh: ['hardTanh'],
  sigmoid: [],
  log_sigmoid: ['logSigmoid'],
  hard_sigmoid: ['hardSigmoid'],
  hard_sigmoid_keras3: [],
  swish: ['silu'],
  hard_swish: ['hardSwish', 'hard_silu', 'hardSilu'],
  mish: [],
  squareplus: [],
  exponential: ['exp'],
  softmax: [],
  log_softmax: ['logSoftmax'],
  hard_shrink: ['hardShrink'],
  soft_shrink: ['softShrink'],
  sparse_plus: ['sparsePlus'],
  sparse_sigmoid: ['sparseSigmoid'],
  sparsemax: [],
  glu: [],
} as const satisfies Record<string, readonly string[]>;

export type ActivationName = keyof typeof spellings;

/** A layer in the place of an activation: a rectifier with options but without trained parameters. */
export type LayerActivation =
  | { readonly className: 'ReLU'; readonly config: ReluConfig }
  | { readonly className: 'LeakyReLU'; readonly config: { readonly slope: number } }
  | { readonly className: 'ELU'; readonly config: { readonly alpha: number } };

export type ActivationRef = ActivationName | LayerActivation;

/** The canonical names. */
export const activationNames = Object.keys(spellings) as ActivationName[];

const bySpelling = new Map<string, ActivationName>(
  activationNames.flatMap((name) =>
    [name, ...spellings[name]].map((spelling): [string, ActivationName] => [spelling, name]),
  ),
);

/** The name in the forms "relu", { class_name: "relu", config: {} } and { class_name: "function", config: "relu" }. */
function activationWord(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return undefined;
  if (typeof value.config === 'string') return value.config;
  const word = Object.hasOwn(value, 'class_name') ? value.class_name : value.className;
  return typeof word === 'string' ? word : undefined;
}

/** Throws LAYER_INVALID for an object that is neither a name nor one of these layers. */
function readLayerActivation(config: ConfigReader, key: string): ActivationRef {
  const { className, reader } = config.nested(key);
  if (className === 'ReLU') return { className, config: relu.parse(reader) };
  if (className === 'LeakyReLU') return { className, config: leakyRelu.parse(reader) };
  if (className === 'ELU') return { className, config: elu.parse(reader) };
  if (className === 'Activation') return readActivation(reader);
  if (className === 'Softmax' && [undefined, -1].includes(reader.raw('axis') as number | undefined)) return 'softmax';
  const known = 'a name, ReLU, LeakyReLU, ELU, Softmax over the last axis or Activation';
  return config.fail(
    key,
    `is the layer ${className}; make it a layer of its own, after this one (an activation is ${known})`,
  );
}

const isLayer = (value: Json) =>
  isJsonObject(value) && isJsonObject(value.config) && Object.hasOwn(value.config, 'name');

/** The activation at `key`; `fallback` where it is absent or null. Functions that change the shape are allowed only in the layer Activation. */
export function readActivation(
  config: ConfigReader,
  key = 'activation',
  fallback: ActivationName = 'linear',
): ActivationRef {
  const value = config.raw(key) ?? fallback;
  if (isLayer(value)) return readLayerActivation(config, key);
  const name = bySpelling.get(activationWord(value) ?? '');
  if (name === 'glu' && config.className !== 'Activation')
    return config.fail(key, 'glu halves the last axis: apply it in a layer Activation of its own');
  return name ?? config.fail(key, `must be one of ${activationNames.join(', ')}, got ${show(value)}`);
}

/** The name of an activation, or the class of the layer in its place. */
export const activationLabel = (activation: ActivationRef): string =>
  typeof activation === 'string' ? activation : activation.className;
