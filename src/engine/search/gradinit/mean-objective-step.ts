/**
 * GradInit's objective for several optimizers at once, as a pure function of tensors.
 *
 *   J = (1 / (|A| eta_1)) sum over optimizers A of  L(theta - eta_A d_A; S~),     q_i = dJ/dalpha_i,  every d_A detached
 *
 * Each loss after a step has the same weight. Dividing each by its own eta, as the objective for one optimizer does, would let the smallest eta
 * dominate:
 * Adam's is a hundredth of SGD's. The common factor 1 / eta_1 keeps the size of the objective for the first optimizer alone.
 */

import { pack } from '../../feeding/packed-result.ts';
import { batchOf, plainWeights, scaledWeights } from '../../feeding/step-inputs.ts';
import { weightInput } from '../../feeding/tuned-params.ts';
import type { Tensors } from '../../graph/record.ts';
import type { NormKind } from '../../network/dual-norm.ts';
import { normOfGradients } from '../../network/dual-norm.ts';
import { differentiate, lossOf } from '../../network/loss-gradient.ts';
import { type Tensor, tf } from '../../tf.ts';
import { type StepProblem, stepAlong } from './steps.ts';

/** The step that one optimizer would take. */
export interface SimulatedStep {
  readonly norm: NormKind;
  readonly eta: number;
  readonly normalize: boolean;
}

/**
 * Inputs: as `objectiveStep`. Output: `result` (see unpack in ./steps.ts) with the numbers loss on S, every n_A, every loss on S~ after a step, and
 * the gradients q_i.
 */
export function meanObjectiveStep(
  problem: Omit<StepProblem, 'norm'>,
  simulated: readonly [SimulatedStep, ...SimulatedStep[]],
  inputs: Tensors,
): Record<'result', Tensor> {
  const { network, partition, loss } = problem;
  const theta = scaledWeights(problem, inputs);
  const [s, t] = ['s', 't'].map((label) => batchOf(label, inputs, network.topology.inputs.length));
  const first = differentiate(() => lossOf(network, plainWeights(problem, inputs, theta), s as never, loss), theta);
  const after = simulated.map((step) => {
    const n = normOfGradients(first.gradients, step.norm);
    const stepped = stepAlong(theta, first.gradients, n, step);
    const lossAfter = () => lossOf(network, plainWeights(problem, inputs, stepped), t as never, loss);
    return { n, ...differentiate(lossAfter, stepped) };
  });
  const unit = simulated.length * simulated[0].eta;
  const scaleGradients = partition.tuned.map(({ index }) => {
    const parts = after.flatMap(({ gradients }) => gradients[index] ?? []);
    if (parts.length === 0) return null;
    return tf.div(tf.sum(tf.mul(tf.addN(parts), inputs[weightInput(index)] as Tensor)), unit); // q_i
  });
  return { result: pack([first.loss, ...after.map(({ n }) => n), ...after.map((step) => step.loss)], scaleGradients) };
}
