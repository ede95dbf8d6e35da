/** What a training optimizer is: a pure update of one parameter tensor. One per file, ./index.ts is the registry. */
import type { TObject } from 'typebox';
import type { Scalar, Tensor } from '../../tf.ts';

/** One parameter at one step. */
export interface ParamUpdate {
  readonly weight: Tensor;
  /** dL/dweight after clipping, without weight decay. */
  readonly gradient: Tensor;
  /** What the optimizer remembers of this parameter, in the order of `slots`; zeros before the first step. */
  readonly slots: readonly Tensor[];
  /** What `numbersAt` gave. */
  readonly numbers: readonly Scalar[];
  /** Factor on the learning rate for this parameter. */
  readonly rateFactor: number;
  readonly weightDecay: number;
}

export interface UpdatedParam {
  readonly weight: Tensor;
  readonly slots: readonly Tensor[];
}

export interface Optimizer<Options = never> {
  readonly name: string;
  readonly reference: string;
  /** Schema of the options with their defaults. */
  readonly options: TObject;
  /** Names of the tensors that it keeps for each parameter. */
  slots(options: Options): readonly string[];
  /** Numbers that change from step to step, computed on the host in float64. `step` counts from 1. */
  numbersAt(rate: number, step: number, options: Options): number[];
  update(param: ParamUpdate, options: Options): UpdatedParam;
}
