/** The activation functions that topologies name, as data: every spelling of tfjs and Keras leads to one name. src/engine/network/activations.ts computes them. */
import { type ConfigReader, isJsonObject, type Json, show } from './config-reader.ts';

/**
 * Name -> other spellings. `hard_sigmoid` is that of tfjs and Keras 2, clip(0.2 x + 0.5, 0, 1); Keras 3 writes the same word for relu6(x + 3) / 6,
 * so its parser renames it to `hard_sigmoid_keras3`.
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
} as const satisfies Record<string, readonly string[]>;

export type ActivationName = keyof typeof spellings;

/** The canonical names. */
export const activationNames = Object.keys(spellings) as ActivationName[];

const bySpelling = new Map<string, ActivationName>(
  activationNames.flatMap((name) =>
    [name, ...spellings[name]].map((spelling): [string, ActivationName] => [spelling, name]),
  ),
);

/** The word inside the forms "relu", { class_name: "relu", config: {} } and { class_name: "function", config: "relu" }. */
function activationWord(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return undefined;
  if (typeof value.config === 'string') return value.config;
  const word = Object.hasOwn(value, 'class_name') ? value.class_name : value.className;
  return typeof word === 'string' ? word : undefined;
}

/** The activation at `key`; `fallback` where it is absent or null. */
export function readActivation(
  config: ConfigReader,
  key = 'activation',
  fallback: ActivationName = 'linear',
): ActivationName {
  const value = config.raw(key) ?? fallback;
  const name = bySpelling.get(activationWord(value) ?? '');
  return name ?? config.fail(key, `must be one of ${activationNames.join(', ')}, got ${show(value)}`);
}
