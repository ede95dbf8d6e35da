/** Topologies of tfjs-layers and Keras 2: `model.toJSON()` in both key styles. */
import { ownValue } from '../json.ts';
import { readModel } from './container.ts';
import type { Dialect } from './layer-entries.ts';
import type { ModelFormat } from './model-format.ts';

const dialect: Dialect = { style: 'tfjs-layers', normalise: (className, config) => ({ className, config }) };

export const tfjsLayers: ModelFormat = {
  name: 'tfjs-layers',
  summary: 'TensorFlow.js layers and Keras 2: model.toJSON() in both key styles, or a model.json',
  style: 'tfjs-layers',
  masks: 'tfjs',
  detect: (json) => ownValue(json, 'class_name') !== undefined,
  parse: (json, pointer) => readModel(json, pointer, dialect),
};
