/** Topologies of Keras 1: its names of layers and options are converted to those of Keras 2. */
import { type Json, type JsonObject, ownValue } from '../json.ts';
import { malformed } from '../topology/flatten.ts';
import { readModel } from './container.ts';
import type { Dialect } from './layer-entries.ts';
import type { ModelFormat } from './model-format.ts';

const classes: Readonly<Record<string, string>> = {
  Convolution1D: 'Conv1D',
  Convolution2D: 'Conv2D',
  Convolution3D: 'Conv3D',
  AtrousConvolution1D: 'Conv1D',
  AtrousConvolution2D: 'Conv2D',
  Deconvolution2D: 'Conv2DTranspose',
  SeparableConvolution2D: 'SeparableConv2D',
};

const common: Readonly<Record<string, string>> = {
  init: 'kernel_initializer',
  bias: 'use_bias',
  W_regularizer: 'kernel_regularizer',
  b_regularizer: 'bias_regularizer',
  W_constraint: 'kernel_constraint',
  b_constraint: 'bias_constraint',
  border_mode: 'padding',
  subsample: 'strides',
  subsample_length: 'strides',
  atrous_rate: 'dilation_rate',
  nb_filter: 'filters',
  filter_length: 'kernel_size',
  inner_init: 'recurrent_initializer',
  inner_activation: 'recurrent_activation',
  U_regularizer: 'recurrent_regularizer',
  dropout_W: 'dropout',
  dropout_U: 'recurrent_dropout',
  beta_init: 'beta_initializer',
  gamma_init: 'gamma_initializer',
  p: 'rate',
  sigma: 'stddev',
  pool_length: 'pool_size',
  stride: 'strides',
  length: 'size',
};

const units: ReadonlySet<string> = new Set(['Dense', 'LSTM', 'GRU', 'SimpleRNN']);

/** Options of Keras 1 that Keras 2 does not have, with the only value that is accepted. */
const removedOptions: Readonly<Record<string, Json>> = { mode: 0, dim_ordering: 'tf', forget_bias_init: 'one' };

/** The merging layer of Keras 2 for each `mode` of Merge. */
const merges: Readonly<Record<string, string>> = {
  sum: 'Add',
  mul: 'Multiply',
  ave: 'Average',
  max: 'Maximum',
  concat: 'Concatenate',
};

const fail = (className: string, problem: string) =>
  malformed('', `${className} of Keras 1: ${problem}; save the model with Keras 2 first`);

function kernelSize(config: JsonObject): JsonObject {
  const size = ['nb_row', 'nb_col'].map((key) => config[key]);
  return size.every((extent) => typeof extent === 'number') ? { kernel_size: size as Json[] } : {};
}

function normalise(given: string, config: JsonObject): { className: string; config: JsonObject } {
  const isMerge = given === 'Merge';
  const className = isMerge
    ? (merges[String(config.mode)] ?? fail(given, `mode ${String(config.mode)} is not supported`))
    : (classes[given] ?? given);
  if (isMerge)
    return {
      className,
      config: {
        name: config.name ?? 'merge',
        ...(className === 'Concatenate' ? { axis: config.concat_axis ?? -1 } : {}),
      },
    };
  const renamed: JsonObject = { ...kernelSize(config), ...(className === 'BatchNormalization' ? {} : {}) };
  for (const [key, value] of Object.entries(config)) {
    if (key === 'nb_row' || key === 'nb_col') continue;
    if (Object.hasOwn(removedOptions, key)) {
      if (value !== removedOptions[key] && value !== null) fail(given, `${key} "${String(value)}" is not supported`);
    } else if (key === 'output_dim' && units.has(className)) renamed.units = value;
    else renamed[common[key] ?? key] = value;
  }
  return { className, config: renamed };
}

const dialect: Dialect = { style: 'tfjs-layers', normalise };

export const keras1: ModelFormat = {
  name: 'keras1',
  summary: 'Keras 1: model.to_json() of Sequential and Functional models in TensorFlow ordering',
  style: 'tfjs-layers',
  masks: 'keras2',
  detect: (json) => /^[01]\./.test(String(ownValue(json, 'keras_version') ?? '')),
  parse: (json, pointer) => readModel(json, pointer, dialect),
};
