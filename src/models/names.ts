/** Names of layers and models: which are accepted, and which are generated for layers without one. */

import { type Json, show } from '../json.ts';
import { malformed } from '../topology/flatten.ts';

const MAX_LENGTH = 255;

/** The snake-case form of a class name, `Conv2DTranspose` -> `conv2_dtranspose`, for layers without a name. */
export const snakeCase = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

/** Generates names for layers without one, as the frameworks do: dense_1, dense_2, ... */
export function createNaming(): (className: string) => string {
  const counts = new Map<string, number>();
  return (className) => {
    const count = (counts.get(className) ?? 0) + 1;
    counts.set(className, count);
    return `${snakeCase(className)}_${count}`;
  };
}

/**
 * A name that can be a key in every format and language: not empty, of bounded length, and not a property that objects inherit (`__proto__`,
 * `constructor`, `valueOf`). `what` describes the owner of the name. Throws MODEL_MALFORMED.
 */
export function readName(value: Json, what: string, pointer: string): string {
  if (typeof value !== 'string' || value === '')
    return malformed(pointer, `${what}: name must be a text, got ${show(value)}`);
  if (value.length > MAX_LENGTH)
    return malformed(pointer, `${what}: the name ${show(value)} is longer than ${MAX_LENGTH} characters`);
  if (value in Object.prototype)
    return malformed(pointer, `${what}: the name "${value}" is reserved; rename the layer`);
  return value;
}
