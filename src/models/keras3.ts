/** Topologies of Keras 3: `model.to_json()`, with `module`, `registered_name`, `batch_shape`, dtype policies and calls as `{ args, kwargs }`. */
import { isJsonObject, type JsonObject, ownValue } from '../json.ts';
import { readModel } from './container.ts';
import type { Dialect } from './layer-entries.ts';
import type { ModelFormat } from './model-format.ts';
import { keras3Signatures } from './operations/keras3-signatures.ts';
import { keras3Arguments } from './operations/read-operation.ts';
import { refuseOperation } from './operations/refuse-operation.ts';
import { renameWords } from './words.ts';

/** hard_sigmoid is relu6(x + 3) / 6 in Keras 3, and clip(0.2 x + 0.5, 0, 1) in Keras 2 and tfjs. */
const words = { hard_sigmoid: 'hard_sigmoid_keras3', bilinear: 'bilinear_keras3' };

const isOperation = (json: JsonObject) =>
  typeof json.module === 'string' && /^keras\.(src\.)?(ops|activations)(\.|$)/.test(json.module);

const dialect: Dialect = {
  style: 'keras3',
  normalise: (className, config) => ({ className, config: renameWords(config, words) }),
  signatureOf: (className, json, config) =>
    isOperation(json)
      ? (keras3Signatures.get(className) ?? refuseOperation(String(config.name), className))
      : undefined,
  argumentsOf: keras3Arguments,
};

const marks = ['module', 'registered_name', 'build_config', 'compile_config'];

/** tf_keras since 2.13 writes `module` too, but also its version, which Keras 3 does not. */
const versionOf = (json: JsonObject) => String(ownValue(json, 'keras_version') ?? '');
const isKeras2 = (json: JsonObject) => /^2\./.test(versionOf(json));

/** True for layers with batch_input_shape and calls as lists, the form of Keras 2. */
function hasKeras2Layers(json: JsonObject): boolean {
  const config = ownValue(json, 'config');
  const layers = isJsonObject(config) && Array.isArray(config.layers) ? config.layers : [];
  return layers.some((layer) => {
    const inner = isJsonObject(layer) && isJsonObject(layer.config) ? layer.config : {};
    const nodes = isJsonObject(layer) && Array.isArray(layer.inbound_nodes) ? layer.inbound_nodes : [];
    return Object.hasOwn(inner, 'batch_input_shape') || nodes.some((node) => Array.isArray(node));
  });
}

export const keras3: ModelFormat = {
  name: 'keras3',
  summary: 'Keras 3: model.to_json() of Sequential and Functional models',
  style: 'keras3',
  masks: 'keras3',
  detect: (json) =>
    /^3\./.test(versionOf(json)) ||
    (marks.some((key) => Object.hasOwn(json, key)) && !isKeras2(json) && !hasKeras2Layers(json)),
  parse: (json, pointer) => readModel(json, pointer, dialect),
};
