/**
 * GradInit's two steps on micro-batches: the same results in a fraction of the memory, for networks whose samples are independent of each other.
 *
 *   g = sum_m w_m g_m,   w_m = size of m / size of the batch        (losses are means over the samples)
 *   constraint   second pass over the micro-batches:  alpha dn/dalpha = sum_m w_m d/ds <g_m(s) / s, h>,   h = g / n ('l2') or sign(g) ('l1')
 *   objective    theta' = theta - eta d from the whole g;   q = sum_m w_m <dL_m/dtheta'(theta'), W> / eta
 *
 * h is the derivative of the norm at g and constant in the second pass, so that the result is exact; the constraint branch costs one more first-order
 * pass.
 * Batch normalisation by batch statistics makes samples depend on each other and is refused.
 */
import { labelledPositions, type SampleSource } from '../../../batch.ts';
import { toBatchTensors } from '../../feeding/batch-tensors.ts';
import { pack, unpack } from '../../feeding/packed-result.ts';
import {
  batchInputs,
  batchOf,
  plainWeights,
  scaledWeights,
  scalesInput,
  weightMap,
} from '../../feeding/step-inputs.ts';
import { weightInput, weightTensors } from '../../feeding/tuned-params.ts';
import { type CompiledStep, compile, type Execution } from '../../graph/compile.ts';
import type { Tensors } from '../../graph/record.ts';
import { normOfGradients } from '../../network/dual-norm.ts';
import { differentiate, lossOf } from '../../network/loss-gradient.ts';
import { plainWeight, probedWeight } from '../../network/weights.ts';
import type { Weights } from '../../run.ts';
import { type Scalar, scoped, type Tensor, tf } from '../../tf.ts';
import type { SimulatedOptimizer, StepGraphs } from './step-graphs.ts';
import { type StepProblem, stepAlong } from './steps.ts';

type Problem = Omit<StepProblem, 'norm' | 'reported'>;

const gradientOutput = (index: number) => `g${index}`;
const directionInput = (index: number) => `h${index}`;
const steppedInput = (index: number) => `p${index}`;

/** Loss and all gradients of one micro-batch; zeros where the loss does not depend on a parameter. */
function gradientStep(problem: Problem, inputs: Tensors): Record<string, Tensor> {
  const theta = scaledWeights(problem, inputs);
  const batch = batchOf('s', inputs, problem.network.topology.inputs.length);
  const { loss, gradients } = differentiate(
    () => lossOf(problem.network, plainWeights(problem, inputs, theta), batch, problem.loss),
    theta,
  );
  const outputs = gradients.map((gradient, index): [string, Tensor] => [
    gradientOutput(index),
    gradient ?? tf.zerosLike(theta[index] as Tensor),
  ]);
  return { loss, ...Object.fromEntries(outputs) };
}

/** Output: `result` with the loss and d/ds <g(s) / s, h> for every scale, at s = 1. */
function directionalStep(problem: Problem, inputs: Tensors): Record<'result', Tensor> {
  const { network, partition } = problem;
  const batch = batchOf('s', inputs, network.topology.inputs.length);
  const factors = scaledWeights(problem, inputs);
  const probes: (Scalar | null)[] = partition.trainable.map(() => null);
  for (const { index } of partition.tuned) probes[index] = tf.scalar(1);
  const weights = weightMap(problem, inputs, (index) => {
    const s = probes[index];
    return s ? probedWeight(factors[index] as Tensor, s) : plainWeight(factors[index] as Tensor);
  });
  const along = () => {
    const { gradients } = differentiate(() => lossOf(network, weights, batch, problem.loss), factors);
    const parts = gradients.flatMap((gradient, index) => {
      if (!gradient) return [];
      const dot = tf.sum(tf.mul(gradient, inputs[directionInput(index)] as Tensor));
      const s = probes[index];
      return [s ? tf.div(dot, s) : dot];
    });
    return tf.addN(parts) as Scalar;
  };
  const { loss, gradients } = differentiate(
    along,
    partition.tuned.map(({ index }) => probes[index] as Scalar),
  );
  return { result: pack([loss], gradients) };
}

/** Output: `result` with the loss at theta' and <dL/dtheta', W> for every scale. */
function steppedStep(problem: Problem, inputs: Tensors): Record<'result', Tensor> {
  const { network, partition } = problem;
  const stepped = partition.trainable.map((_, index) => inputs[steppedInput(index)] as Tensor);
  const batch = batchOf('s', inputs, network.topology.inputs.length);
  const { loss, gradients } = differentiate(
    () => lossOf(network, plainWeights(problem, inputs, stepped), batch, problem.loss),
    stepped,
  );
  const dots = partition.tuned.map(({ index }) => {
    const gradient = gradients[index];
    return gradient ? tf.sum(tf.mul(gradient, inputs[weightInput(index)] as Tensor)) : null;
  });
  return { result: pack([loss], dots) };
}

