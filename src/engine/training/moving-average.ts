/**
 * Moving statistics of batch normalisation while a network trains.
 *
 *   moving <- momentum moving + (1 - momentum) value,      value: the batch's mean, or its variance with Bessel's correction
 *
 * The momentum is the layer's own (Keras counts the share that is kept). A layer that is used twice in one pass moves twice.
 */
import type { StatisticObserver, Weight } from '../network/layer-forward.ts';
import { type Tensor, tf } from '../tf.ts';

export interface MovingAverages {
  readonly observe: StatisticObserver;
  /** The new value of every statistic that was observed, by the name of its parameter. */
  updated(): ReadonlyMap<string, Tensor>;
}

/** @param weights by name, as the network gets them */
export function createMovingAverages(weights: ReadonlyMap<string, Weight>): MovingAverages {
  const names = new Map([...weights].map(([name, weight]) => [weight, name]));
  const updated = new Map<string, Tensor>();
  return {
    observe(moving, value, momentum) {
      const name = names.get(moving) as string;
      const old = updated.get(name) ?? moving.value();
      // It is used after the layer has returned; the scope of the step frees it.
      const next = tf.tidy(() => tf.add(tf.mul(old, momentum), tf.mul(value, 1 - momentum)));
      updated.get(name)?.dispose();
      updated.set(name, tf.keep(next));
    },
    updated: () => updated,
  };
}
