/** Finds the model inside the `model.json` of tfjs (with or without weights) and of the tensorflowjs converter. */

import { isJsonObject, type JsonObject, ownValue, show } from '../json.ts';
import { malformed } from '../topology/flatten.ts';
import { parseJson } from './parse-json.ts';

export interface Unwrapped {
  /** The object with class_name and config. */
  readonly model: JsonObject;
  /** JSON pointer to it. */
  readonly pointer: string;
}

/** Keys of the envelopes: model.json has modelTopology, inside which the converter writes model_config. The value of each may be a JSON text. */
const envelopes = ['modelTopology', 'model_topology', 'modelConfig', 'model_config'];

/** Opens the envelopes. Throws MODEL_MALFORMED, which also refuses TensorFlow graph models. */
export function unwrapModel(json: JsonObject): Unwrapped {
  let [model, pointer] = [json, ''];
  for (const key of envelopes) {
    if (!Object.hasOwn(model, key)) continue;
    const inner = model[key];
    pointer += `/${key}`;
    const value = typeof inner === 'string' ? parseJson(inner) : inner;
    model = isJsonObject(value) ? value : malformed(pointer, `${key} must be an object, got ${show(inner)}`);
  }
  if (ownValue(model, 'node') !== undefined || json.format === 'graph-model') {
    malformed(
      pointer,
      'the file holds a TensorFlow graph model, which has no initialisers; save the model as a layers model',
    );
  }
  return { model, pointer };
}
