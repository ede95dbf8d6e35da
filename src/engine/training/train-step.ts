/**
 * One step of training as a pure function of tensors: loss, gradient, clipping, optimizer, moving statistics.
 *
 *   n = ||g||_2 over all trainable parameters;   g <- g min(1, clip / (n + 1e-6))
 *
 * The gradient is that of the loss alone: weight decay enters in the optimizer, after clipping, as in PyTorch.
 */
import type { Param } from '../../topology/topology.ts';
import { batchOf, weightMap } from '../feeding/step-inputs.ts';
import { fixedInput, weightInput } from '../feeding/tuned-params.ts';
import type { Tensors } from '../graph/record.ts';
import { normOfGradients } from '../network/dual-norm.ts';
import { differentiate, type LossOf, lossOf } from '../network/loss-gradient.ts';
import type { Network } from '../network/network.ts';
import { plainWeight } from '../network/weights.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';
import { createMovingAverages } from './moving-average.ts';
import type { ConfiguredOptimizer } from './optimizers/index.ts';
import type { ParamSettings } from './param-groups.ts';

export interface TrainProblem {
  readonly network: Network;
  readonly partition: { readonly trainable: readonly Param[]; readonly fixed: readonly Param[] };
  readonly loss: LossOf;
  readonly optimizer: ConfiguredOptimizer;
  /** The settings of each trainable parameter. */
  readonly settings: readonly ParamSettings[];
  /** Bound on the global gradient norm; null for none. */
  readonly clip: number | null;
  readonly movingStatistics: boolean;
}

/** Names of the step's inputs besides those of weights and batch (../feeding). */
export const numbersInput = 'numbers';
export const slotInput = (slot: number, index: number) => `o${slot}_${index}`;
/** The output that the host reads: [2] = loss, gradient norm. */
export const reportOutput = 'report';

const clipGuard = 1e-6;

/** min(1, clip / (n + guard)). */
const clipFactor = (norm: Scalar, clip: number) => tf.minimum(1, tf.div(clip, tf.add(norm, clipGuard)));

/** Outputs: `report`, and the new value of every input that changes, under the input's name. */
export function trainStep(problem: TrainProblem, inputs: Tensors): Record<string, Tensor> {
  const { network, partition, loss, optimizer } = problem;
  const theta = partition.trainable.map((_, index) => inputs[weightInput(index)] as Tensor);
  const weights = weightMap(problem, inputs, (index) => plainWeight(theta[index] as Tensor));
  const averages = createMovingAverages(weights);
  const observe = problem.movingStatistics ? averages.observe : undefined;
  const batch = batchOf('s', inputs, network.topology.inputs.length);
  const first = differentiate(() => lossOf(network, weights, batch, loss, 'batch', observe), theta);
  const norm = normOfGradients(first.gradients, 'l2');
  const outputs: Record<string, Tensor> = { [reportOutput]: tf.stack([first.loss, norm]) };
  const factor = problem.clip === null ? null : clipFactor(norm, problem.clip);
  const numbers = tf.unstack(inputs[numbersInput] as Tensor) as Scalar[];
  theta.forEach((weight, index) => {
    const raw = first.gradients[index];
    if (!raw) return; // the loss does not depend on it: neither update nor decay
    const gradient = factor ? tf.mul(raw, factor) : raw;
    const slots = optimizer.slots.map((_, slot) => inputs[slotInput(slot, index)] as Tensor);
    const { rateFactor, weightDecay } = problem.settings[index] as ParamSettings;
    const updated = optimizer.update({ weight, gradient, slots, numbers, rateFactor, weightDecay });
    outputs[weightInput(index)] = updated.weight;
    updated.slots.forEach((value, slot) => {
      outputs[slotInput(slot, index)] = value;
    });
  });
  const observed = averages.updated();
  partition.fixed.forEach(({ name }, index) => {
    const value = observed.get(name);
    if (!value) return;
    outputs[fixedInput(index)] = tf.clone(value);
    value.dispose();
  });
  return outputs;
}
