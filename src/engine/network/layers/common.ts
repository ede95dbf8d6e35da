/** Helpers of forward functions. */
import { AppError } from '../../../errors.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Weight } from '../layer-forward.ts';

/** The input of a layer with a single input. */
export function only(inputs: readonly Tensor[]): Tensor {
  const [x] = inputs;
  if (x === undefined || inputs.length !== 1)
    throw new AppError('LAYER_INVALID', `takes one input, got ${inputs.length}`);
  return x;
}

/** A weight that the layer's specification declares; a missing one is a bug of the caller. */
export function weightOf(weights: Readonly<Record<string, Weight>>, key: string): Weight {
  const weight = weights[key];
  if (weight === undefined) throw new AppError('INTERNAL', `the weight "${key}" was not given`);
  return weight;
}

/** y + bias over the last axis; y itself without a bias. */
export function addBias(y: Tensor, bias: Weight | undefined): Tensor {
  return bias === undefined ? y : tf.add(y, bias.value());
}

/** The weights whose keys begin with a prefix, which is removed. */
export function weightsUnder(prefix: string, weights: Readonly<Record<string, Weight>>): Record<string, Weight> {
  const start = `${prefix}/`;
  const own = Object.entries(weights).filter(([key]) => key.startsWith(start));
  return Object.fromEntries(own.map(([key, weight]) => [key.slice(start.length), weight]));
}
