/**
 * Checks sizes before the detailed validation: lists that are too long, texts that are too long, more unknown fields than can be named. The cost is
 * one visit of the parts that the schema describes; the part of a list or text beyond its limit is not visited.
 */
import { type TSchema, Type } from 'typebox';
import type { PlacedProblem } from './errors.ts';
import { pointerTo } from './pointer.ts';

/** At most this many unknown fields of an object are named; the others are counted. */
const namedFields = 5;
/** One visible character may consist of several UTF-16 code units; a text of more than this multiple of the limit is too long by any way of counting. */
const unitsPerCharacter = 16;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const limitOf = (schema: TSchema, keyword: string): number => {
  const limit: unknown = Reflect.get(schema, keyword);
  return typeof limit === 'number' ? limit : Number.POSITIVE_INFINITY;
};

/** Problems of size; empty when all sizes allow a detailed check. */
export function sizeProblems(schema: TSchema, value: unknown, pointer = ''): PlacedProblem[] {
  if (Type.IsUnion(schema)) return unionProblems(schema.anyOf, value, pointer);
  if (isList(value)) return Type.IsArray(schema) ? listProblems(schema, value, pointer) : [];
  if (isFields(value)) return fieldProblems(schema, value, pointer);
  if (typeof value === 'string') return textProblems(schema, value, pointer);
  return [];
}

/** The problems of the best-fitting alternative among those that accept this type of value. */
function unionProblems(alternatives: readonly TSchema[], value: unknown, pointer: string): PlacedProblem[] {
  const kindred = alternatives.filter((one) =>
    isList(value) ? Type.IsArray(one) : takesFields(one) || Type.IsUnion(one),
  );
  const found = kindred.map((alternative) => sizeProblems(alternative, value, pointer));
  return found.sort((a, b) => a.length - b.length)[0] ?? [];
}

const takesFields = (schema: TSchema) => Type.IsObject(schema) || Type.IsRecord(schema);

function listProblems(
  schema: TSchema & { items: TSchema },
  list: readonly unknown[],
  pointer: string,
): PlacedProblem[] {
  const most = limitOf(schema, 'maxItems');
  if (list.length > most) return [{ pointer, message: `must not have more than ${most} items, got ${list.length}` }];
  return list.flatMap((item, index) => sizeProblems(schema.items, item, `${pointer}/${index}`));
}

function fieldProblems(schema: TSchema, value: Readonly<Record<string, unknown>>, pointer: string): PlacedProblem[] {
  if (!takesFields(schema)) return [];
  const names = Object.keys(value);
  const most = limitOf(schema, 'maxProperties');
  if (names.length > most) return [{ pointer, message: `must not have more than ${most} fields, got ${names.length}` }];
  if (!Type.IsObject(schema)) return [];
  const { properties } = schema;
  const unknown = names.filter((name) => !Object.hasOwn(properties, name));
  if (Reflect.get(schema, 'additionalProperties') === false && unknown.length > namedFields)
    return tooManyUnknown(unknown, Object.keys(properties), pointer);
  return Object.entries(properties).flatMap(([name, inner]) =>
    Object.hasOwn(value, name) ? sizeProblems(inner, value[name], `${pointer}${pointerTo(name)}`) : [],
  );
}

function tooManyUnknown(unknown: readonly string[], known: readonly string[], pointer: string): PlacedProblem[] {
  const named = unknown.slice(0, namedFields).map((name) => ({
    pointer: `${pointer}${pointerTo(name)}`,
    message: `is unknown; known are ${known.join(', ')}`,
  }));
  return [...named, { pointer, message: `has ${unknown.length - namedFields} more unknown fields` }];
}

function textProblems(schema: TSchema, text: string, pointer: string): PlacedProblem[] {
  const most = limitOf(schema, 'maxLength');
  if (text.length <= most * unitsPerCharacter) return [];
  return [{ pointer, message: `must not have more than ${most} characters, got ${text.length}` }];
}
