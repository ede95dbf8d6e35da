/** Converts layer configurations to the form that tfjs-layers reads. */

import { isJsonObject, type Json, type JsonObject, ownValue } from '../json.ts';
import { type ActivationName, readActivation } from '../topology/activations.ts';
import { ConfigReader } from '../topology/config-reader.ts';
import { type Initializer, parseInitializer } from '../topology/initializers.ts';

/** Throws an error with the reason why a layer has no equivalent in tfjs. */
export type Refuse = (reason: string) => never;

/** Conversion for one class, beyond the common one: refuses options that tfjs lacks, and renames keys. */
type Translate = (config: JsonObject, refuse: Refuse) => JsonObject;

/** Activation names of the catalogue that tfjs reads from JSON. */
const activations: ReadonlySet<ActivationName> = new Set([
  'linear',
  'relu',
  'relu6',
  'elu',
  'selu',
  'gelu',
  'softplus',
  'softsign',
  'tanh',
  'sigmoid',
  'hard_sigmoid',
  'swish',
  'mish',
  'softmax',
  'log_softmax',
] as const);

/** Keys of Keras 3 that have no meaning in tfjs. */
const dropped: ReadonlySet<string> = new Set([
  'dtype',
  'module',
  'registered_name',
  'build_config',
  'quantization_config',
  'batch_shape',
  'lora_rank',
  'seed',
  'synchronized',
  'backward_layer',
]);

const isSet = (value: Json | undefined) => value !== undefined && value !== null && value !== false;

const plain: Translate = () => ({});

/** Refuses the listed options unless they are null, false or the value that has no effect. */
const without =
  (checks: Record<string, Json>): Translate =>
  (config, refuse) => {
    for (const [key, harmless] of Object.entries(checks)) {
      const value = ownValue(config, key);
      if (isSet(value) && value !== harmless) refuse(`tfjs-layers has no ${key}`);
    }
    return {};
  };

const noGroups = without({ groups: 1 });

const conv1d: Translate = (config, refuse) => {
  if (config.padding === 'causal') refuse('tfjs-layers cannot compute causal padding');
  return noGroups(config, refuse);
};

/** True for 1, or a list of ones. */
const isOne = (value: Json | undefined) => [value ?? 1].flat().every((entry) => entry === 1);

const conv2dTranspose: Translate = (config, refuse) => {
  if (!isOne(ownValue(config, 'dilation_rate'))) refuse('tfjs-layers has no dilation_rate of transposed convolutions');
  return without({ output_padding: null, groups: 1 })(config, refuse);
};

/** Options of which tfjs reads a single number. */
const singleNumber =
  (...keys: string[]): Translate =>
  (config, refuse) => {
    const listed = keys.find((key) => Array.isArray(ownValue(config, key)));
    return listed === undefined ? {} : refuse(`tfjs-layers takes one number for ${listed}`);
  };

const leakyRelu: Translate = (config) => ({ alpha: ownValue(config, 'negative_slope', 'alpha') ?? 0.3 });

/** tfjs receives one layer, and derives the names of the two directions from its name. */
const bidirectional: Translate = (config, refuse) => {
  const {
    class_name,
    className,
    config: inner,
  } = isJsonObject(config.layer) ? config.layer : refuse('its layer is missing');
  if (!isJsonObject(inner)) return refuse('its layer has no configuration');
  const name = String(inner.name ?? 'layer').replace(/^forward_/, '');
  return { layer: wrapped({ class_name: class_name ?? className ?? null, config: { ...inner, name } }, refuse) };
};

const timeDistributed: Translate = (config, refuse) => ({
  layer: isJsonObject(config.layer) ? wrapped(config.layer, refuse) : refuse('its layer is missing'),
});

function wrapped(layer: JsonObject, refuse: Refuse): JsonObject {
  const className = ownValue(layer, 'class_name');
  const config = ownValue(layer, 'config');
  if (typeof className !== 'string' || !isJsonObject(config)) return refuse('its layer is malformed');
  return { class_name: className, config: toTfjsConfig(className, config, refuse) };
}

