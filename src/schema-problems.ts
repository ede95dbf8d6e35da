/** Describes the problems of a value for people: one line for each place, no duplicates, and for a union only the problems of the intended alternative. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';
import type { PlacedProblem } from './errors.ts';
import { namesIn, pointerTo, valueAt } from './pointer.ts';
import { sizeProblems } from './schema-sizes.ts';

type SchemaError = ReturnType<typeof Value.Errors>[number];

/** Most errors that the checker collects for each alternative of a union; sizes have been bounded before. */
const collectedErrors = 200;
/** Most problems that are listed. */
const shownProblems = 20;

/** A longer list of allowed values is not printed. */
const shownItems = 8;

Settings.Set({ maxErrors: collectedErrors });

const checkers = new WeakMap<TSchema, (value: unknown) => boolean>();

/** The compiled checker of a schema, compiled at its first use. */
function checkerOf(schema: TSchema): (value: unknown) => boolean {
  const known = checkers.get(schema);
  if (known) return known;
  const compiled = Compile(schema);
  const checker = (value: unknown) => compiled.Check(value);
  checkers.set(schema, checker);
  return checker;
}

/**
 * Every problem of a value: at most 20, and one more that counts the others; empty when the value is valid.
 * Sizes are checked first, so that the time is linear in the size that the schema allows.
 */
export function schemaProblems(schema: TSchema, value: unknown): PlacedProblem[] {
  const sizes = sizeProblems(schema, value);
  if (sizes.length > 0) return shortened(sizes);
  if (checkerOf(schema)(value)) return [];
  const lines = meant([...Value.Errors(schema, value)])
    .flatMap((error) => explain(error, schema, value))
    .map(({ pointer, message }) => ({ pointer: pointerTo(...namesIn(pointer)), message }));
  const unique = new Map(lines.map((line) => [`${line.pointer} ${line.message}`, line]));
  return shortened([...unique.values()]);
}

/** The first problems, and one more that counts the others. */
function shortened(problems: readonly PlacedProblem[]): PlacedProblem[] {
  const rest = problems.length - shownProblems;
  if (rest <= 1) return [...problems];
  return [...problems.slice(0, shownProblems), { pointer: '', message: `and ${rest} more problems` }];
}

/** Problems as one sentence. `whole` is the name for the value itself, which an empty pointer denotes. */
export const inWords = (problems: readonly PlacedProblem[], whole: string): string =>
  problems.map(({ pointer, message }) => `${pointer.slice(1) || whole} ${message}`).join('; ');

const isBelow = (path: string, base: string) => path === base || path.startsWith(`${base}/`);

/**
 * A union reports the problems of every alternative; those of the alternative with the fewest are kept. `base` is the schema path of the alternative
 * under examination.
 */
function meant(errors: readonly SchemaError[], base = '#'): SchemaError[] {
  const isOutermost = ({ keyword, schemaPath }: SchemaError) =>
    keyword === 'anyOf' && !schemaPath.slice(base.length).includes('/anyOf/');
  let left = errors.filter(({ keyword }) => keyword !== 'boolean');
  for (const union of errors.filter(isOutermost)) {
    const isInside = ({ schemaPath, instancePath }: SchemaError) =>
      schemaPath.startsWith(`${union.schemaPath}/anyOf/`) && isBelow(instancePath, union.instancePath);
    const inside = left.filter(isInside);
    left = [
      ...left.filter((error) => error !== union && !isInside(error)),
      ...bestAlternative(inside, union.schemaPath),
    ];
  }
  return left;
}

/** The errors of the alternative with the fewest errors; for a union of constants one error that lists all of them. */
function bestAlternative(errors: readonly SchemaError[], union: string): SchemaError[] {
  const alternatives = new Map<string, SchemaError[]>();
  for (const error of errors) {
    const [index = ''] = error.schemaPath.slice(`${union}/anyOf/`.length).split('/', 1);
    alternatives.set(index, [...(alternatives.get(index) ?? []), error]);
  }
  if ([...alternatives.values()].every((own) => own.some(({ keyword }) => keyword === 'const'))) return oneOf(errors);
  const [best] = [...alternatives].sort(([, a], [, b]) => weight(a, union) - weight(b, union));
  return best === undefined ? [] : meant(best[1], `${union}/anyOf/${best[0]}`);
}

/** Converts a union of constants to one list of values. */
function oneOf(errors: readonly SchemaError[]): SchemaError[] {
  const constants = errors.filter(({ keyword }) => keyword === 'const');
  const [first] = constants;
  if (!first) return [];
  const allowedValues = constants.map(({ params }) => Reflect.get(params, 'allowedValue') as unknown);
  return [{ ...first, keyword: 'enum', params: { allowedValues } } as SchemaError];
}

/** Larger than the number of wrong properties of any object. */
const otherKind = 1000;

/** The distance of a value from an alternative: 1 for each missing or unknown property, `otherKind` for a value of another type. */
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

function explain(error: SchemaError, schema: TSchema, value: unknown): PlacedProblem[] {
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

function show(value: unknown): string {
  if (Array.isArray(value)) {
    const isShort = value.length <= shownItems && value.every((item) => typeof item !== 'object');
    return isShort ? JSON.stringify(value).slice(0, 80) : 'a list';
  }
  if (typeof value === 'object' && value !== null) return 'an object';
  const short = typeof value === 'string' ? value.slice(0, 80) : value;
  return (JSON.stringify(short) ?? 'nothing').slice(0, 80);
}
