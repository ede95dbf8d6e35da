/** The registry of initialisation methods. TensorFlow is not loaded. */
import { completeOptions } from '../../complete-options.ts';
import { AppError } from '../../errors.ts';
import type { Topology } from '../../topology/topology.ts';
import { autoinit } from './autoinit.ts';
import { deepnorm } from './deepnorm.ts';
import { deltaOrthogonal } from './delta-orthogonal.ts';
import { extraEpochConstant } from './extra-epoch-constant.ts';
import { extraEpochWarmup } from './extra-epoch-warmup.ts';
import { fixup } from './fixup.ts';
import { gpt2 } from './gpt2.ts';
import { gradCosine } from './grad-cosine.ts';
import { gradinit } from './gradinit.ts';
import { idinit } from './idinit.ts';
import { kaiming } from './kaiming.ts';
import { kerasDefault } from './keras-default.ts';
import { kraehenbuehl } from './kraehenbuehl.ts';
import { lecun } from './lecun.ts';
import { lsuv } from './lsuv.ts';
import { metainit } from './metainit.ts';
import { metainitGradinitRepo } from './metainit-gradinit-repo.ts';
import type { Applicability, InitMethod } from './method.ts';
import { mimetic } from './mimetic.ts';
import { mup } from './mup.ts';
import { net2net } from './net2net.ts';
import { orthogonal } from './orthogonal.ts';
import { recommend } from './recommend.ts';
import { applicabilityTo } from './requirements.ts';
import { rezero } from './rezero.ts';
import { shrinkPerturb } from './shrink-perturb.ts';
import { sinusoidal } from './sinusoidal.ts';
import { tFixup } from './t-fixup.ts';
import { timm } from './timm.ts';
import { torchDefault } from './torch-default.ts';
import { weightSelection } from './weight-selection.ts';
import { xavier } from './xavier.ts';
import { zero } from './zero.ts';

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
  mup,
  orthogonal,
  't-fixup': tFixup,
  gpt2,
  'keras-default': kerasDefault,
  timm,
  'torch-default': torchDefault,
  autoinit,
  deepnorm,
  idinit,
  kraehenbuehl,
  mimetic,
  rezero,
  sinusoidal,
  zero,
  net2net,
  recommend,
  'shrink-perturb': shrinkPerturb,
  'weight-selection': weightSelection,
  xavier,
} as const satisfies Record<string, InitMethod>;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as MethodName[];

/** A method with complete and checked options. */
export interface ConfiguredMethod {
  readonly method: InitMethod;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Looks up a method and fills in its defaults. Throws METHOD_UNKNOWN, OPTION_INVALID (with the option's JSON pointer).
 *
 * @example
 * ```ts
 * import { configureMethod, needsSamples } from './src/engine/methods/index.ts';
 *
 * const configured = configureMethod('xavier', { distribution: 'normal' });
 * console.log(configured.method.name, needsSamples(configured), configured.options.distribution);
 * // xavier false normal
 * ```
 */
export function configureMethod(name: string, options: Readonly<Record<string, unknown>> = {}): ConfiguredMethod {
  if (!Object.hasOwn(methods, name)) {
    throw new AppError(
      'METHOD_UNKNOWN',
      `no method is named ${JSON.stringify(name)}; there are ${methodNames.join(', ')}`,
      {
        problems: [{ pointer: '/method/name', message: `must be one of ${methodNames.join(', ')}` }],
      },
    );
  }
  const method: InitMethod = methods[name as MethodName];
  const place = { owner: method.name, pointer: '/method/options' };
  return { method, options: completeOptions(method.options, options, place) as ConfiguredMethod['options'] };
}

export const applicabilityOf = ({ method, options }: ConfiguredMethod, topology: Topology): Applicability =>
  applicabilityTo(method, topology, options);

/** True when a run with these options needs a dataset. */
export const needsSamples = ({ method, options }: ConfiguredMethod): boolean => method.needsSamples(options as never);

/** Throws METHOD_NOT_APPLICABLE, or OPTION_INVALID for options that the network does not allow. */
export function assertApplicable(configured: ConfiguredMethod, topology: Topology): void {
  const { method, options } = configured;
  const applicability = applicabilityOf(configured, topology);
  if (!applicability.applicable)
    throw new AppError('METHOD_NOT_APPLICABLE', `${method.name} does not apply: ${applicability.reason}`);
  method.checkOptions?.(topology, options as never);
}
