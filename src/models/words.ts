/** Words that the dialects write alike and mean differently: they are renamed to words that mean one thing. */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';

/** What each dialect's word stands for in the catalogue. */
export interface Words {
  readonly hard_sigmoid: string;
  /** Samples of a bilinear enlargement lie at i / factor ('bilinear') or at (i + 1/2) / factor - 1/2 ('bilinear_keras3'). */
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

/** Wrappers hold layers inside their configuration, so words are renamed at every level. */
function renameAll(value: Json, words: Words): Json {
  if (Array.isArray(value)) return value.map((entry) => renameAll(entry, words));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, renameEntry(key, entry, words)]));
}

export const renameWords = (config: JsonObject, words: Words): JsonObject => renameAll(config, words) as JsonObject;
