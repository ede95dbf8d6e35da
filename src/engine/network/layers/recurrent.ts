/** What the recurrent layers share: one product for the inputs of all steps, then a loop over time in which every op is differentiated. */
import type { RecurrentConfig } from '../../../topology/layers/recurrent.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Weight } from '../layer-forward.ts';

/** x [n, t, d], kernel [d, g], bias [g]: x kernel + bias, [n, t, g], for all steps at once. */
export function projectInputs(x: Tensor, kernel: Weight, bias: Tensor | undefined): Tensor {
  const [samples, steps, features] = x.shape as [number, number, number];
  const flat = tf.reshape(x, [samples * steps, features]);
  const product = kernel.applyLinear((theta) => tf.matMul(flat, theta)); // [n t, g]
  const y = bias === undefined ? product : tf.add(product, bias);
  return tf.reshape(y, [samples, steps, -1]);
}

/** h recurrent_kernel, [n, g], for a weight that is used once a step. */
export function projectState(h: Tensor, recurrentKernel: Weight): Tensor {
  return recurrentKernel.applyLinear((theta) => tf.matMul(h, theta));
}

/** Computes the next state from the projected input of a step [n, g]. The first tensor of a state is the output h [n, units]. */
export type Step = (projected: Tensor, state: readonly Tensor[]) => readonly Tensor[];

/**
 * Runs `step` over time, from a state of `tensors` zero tensors.
 *
 * @param projected [n, t, g]
 * @returns [n, t, units] in the order of computation, or [n, units]
 */
export function overTime(projected: Tensor, config: RecurrentConfig, tensors: number, step: Step): Tensor {
  const inTime = tf.unstack(projected, 1); // t times [n, g]
  // A copy: the gradient tape keeps the array itself, and would hand the gradients back in reversed order.
  const steps = config.goBackwards ? [...inTime].reverse() : inTime;
  const zeros = tf.fill([projected.shape[0] as number, config.units], 0);
  let state: readonly Tensor[] = Array.from({ length: tensors }, () => zeros);
  const outputs = steps.map((at) => {
    state = step(at, state);
    return state[0] as Tensor;
  });
  return config.returnSequences ? tf.stack(outputs, 1) : (outputs.at(-1) as Tensor);
}
