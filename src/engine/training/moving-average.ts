/**
 * Moving statistics of batch normalisation during training.
 *
 *   moving <- momentum moving + (1 - momentum) value,      value: the batch's mean, or its variance with Bessel's correction
 *
 * The momentum is the layer's own (as in Keras, the weight of the old value). A layer that is applied twice in one pass updates twice.
 */
import type { StatisticObserver, Weight } from '../network/layer-forward.ts';
import { type Tensor, tf } from '../tf.ts';

export interface MovingAverages {
  readonly observe: StatisticObserver;
  /** The new value of every observed statistic, by the name of its parameter. */
  updated(): ReadonlyMap<string, Tensor>;
}

/** @param weights by name, as passed to the network */
export function createMovingAverages(weights: ReadonlyMap<string, Weight>): MovingAverages {
  const names = new Map([...weights].map(([name, weight]) => [weight, name]));
  const updated = new Map<string, Tensor>();
  return {
    observe(moving, value, momentum) {
      const name = names.get(moving) as string;
      const old = updated.get(name) ?? moving.value();
      // Kept by the step's scope, because it is used after the layer has returned.
      const next = tf.tidy(() => tf.add(tf.mul(old, momentum), tf.mul(value, 1 - momentum)));
      updated.get(name)?.dispose();
      updated.set(name, tf.keep(next));
    },
    updated: () => updated,
  };
}
