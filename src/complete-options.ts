/** Completes given options: fills in defaults and reports every violation in one error. Used for methods, losses, optimizers, zoo models and datasets. */
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { AppError, type ErrorCode, type PlacedProblem } from './errors.ts';
import { pointerTo } from './pointer.ts';
import { inWords, schemaProblems } from './schema-problems.ts';
import { sizeProblems } from './schema-sizes.ts';

/** The owner of the options, and their place in the request. */
export interface OptionsPlace {
  /** The beginning of the error message: `gradinit`, `zoo model "vgg"`. */
  readonly owner: string;
  /** JSON pointer of the options; the pointer of a problem extends it. */
  readonly pointer: string;
  /** Code of the error; OPTION_INVALID when absent. */
  readonly code?: ErrorCode;
}

/** Deepest nesting of a valid option (a list of lists of lists); deeper values are refused before they are visited. */
const deepestOption = 4;

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((child) => isDeeperThan(child, levels - 1)));

const defaultsOf = new WeakMap<TSchema, Readonly<Record<string, unknown>>>();

function defaults(schema: TSchema): Readonly<Record<string, unknown>> {
  const known = defaultsOf.get(schema);
  if (known) return known;
  const made = Value.Default(schema, {}) as Readonly<Record<string, unknown>>;
  defaultsOf.set(schema, made);
  return made;
}

/**
 * The options with defaults, unchecked. Options without nesting, which are nearly all, are filled without a visit of the schema, because the service
 * does this for every request.
 */
function filled(schema: TSchema, given: Readonly<Record<string, unknown>>): unknown {
  const isFlat = Object.values(given).every((value) => typeof value !== 'object');
  return isFlat ? { ...structuredClone(defaults(schema)), ...given } : Value.Default(schema, structuredClone(given));
}

/** Throws an error with the code of the place and every problem; `problems` have pointers relative to the options. */
export function refuseOptions(problems: readonly PlacedProblem[], { owner, pointer, code }: OptionsPlace): never {
  throw new AppError(code ?? 'OPTION_INVALID', `${owner}: ${inWords(problems, 'the options')}`, {
    problems: problems.map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` })),
  });
}

/**
 * The options with every default filled in.
 *
 * @param schema strict; every option has a default or is optional
 * @throws OPTION_INVALID, or the code of the place, with the pointer of every option that is unknown, missing or out of range
 */
export function completeOptions<S extends TSchema>(schema: S, given: unknown, place: OptionsPlace): Static<S> {
  if (!isFields(given)) {
    const got = JSON.stringify(given)?.slice(0, 80) ?? 'nothing';
    return refuseOptions([{ pointer: '', message: `must be an object, got ${got}` }], place);
  }
  const sizes = sizeProblems(schema, given);
  if (sizes.length > 0) return refuseOptions(sizes, place);
  const deep = Object.keys(given).filter((name) => isDeeperThan(given[name], deepestOption));
  const message = `is nested more than ${deepestOption} levels deep`;
  if (deep.length > 0)
    return refuseOptions(
      deep.map((name) => ({ pointer: pointerTo(name), message })),
      place,
    );
  const complete = filled(schema, given);
  const problems = schemaProblems(schema, complete);
  return problems.length > 0 ? refuseOptions(problems, place) : (complete as Static<S>);
}
