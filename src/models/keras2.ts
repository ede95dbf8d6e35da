/** Topologies of Keras 2 (tf.keras, tf_keras): `batch_input_shape`, calls as lists, functions of TensorFlow as TFOpLambda. */
import type { JsonObject } from '../json.ts';
import { ownValue } from '../json.ts';
import { readModel } from './container.ts';
import type { Dialect } from './layer-entries.ts';
import type { ModelFormat } from './model-format.ts';
import { keras2Arguments } from './operations/read-operation.ts';
import { refuseOperation } from './operations/refuse-operation.ts';
import { tensorflowSignatures } from './operations/tensorflow-signatures.ts';
import { renameWords } from './words.ts';

/** TensorFlow 2 computes the sample positions of bilinear interpolation as Keras 3 does. */
const words = { hard_sigmoid: 'hard_sigmoid', bilinear: 'bilinear_keras3' };

const operationClasses: ReadonlySet<string> = new Set(['TFOpLambda', 'SlicingOpLambda']);

function functionName(config: JsonObject): string {
  const name = ownValue(config, 'function') ?? ownValue(config, 'name') ?? '';
  return String(name)
    .replace(/^tf\./, '')
    .replace(/^compat\.v1\./, '')
    .replace(/_\d+$/, '');
}

/** Defaults of Keras 2 for options that a topology omits. */
const defaults: Readonly<Record<string, JsonObject>> = {
  LSTM: { recurrent_activation: 'sigmoid' },
  GRU: { recurrent_activation: 'sigmoid', reset_after: true },
};

const dialect: Dialect = {
  style: 'keras3',
  normalise: (className, config) => ({
    className,
    config: { ...defaults[className], ...renameWords(config, words) },
  }),
  signatureOf: (className, _json, config) => {
    if (!operationClasses.has(className)) return undefined;
    const name = functionName(config);
    return tensorflowSignatures.get(name) ?? refuseOperation(String(config.name), `tf.${name}`);
  },
  argumentsOf: keras2Arguments,
  nestedPrefix: false,
};

const version = (json: JsonObject) => String(ownValue(json, 'keras_version') ?? '');

export const keras2: ModelFormat = {
  name: 'keras2',
  summary: 'Keras 2 (tf.keras, tf_keras): model.to_json() of Sequential and Functional models',
  style: 'keras3',
  masks: 'keras2',
  detect: (json) =>
    /^2\./.test(version(json)) || (ownValue(json, 'class_name') !== undefined && Object.hasOwn(json, 'module')),
  parse: (json, pointer) => readModel(json, pointer, dialect),
};
