/**
 * What becomes of the entries of a configuration that no reader asked for: those that cannot change what the network computes are passed over, those
 * that act on the training alone become notices, and all others are refused, so that nothing is lost in silence.
 */
import { isJsonObject, type Json, ownValue } from '../json.ts';
import type { ConfigReader } from './config-reader.ts';
import type { Notice } from './topology.ts';

/** Names, places, numeric precision and ways of computing the same thing. */
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
  // Of batch renormalisation, which is refused where it is on.
  'renorm_clipping',
  'renorm_momentum',
  'zero_output_for_mask',
  // Shapes that an attention layer of Keras 2 was built for.
  'query_shape',
  'key_shape',
  'value_shape',
]);

/** Values with which an option changes nothing. */
const neutral: Readonly<Record<string, Json>> = { groups: 1 };

/** null, false, and lists and objects of nothing: an option that is not used. */
const isOff = (value: Json): boolean =>
  value === null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);

const snakeCase = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A penalty whose strengths are all 0 is none. */
function isNoPenalty(value: Json): boolean {
  const config = isJsonObject(value) ? ownValue(value, 'config') : undefined;
  return isJsonObject(config) && Object.values(config).every((strength) => strength === 0 || strength === null);
}

/** Throws LAYER_INVALID with the layer, the key and the way out for an entry that would change the network. */
export function settleLeftovers(reader: ConfigReader): Notice[] {
  const notices: Notice[] = [];
  for (const { reader: at, key, value } of reader.unread()) {
    const name = snakeCase(key);
    // An initializer that no reader asked for belongs to a parameter that the layer does not have.
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
