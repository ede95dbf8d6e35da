/** What is wrong with a value, for people: one line for each place, no line twice, of a union only the alternative that was meant. */
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

export interface SchemaProblem {
  /** JSON pointer to the value, or to where a missing one belongs. */
  readonly pointer: string;
  readonly message: string;
}

type SchemaError = ReturnType<typeof Value.Errors>[number];

const escapePointer = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Joins names to a JSON pointer (RFC 6901). */
export const pointerTo = (...path: readonly (string | number)[]) =>
  path.map((name) => `/${escapePointer(String(name))}`).join('');

/** Empty when the value is valid. Slow: call it for values that were found to be wrong. */
export function schemaProblems(schema: TSchema, value: unknown): SchemaProblem[] {
  const lines = meant([...Value.Errors(schema, value)]).flatMap((error) => explain(error, schema, value));
  return lines.filter(
    ({ pointer, message }, index) =>
      lines.findIndex((other) => other.pointer === pointer && other.message === message) === index,
  );
}

/** A union reports the problems of every alternative: those of the alternative with the fewest stay. */
function meant(errors: readonly SchemaError[]): SchemaError[] {
  const unions = new Set(errors.flatMap(({ schemaPath }) => /^(.*?)\/anyOf\/\d+/.exec(schemaPath)?.[1] ?? []));
  let left = errors.filter(({ keyword }) => keyword !== 'boolean');
  for (const union of unions) {
    const alternatives = new Map<string, SchemaError[]>();
    for (const error of left) {
      const alternative = error.schemaPath.startsWith(`${union}/anyOf/`)
        ? error.schemaPath.slice(union.length + '/anyOf/'.length).split('/', 1)[0]
        : undefined;
      if (alternative === undefined) continue;
      alternatives.set(alternative, [...(alternatives.get(alternative) ?? []), error]);
    }
    const all = [...alternatives.values()];
    if (all.every((errors) => errors.some(({ keyword }) => keyword === 'const'))) {
      const told = new Set(all.flat());
      left = [...left.filter((error) => !told.has(error) && error.schemaPath !== union), ...oneOf(all.flat())];
      continue;
    }
    const [best] = [...alternatives.values()].sort((a, b) => weight(a, union) - weight(b, union));
    const others = new Set([...alternatives.values()].flat().filter((error) => !best?.includes(error)));
    left = left.filter((error) => !others.has(error) && !(error.schemaPath === union && error.keyword === 'anyOf'));
  }
  return left;
}

/** A union of constants, told as the list that it is. */
function oneOf(errors: readonly SchemaError[]): SchemaError[] {
  const constants = errors.filter(({ keyword }) => keyword === 'const');
  const [first] = constants;
  if (!first) return [];
  const allowedValues = constants.map(({ params }) => Reflect.get(params, 'allowedValue') as unknown);
  return [{ ...first, keyword: 'enum', params: { allowedValues } } as SchemaError];
}

/** More than any object has wrong properties. */
const otherKind = 1000;

/** How far a value is from an alternative: a property that is missing or unknown counts one, a value of another kind counts most. */
function weight(errors: readonly SchemaError[], union: string): number {
  return errors.reduce((sum, error) => {
    const isWhole = /^\/anyOf\/\d+$/.test(error.schemaPath.slice(union.length));
    const isOther = isWhole && ['type', 'enum', 'const'].includes(error.keyword);
    return sum + (isOther ? otherKind : Math.max(1, namesOf(error).length));
  }, 0);
}

function namesOf({ keyword, params }: SchemaError): string[] {
  const names: unknown = Reflect.get(params, keyword === 'required' ? 'requiredProperties' : keyword);
  return Array.isArray(names) ? names.map(String) : [];
}

function explain(error: SchemaError, schema: TSchema, value: unknown): SchemaProblem[] {
  const { keyword, instancePath, schemaPath, message, params } = error;
  const below = (name: string) => `${instancePath}${pointerTo(name)}`;
  if (keyword === 'required') return namesOf(error).map((name) => ({ pointer: below(name), message: 'is missing' }));
  if (keyword === 'additionalProperties') {
    const known = Object.keys(propertiesAt(schema, schemaPath)).join(', ');
    return namesOf(error).map((name) => ({ pointer: below(name), message: `is unknown; known are ${known}` }));
  }
  const got = `, got ${show(valueAt(value, instancePath))}`;
  const allowed: unknown = Reflect.get(params, 'allowedValues') ?? Reflect.get(params, 'allowedValue');
  if (keyword === 'enum' && Array.isArray(allowed))
    return [{ pointer: instancePath, message: `must be one of ${allowed.join(', ')}${got}` }];
  if (keyword === 'const') return [{ pointer: instancePath, message: `must be ${JSON.stringify(allowed)}${got}` }];
  return [{ pointer: instancePath, message: `${message}${got}` }];
}

function propertiesAt(schema: TSchema, schemaPath: string): object {
  const found = valueAt(schema, schemaPath.replace(/^#/, ''));
  const properties: unknown =
    typeof found === 'object' && found !== null ? Reflect.get(found, 'properties') : undefined;
  return typeof properties === 'object' && properties !== null ? properties : {};
}

function valueAt(value: unknown, pointer: string): unknown {
  const path = pointer.split('/').slice(1);
  return path.reduce<unknown>((node, part) => {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    return typeof node === 'object' && node !== null && Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined;
  }, value);
}

function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
