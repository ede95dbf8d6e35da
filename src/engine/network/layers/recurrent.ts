/** The common part of recurrent layers: one product for the inputs of all steps, then a loop over time whose operations are differentiated. */
import { type SequenceConfig, statePositions } from '../../../topology/layers/recurrent.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { ForwardContext, Weight } from '../layer-forward.ts';

/** x [n, t, d], kernel [d, g], bias [g]: x kernel + bias, [n, t, g], for all steps at once. */
export function projectInputs(x: Tensor, kernel: Weight, bias: Tensor | undefined): Tensor {
  const [samples, steps, features] = x.shape as [number, number, number];
  const flat = tf.reshape(x, [samples * steps, features]);
  const product = kernel.applyLinear((theta) => tf.matMul(flat, theta)); // [n t, g]
  const y = bias === undefined ? product : tf.add(product, bias);
  return tf.reshape(y, [samples, steps, -1]);
}

/** h recurrent_kernel, [n, g], for a kernel that is used at every step. */
export function projectState(h: Tensor, recurrentKernel: Weight): Tensor {
  return recurrentKernel.applyLinear((theta) => tf.matMul(h, theta));
}

/** Computes the next state from the projected input of a step [n, g]. The first tensor of a state is the output h [n, units]. */
export type Step = (projected: Tensor, state: readonly Tensor[]) => readonly Tensor[];

/** Shapes of `count` states [n, units]. */
export const vectors = (sequence: Tensor, { units }: { readonly units: number }, count: number): number[][] =>
  Array.from({ length: count }, () => [sequence.shape[0] as number, units]);

/** The mask at one step in the shape of a tensor of that step: [n] -> [n, 1, ...]. */
const alongStep = (mask: Tensor, tensor: Tensor) =>
  tf.reshape(mask, [tensor.shape[0] as number, ...tensor.shape.slice(1).map(() => 1)]);

/** `fresh` where the mask is 1, `old` where it is 0. */
function choose(mask: Tensor, fresh: Tensor, old: Tensor): Tensor {
  const seen = alongStep(mask, fresh);
  return tf.add(tf.mul(fresh, seen), tf.mul(old, tf.sub(1, seen)));
}

/** A copy, because the gradient tape holds the given array, and reversing it in place would reverse the gradients. */
const inOrder = <T>(steps: readonly T[], { goBackwards }: SequenceConfig): T[] =>
  goBackwards ? [...steps].reverse() : [...steps];

/**
 * Runs `step` over time from the initial states of the call, or from zeros, and emits the final states where the configuration requests them. A
 * masked step does not change the states; its output repeats the previous one, initially 0.
 *
 * @param projected [n, t, ...]
 * @param states shape of each state, with the batch axis
 * @param inputs the inputs of the layer: the sequence, and initial states
 * @returns [n, t, ...] in the order of computation, or [n, ...]
 */
export function overTime(
  projected: Tensor,
  config: SequenceConfig,
  states: readonly (readonly number[])[],
  inputs: readonly Tensor[],
  context: ForwardContext,
  step: Step,
): Tensor {
  const mask = context.masks?.[0] ?? null;
  const masks = mask && inOrder(tf.unstack(mask, 1), config); // t times [n]
  const given = statePositions(inputs.length, context.call).map((position) => inputs[position] as Tensor);
  let state: readonly Tensor[] = given.length > 0 ? given : states.map((shape) => tf.fill([...shape], 0));
  let last = tf.fill([...(states[0] ?? [])], 0);
  const outputs = inOrder(tf.unstack(projected, 1), config).map((at, index) => {
    const next = step(at, state);
    const seen = masks?.[index];
    const before = state;
    state = seen ? next.map((fresh, k) => choose(seen, fresh, before[k] as Tensor)) : next;
    const output = next[0] as Tensor;
    if (!seen) last = output;
    else last = config.zeroOutputForMask ? tf.mul(output, alongStep(seen, output)) : choose(seen, output, last);
    return last;
  });
  if (config.returnState) context.emit?.(state);
  return config.returnSequences ? tf.stack(outputs, 1) : last;
}