/** Every class of tfjs-layers that the catalogue knows, by its canonical name. */
const classes: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ...[
    'Activation',
    'Add',
    'AlphaDropout',
    'Average',
    'AveragePooling1D',
    'AveragePooling2D',
    'BatchNormalization',
    'Concatenate',
    'Cropping2D',
    'Dense',
    'Dot',
    'Dropout',
    'ELU',
    'Embedding',
    'Flatten',
    'GaussianDropout',
    'GaussianNoise',
    'LSTM',
    'MaxPooling1D',
    'MaxPooling2D',
    'Maximum',
    'Minimum',
    'Multiply',
    'PReLU',
    'Permute',
    'RepeatVector',
    'Reshape',
    'SimpleRNN',
    'SpatialDropout1D',
    'ThresholdedReLU',
    'ZeroPadding2D',
  ].map((name): [string, Translate] => [name, plain]),
  ...['GlobalAveragePooling1D', 'GlobalAveragePooling2D', 'GlobalMaxPooling1D', 'GlobalMaxPooling2D'].map(
    (name): [string, Translate] => [name, without({ keepdims: false })],
  ),
  ...['Conv2D', 'Conv3D', 'DepthwiseConv2D', 'SeparableConv2D'].map((name): [string, Translate] => [name, noGroups]),
  ['Conv1D', conv1d],
  ['Conv2DTranspose', conv2dTranspose],
  ['Rescaling', singleNumber('scale', 'offset')],
  ['Softmax', singleNumber('axis')],
  ['ReLU', without({ negative_slope: 0, threshold: 0 })],
  ['LeakyReLU', leakyRelu],
  ['LayerNormalization', without({ rms_scaling: false })],
  ['UpSampling2D', without({ interpolation: 'nearest' })],
  ['GRU', without({ reset_after: false })],
  ['Bidirectional', bidirectional],
  ['TimeDistributed', timeDistributed],
]);

function initializer(parsed: Initializer): JsonObject {
  switch (parsed.kind) {
    case 'constant':
      return { class_name: 'Constant', config: { value: parsed.value } };
    case 'normal': {
      const config = { mean: parsed.mean, stddev: parsed.stddev, seed: null };
      return { class_name: parsed.truncated ? 'TruncatedNormal' : 'RandomNormal', config };
    }
    case 'uniform':
      return { class_name: 'RandomUniform', config: { minval: parsed.min, maxval: parsed.max, seed: null } };
    case 'variance-scaling': {
      const mode = { fanIn: 'fan_in', fanOut: 'fan_out', fanAvg: 'fan_avg' }[parsed.mode];
      const distribution = parsed.distribution === 'uniform' ? 'uniform' : 'normal';
      return { class_name: 'VarianceScaling', config: { scale: parsed.scale, mode, distribution, seed: null } };
    }
    case 'orthogonal':
      return { class_name: 'Orthogonal', config: { gain: parsed.gain, seed: null } };
    case 'identity':
      return { class_name: 'Identity', config: { gain: parsed.gain } };
    case 'unit-forget-bias':
      return initializer(parsed.rest);
  }
}

const constraintClasses: ReadonlySet<string> = new Set(['MaxNorm', 'UnitNorm', 'NonNeg', 'MinMaxNorm']);

/** A regularizer or constraint. Both act in training only, so that one unknown to tfjs is omitted. */
function objectOf(value: Json, translate: (className: string, config: JsonObject) => JsonObject | null): Json {
  if (!isJsonObject(value)) return null;
  const className = ownValue(value, 'class_name');
  const config = ownValue(value, 'config') ?? {};
  return typeof className === 'string' && isJsonObject(config) ? translate(className, config) : null;
}

const regularizer = (value: Json) =>
  objectOf(value, (className, config) => {
    const strength = (key: string) => ownValue(config, key) ?? 0;
    return /^l1l2$|^l1$|^l2$/i.test(className)
      ? { class_name: 'L1L2', config: { l1: strength('l1'), l2: strength('l2') } }
      : null;
  });

const constraint = (value: Json) =>
  objectOf(value, (className, config) => (constraintClasses.has(className) ? { class_name: className, config } : null));

function activation(key: string, config: JsonObject, refuse: Refuse): Json {
  const name = readActivation(new ConfigReader('', '', config, ''), key);
  if (typeof name !== 'string') return refuse(`tfjs-layers takes no layer (${name.className}) as an activation`);
  return activations.has(name) ? name : refuse(`tfjs-layers has no activation ${name}`);
}

/** The configuration for tfjs of a layer of class `className` (canonical). Calls `refuse` where tfjs has no equivalent. */
export function toTfjsConfig(className: string, config: JsonObject, refuse: Refuse): JsonObject {
  const translate = classes.get(className) ?? refuse(`tfjs-layers has no layer ${className}`);
  const result: JsonObject = {};
  for (const [camelOrSnake, value] of Object.entries(config)) {
    const key = camelOrSnake.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (dropped.has(key)) continue;
    if (key.endsWith('_initializer'))
      result[key] = value === null ? null : initializer(parseInitializer(value, refuse));
    else if (key.endsWith('_regularizer')) result[key] = regularizer(value);
    else if (key.endsWith('_constraint')) result[key] = constraint(value);
    else if (key.endsWith('activation')) result[key] = activation(camelOrSnake, config, refuse);
    else result[key] = value;
  }
  return { ...result, ...translate(result, refuse) };
}
