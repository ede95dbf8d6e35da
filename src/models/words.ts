/** Renames values of options that have the same name but different meanings in the dialects to unambiguous names. */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';

/** The catalogue's name for the word of a dialect. */
export interface Words {
  readonly hard_sigmoid: string;
  /** Sample positions of bilinear interpolation: i / factor ('bilinear') or (i + 1/2) / factor - 1/2 ('bilinear_keras3'). */
  readonly bilinear: string;
}

function renameActivation(value: Json, { hard_sigmoid }: Words): Json {
  if (value === 'hard_sigmoid') return hard_sigmoid;
  if (isJsonObject(value) && value.config === 'hard_sigmoid') return hard_sigmoid;
  return isJsonObject(value) ? renameAll(value, { hard_sigmoid, bilinear: 'bilinear' }) : value;
}

function renameEntry(key: string, value: Json, words: Words): Json {
  if (key.endsWith('ctivation')) return renameActivation(value, words);
  return key === 'interpolation' && value === 'bilinear' ? words.bilinear : renameAll(value, words);
}

/** Renames at every level, because wrappers contain layers in their configuration. */
function renameAll(value: Json, words: Words): Json {
  if (Array.isArray(value)) return value.map((entry) => renameAll(entry, words));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, renameEntry(key, entry, words)]));
}

export const renameWords = (config: JsonObject, words: Words): JsonObject => renameAll(config, words) as JsonObject;
