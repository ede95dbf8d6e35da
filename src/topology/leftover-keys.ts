/**
 * Treats the entries of a configuration that were not read: entries that cannot change the output are ignored, entries that affect only training
 * become notices, and all others are refused, so that no option is dropped silently.
 */
import { isJsonObject, type Json, ownValue } from '../json.ts';
import type { ConfigReader } from './config-reader.ts';
import type { Notice } from './topology.ts';

/** Names, shapes, numeric precision, and alternative ways of computing the same output. */
const harmless: ReadonlySet<string> = new Set([
  'name',
  'trainable',
  'dtype',
  'autocast',
  'module',
  'registered_name',
  'build_config',
  'batch_input_shape',
  'batch_shape',
  'batch_size',
  'input_shape',
  'input_dtype',
  'input_dim',
  'input_length',
  'ragged',
  'optional',
  'supports_masking',
  'synchronized',
  'fused',
  'implementation',
  'unroll',
  'consume_less',
  'seed',
  'noise_shape',
  'dropout',
  'recurrent_dropout',
  'flash_attention',
  'data_format',
  // An option of batch renormalisation, which is refused when it is on.
  'renorm_clipping',
  'renorm_momentum',
  'zero_output_for_mask',
  // Shapes for which an attention layer of Keras 2 was built.
  'query_shape',
  'key_shape',
  'value_shape',
]);

/** Values with which an option has no effect. */
const neutral: Readonly<Record<string, Json>> = { groups: 1 };

/** True for null, false, and lists and objects of such values: an option that is not used. */
const isOff = (value: Json): boolean =>
  value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);

const snakeCase = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** True for a penalty whose strengths are all 0. */
function isNoPenalty(value: Json): boolean {
  const config = isJsonObject(value) ? ownValue(value, 'config') : undefined;
  return isJsonObject(config) && Object.values(config).every((strength) => strength === 0 || strength === null);
}

/** Returns notices. Throws LAYER_INVALID naming the layer, the key and the alternative for an entry that would change the output. */
export function settleLeftovers(reader: ConfigReader): Notice[] {
  const notices: Notice[] = [];
  for (const { reader: at, key, value } of reader.unread()) {
    const name = snakeCase(key);
    // An initializer that was not read belongs to a parameter that the layer does not have.
    if (harmless.has(name) || isOff(value) || neutral[name] === value || name.endsWith('_initializer')) continue;
    if (name === 'activity_regularizer') {
      if (isNoPenalty(value)) continue;
      at.fail(
        key,
        'must be null: a penalty on outputs is not part of the loss here; add it again after the weights are loaded',
      );
    } else if (name.endsWith('_regularizer')) {
      if (!isNoPenalty(value)) notices.push({ layer: at.layerName, message: `${key} is not part of the loss` });
    } else if (name.endsWith('_constraint')) {
      notices.push({ layer: at.layerName, message: `${key} is not applied: it acts on the updates of a training` });
    } else {
      at.fail(
        key,
        'is not an option that this class is read with; remove it if the layer computes the same without it',
      );
    }
  }
  return notices;
}
