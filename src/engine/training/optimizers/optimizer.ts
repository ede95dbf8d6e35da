/** The interface of a training optimizer: a pure update of one parameter tensor. One file per optimizer; ./index.ts is the registry. */
import type { TObject } from 'typebox';
import type { Scalar, Tensor } from '../../tf.ts';

/** One parameter at one step. */
export interface ParamUpdate {
  readonly weight: Tensor;
  /** dL/dweight after clipping, without weight decay. */
  readonly gradient: Tensor;
  /** The optimizer's state for this parameter, in the order of `slots`; zeros before the first step. */
  readonly slots: readonly Tensor[];
  /** The result of `numbersAt` for this step. */
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
  /** Names of the state tensors that it keeps per parameter. */
  slots(options: Options): readonly string[];
  /** Scalars that change from step to step, computed on the host in float64. `step` is counted from 1. */
  numbersAt(rate: number, step: number, options: Options): number[];
  update(param: ParamUpdate, options: Options): UpdatedParam;
}
