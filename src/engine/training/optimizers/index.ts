/** The registry of training optimizers. */
import { completeOptions } from '../../../complete-options.ts';
import { AppError } from '../../../errors.ts';
import { adam } from './adam.ts';
import { adamw } from './adamw.ts';
import { lion } from './lion.ts';
import { muon } from './muon.ts';
import type { Optimizer, ParamUpdate, UpdatedParam } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

export const optimizers = { sgd, adam, adamw, rmsprop, lion, muon } as const;

export type OptimizerName = keyof typeof optimizers;

export interface OptimizerSpec {
  readonly name: OptimizerName;
  /** Options of the optimizer's schema; defaults are filled in. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** An optimizer with complete options. */
export interface ConfiguredOptimizer {
  readonly slots: readonly string[];
  numbersAt(rate: number, step: number): number[];
  update(param: ParamUpdate): UpdatedParam;
}

/** Throws OPTION_INVALID. */
export function createOptimizer({ name, options = {} }: OptimizerSpec): ConfiguredOptimizer {
  if (!Object.hasOwn(optimizers, name)) {
    throw new AppError(
      'OPTION_INVALID',
      `no optimizer is named "${name}"; there are ${Object.keys(optimizers).join(', ')}`,
    );
  }
  const optimizer = optimizers[name] as Optimizer;
  const complete = completeOptions(optimizer.options, options, { owner: name, pointer: '/options' }) as never;
  return {
    slots: optimizer.slots(complete),
    numbersAt: (rate, step) => optimizer.numbersAt(rate, step, complete),
    update: (param) => optimizer.update(param, complete),
  };
}
