/** Types of JSON values, and their texts for messages. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** True for plain JSON objects. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `kernel_size` -> `kernelSize`: the two key styles of topologies. */
export const camelCase = (key: string) => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The first own property of `object` among `keys`, each also in camelCase; undefined when there is none. */
export function ownValue(object: JsonObject, ...keys: readonly string[]): Json | undefined {
  for (const key of keys) {
    for (const name of [key, camelCase(key)]) if (Object.hasOwn(object, name)) return object[name];
  }
  return undefined;
}

/** A short text of a value for messages. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
