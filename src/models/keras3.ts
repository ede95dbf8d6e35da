/** Topologies as Keras 3 writes them: `model.to_json()`, with `module`, `registered_name`, `batch_shape`, dtype policies and calls as `{ args, kwargs }`. */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { readModel } from './container.ts';
import { operationAsLayer } from './keras-operations.ts';
import type { Dialect } from './layer-entries.ts';
import type { ModelFormat } from './model-format.ts';

/** Keras 3 means relu6(x + 3) / 6 where Keras 2 and tfjs mean clip(0.2 x + 0.5, 0, 1). */
function renameHardSigmoid(value: Json): Json {
  if (value === 'hard_sigmoid') return 'hard_sigmoid_keras3';
  return isJsonObject(value) && value.config === 'hard_sigmoid' ? 'hard_sigmoid_keras3' : value;
}

/** The words that mean something else in tfjs; UpSampling2D's bilinear samples also lie elsewhere (src/topology/layers/up-sampling.ts). */
function renameEntry(key: string, value: Json): Json {
  if (key.endsWith('activation')) return renameHardSigmoid(value);
  return key === 'interpolation' && value === 'bilinear' ? 'bilinear_keras3' : renameWords(value);
}

/** Wrappers hold layers inside their configuration, so words are renamed at every level. */
function renameWords(value: Json): Json {
  if (Array.isArray(value)) return value.map(renameWords);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, renameEntry(key, entry)]));
}

const dialect: Dialect = {
  style: 'keras3',
  normalise: (className, config) => operationAsLayer(className, renameWords(config) as JsonObject),
};

const marks = ['module', 'registered_name', 'build_config', 'compile_config'];

export const keras3: ModelFormat = {
  name: 'keras3',
  summary: 'Keras 3: model.to_json() of Sequential and Functional models',
  style: 'keras3',
  detect: (json) => marks.some((key) => Object.hasOwn(json, key)),
  parse: (json, pointer) => readModel(json, pointer, dialect),
};
