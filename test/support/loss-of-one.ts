/** A loss by name as steps take it, for networks of one output without a mask. */
import { createLoss } from '../../src/engine/losses/index.ts';
import type { LossOf } from '../../src/engine/network/loss-gradient.ts';
import type { Tensor } from '../../src/engine/tf.ts';

export function lossOfOne(name: string, options: Readonly<Record<string, unknown>> = {}): LossOf {
  const loss = createLoss(name, options);
  return ([outputs], targets) => loss(outputs as Tensor, targets);
}
