/** Every initialisation method by name. Loads no TensorFlow. */
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { AppError } from '../../errors.ts';
import { schemaProblems } from '../../schema-problems.ts';
import type { Topology } from '../../topology/topology.ts';
import { deltaOrthogonal } from './delta-orthogonal.ts';
import { extraEpochConstant } from './extra-epoch-constant.ts';
import { extraEpochWarmup } from './extra-epoch-warmup.ts';
import { fixup } from './fixup.ts';
import { gradCosine } from './grad-cosine.ts';
import { gradinit } from './gradinit.ts';
import { kaiming } from './kaiming.ts';
import { lecun } from './lecun.ts';
import { lsuv } from './lsuv.ts';
import { metainit } from './metainit.ts';
import { metainitGradinitRepo } from './metainit-gradinit-repo.ts';
import type { Applicability, InitMethod } from './method.ts';
import { orthogonal } from './orthogonal.ts';
import { tFixup } from './t-fixup.ts';
import { xavier } from './xavier.ts';

export const methods = {
  'extra-epoch-constant': extraEpochConstant,
  'extra-epoch-warmup': extraEpochWarmup,
  'delta-orthogonal': deltaOrthogonal,
  fixup,
  'grad-cosine': gradCosine,
  gradinit,
  kaiming,
  lecun,
  lsuv,
  metainit,
  'metainit-gradinit-repo': metainitGradinitRepo,
  orthogonal,
  't-fixup': tFixup,
  xavier,
} as const satisfies Record<string, InitMethod>;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as MethodName[];

/** A method with its options complete and checked. */
export interface ConfiguredMethod {
  readonly method: InitMethod;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Looks a method up and fills in its defaults. Throws METHOD_UNKNOWN, OPTION_INVALID (with the option's JSON pointer). */
export function configureMethod(name: string, options: Readonly<Record<string, unknown>> = {}): ConfiguredMethod {
  if (!Object.hasOwn(methods, name)) {
    throw new AppError('METHOD_UNKNOWN', `no method is named "${name}"; there are ${methodNames.join(', ')}`, {
      details: { errors: [{ pointer: '/method/name', message: `must be one of ${methodNames.join(', ')}` }] },
    });
  }
  const method: InitMethod = methods[name as MethodName];
  return { method, options: completeOptions(method.name, method.options, options) };
}

export const applicabilityOf = ({ method, options }: ConfiguredMethod, topology: Topology): Applicability =>
  method.applicability(topology, options as never);

/** Throws METHOD_NOT_APPLICABLE, OPTION_INVALID for options that the network does not allow. */
export function assertApplicable(configured: ConfiguredMethod, topology: Topology): void {
  const { method, options } = configured;
  const applicability = applicabilityOf(configured, topology);
  if (!applicability.applicable)
    throw new AppError('METHOD_NOT_APPLICABLE', `${method.name} does not apply: ${applicability.reason}`);
  method.checkOptions?.(topology, options as never);
}

interface Prepared {
  readonly defaults: Readonly<Record<string, unknown>>;
  check(options: unknown): boolean;
}

const preparedMethods = new Map<string, Prepared>();

/** Made with the first use of a method. */
function prepared(name: string, schema: TSchema): Prepared {
  const known = preparedMethods.get(name);
  if (known) return known;
  const compiled = Compile(schema);
  const made = {
    defaults: Value.Default(schema, {}) as Record<string, unknown>,
    check: (options: unknown) => compiled.Check(options),
  };
  preparedMethods.set(name, made);
  return made;
}

/** Options with defaults; every violation in one error. */
function completeOptions(
  name: string,
  schema: TSchema,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { defaults, check } = prepared(name, schema);
  const isFlat = Object.values(given).every((value) => typeof value !== 'object');
  // Flat options, nearly all of them, need not be walked by their schema: the service does this for every request.
  const complete = isFlat
    ? { ...defaults, ...given }
    : (Value.Default(schema, structuredClone(given)) as Record<string, unknown>);
  if (check(complete)) return complete;
  const problems = schemaProblems(schema, complete);
  const text = problems.map(({ pointer, message }) => `${pointer.slice(1) || 'options'} ${message}`).join('; ');
  const errors = problems.map(({ pointer, message }) => ({ pointer: `/method/options${pointer}`, message }));
  throw new AppError('OPTION_INVALID', `${name}: ${text}`, { details: { errors } });
}