/** Consecutive pieces with at most `size` indices. */
export function splitIndices(indices: ArrayLike<number>, size: number): Int32Array[] {
  const all = Int32Array.from(indices);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, piece) =>
    all.slice(piece * size, (piece + 1) * size),
  );
}

/** As `createStepGraphs`, for one optimizer, with at most `microBatchSize` samples per pass. */
export function createMicroStepGraphs(
  problem: Problem,
  weights: Weights,
  samples: SampleSource,
  optimizer: SimulatedOptimizer,
  microBatchSize: number,
  execution: Execution,
): StepGraphs {
  const { tuned, trainable } = problem.partition;
  const gradient: CompiledStep = compile('micro gradient', (inputs) => gradientStep(problem, inputs), execution);
  const directional = compile('micro constraint', (inputs) => directionalStep(problem, inputs), execution);
  const stepped = compile('micro objective', (inputs) => steppedStep(problem, inputs), execution);
  const fixedInputs = weightTensors(problem.partition, weights);
  const isPerPosition = samples.targets.kind === 'classes' && samples.targets.shape !== undefined;
  // The mean over all labelled positions is the mean of the pieces weighted by their numbers of labelled positions.
  const weightOf = (piece: Int32Array) => (isPerPosition ? labelledPositions(samples.gather(piece)) : piece.length);
  const piecesOf = (indices: ArrayLike<number>) => {
    const pieces = splitIndices(indices, microBatchSize).map((piece) => ({ piece, weight: weightOf(piece) }));
    const total = pieces.reduce((sum, { weight }) => sum + weight, 0);
    return pieces.map(({ piece, weight }) => ({ piece, share: weight / Math.max(1, total) }));
  };
  const inputsOf = (piece: Int32Array) => batchInputs('s', toBatchTensors(samples.gather(piece)));

  /** Weighted sum of the packed results of a step. */
  const sumPacked = (step: CompiledStep<'result'>, base: Tensors, indices: ArrayLike<number>) => {
    let loss = 0;
    let gradients: (number | null)[] = tuned.map(() => null);
    for (const { piece, share } of piecesOf(indices)) {
      const packed = scoped(() => unpack(step.run({ ...base, ...inputsOf(piece) }).result.dataSync(), tuned.length));
      loss += share * (packed.numbers[0] as number);
      gradients = packed.gradients.map((q, k) => (q === null ? null : (gradients[k] ?? 0) + share * q));
    }
    return { loss, gradients };
  };

  /** Loss and gradient of the whole batch; the gradient belongs to the caller's scope. */
  const wholeGradient = (base: Tensors, indices: ArrayLike<number>) => {
    let loss = 0;
    let total: Tensor[] = [];
    for (const { piece, share } of piecesOf(indices)) {
      const outputs = gradient.run({ ...base, ...inputsOf(piece) });
      const parts = trainable.map((_, index) => tf.mul(outputs[gradientOutput(index)] as Tensor, share));
      loss += share * ((outputs.loss as Tensor).dataSync()[0] as number);
      const sums = parts.map((part, index) => (total[index] ? tf.add(total[index], part) : part));
      tf.dispose([...Object.values(outputs), ...total, ...(total.length > 0 ? parts : [])]);
      total = sums;
    }
    return { loss, total };
  };

  return {
    run: (branch, alphas, indices) =>
      scoped(() => {
        const base: Record<string, Tensor> = { ...fixedInputs };
        if (tuned.length > 0) base[scalesInput] = tf.tensor1d(Float32Array.from(alphas));
        const [s, t] = indices as [ArrayLike<number>, ArrayLike<number> | undefined];
        const { loss, total } = wholeGradient(base, s);
        const n = normOfGradients(total, optimizer.norm);
        const norm = n.dataSync()[0] as number;
        if (branch === 'objective') {
          const next = stepAlong(scaledWeights(problem, base), total, n, optimizer);
          const at = Object.fromEntries(next.map((weight, index) => [steppedInput(index), weight]));
          const result = sumPacked(stepped, { ...base, ...at }, t ?? []);
          const gradients = result.gradients.map((q) => (q === null ? null : q / optimizer.eta));
          return { loss, norms: [norm], steppedLosses: [result.loss], gradients };
        }
        const along = total.map((g): Tensor => (optimizer.norm === 'l2' ? tf.div(g, n) : tf.sign(g)));
        const directions = Object.fromEntries(along.map((h, index) => [directionInput(index), h]));
        const { gradients } = sumPacked(directional, { ...base, ...directions }, s);
        const byAlpha = gradients.map((raw, k) =>
          raw === null || alphas[k] === 0 ? null : raw / (alphas[k] as number),
        );
        return { loss, norms: [norm], steppedLosses: [], gradients: byAlpha };
      }),
    dispose() {
      for (const step of [gradient, directional, stepped]) step.dispose();
      tf.dispose(fixedInputs);
    },
  };
}
