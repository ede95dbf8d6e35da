/**
 * Checks the second-order gradients of a network against differences of its first-order ones.
 *
 *   exact        alpha dn/dalpha at alpha = 1, n the norm of the loss gradient        (the constraint step)
 *   difference   (n(1 + h) - n(1 - h)) / 2h, extrapolated: (4 D(h) - D(2h)) / 3
 *
 * h is chosen for each parameter among several: float32 rounding spoils small ones, curvature and ReLU kinks large ones; the estimate taken is the one that
 * agrees best with the next. A scale matters when its derivative is at least 1 % of the largest.
 */
import { installGradients } from './gradients/index.ts';
import { compile, type Execution } from './graph/compile.ts';
import type { LossOf } from './scales/gradient.ts';
import { createNetwork } from './network/network.ts';
import { toBatchTensors } from './scales/batch-tensors.ts';
import { batchInputs, constraintStep, normStep, scalesInput, unpack, weightInput } from './scales/steps.ts';
import { partitionParams } from './scales/tuned-params.ts';
import { createLoss } from './losses/index.ts';
import type { Problem } from './methods/method.ts';
import type { Batch } from '../batch.ts';
import { AppError } from '../errors.ts';
import { scoped, type Tensor, tf } from './tf.ts';

export interface VerifiedScale {
  readonly parameter: string;
  readonly exact: number;
  readonly difference: number;
  /** |exact - difference| relative to the larger of the two. */
  readonly relativeError: number;
  readonly matters: boolean;
}

export interface Verification {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly scales: readonly VerifiedScale[];
  /** Largest relative error of a scale that matters. */
  readonly worst: number;
}

const steps = [3.2e-2, 1.6e-2, 8e-3, 4e-3, 2e-3] as const;
const mattersFrom = 0.01;

/** The extrapolated difference that agrees best with its neighbour. `at` gives n for one scale moved by a factor. */
function differenceOf(at: (factor: number) => number): number {
  const central = steps.map((h) => (at(1 + h) - at(1 - h)) / (2 * h));
  const extrapolated = central.slice(1).map((fine, index) => (4 * fine - (central[index] as number)) / 3);
  let best = extrapolated[0] as number;
  let smallest = Infinity;
  for (let index = 1; index < extrapolated.length; index++) {
    const [coarse, fine] = [extrapolated[index - 1] as number, extrapolated[index] as number];
    if (Math.abs(fine - coarse) < smallest) {
      smallest = Math.abs(fine - coarse);
      best = (fine + coarse) / 2;
    }
  }
  return best;
}

/**
 * Compares every scale's derivative of the gradient norm on one batch.
 *
 * @param norm 'l2' as for SGD, 'l1' as for Adam
 * @param onScale called after each parameter
 */
export async function verifyScaleGradients(
  problem: Problem,
  batch: Batch,
  norm: 'l1' | 'l2',
  execution: Execution,
  onScale: (done: number, total: number) => void = () => {},
): Promise<Verification> {
  installGradients();
  await tf.ready();
  if (!problem.loss) throw new AppError('DATASET_NOT_FOUND', 'verify needs a dataset');
  const loss: LossOf = createLoss(problem.loss.name, problem.loss.options);
  const partition = partitionParams(problem.topology, problem.weights, () => ({ rate: 0, lower: 0, upper: Infinity }));
  const step = { network: createNetwork(problem.topology), partition, loss, norm };
  const exactStep = compile('verify exact', (inputs) => constraintStep(step, inputs), execution);
  const normOnly = compile('verify norm', (inputs) => normStep(step, inputs), execution);
  const fixed: Record<string, Tensor> = batchInputs('s', toBatchTensors(batch));
  partition.trainable.forEach(({ name, shape }, index) => {
    fixed[weightInput(index)] = tf.tensor(problem.weights.get(name)?.data as Float32Array, [...shape]);
  });
  const ones = () => new Float32Array(partition.tuned.length).fill(1);
  const run = (compiled: typeof exactStep, scales: Float32Array) =>
    scoped(() => Array.from(compiled.run({ ...fixed, [scalesInput]: tf.tensor1d(scales) }).result.dataSync()));
  try {
    const { numbers, gradients } = unpack(run(exactStep, ones()), partition.tuned.length);
    const rows: { parameter: string; exact: number; difference: number }[] = [];
    for (const [k, { name }] of partition.tuned.entries()) {
      const at = (factor: number) => run(normOnly, ones().map((one, index) => (index === k ? factor : one)))[1] as number;
      rows.push({ parameter: name, exact: gradients[k] ?? 0, difference: differenceOf(at) });
      onScale(k + 1, partition.tuned.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return summarize(numbers, rows);
  } finally {
    exactStep.dispose();
    normOnly.dispose();
    tf.dispose(fixed);
  }
}

function summarize(numbers: readonly number[], rows: readonly { parameter: string; exact: number; difference: number }[]): Verification {
  const size = (row: { exact: number; difference: number }) => Math.max(Math.abs(row.exact), Math.abs(row.difference));
  const largest = Math.max(0, ...rows.map(size));
  const scales = rows.map((row) => ({
    ...row,
    relativeError: size(row) === 0 ? 0 : Math.abs(row.exact - row.difference) / size(row),
    matters: size(row) >= mattersFrom * largest && largest > 0,
  }));
  const worst = Math.max(0, ...scales.filter((row) => row.matters).map((row) => (Number.isFinite(row.relativeError) ? row.relativeError : Infinity)));
  return { loss: numbers[0] as number, gradientNorm: numbers[1] as number, scales, worst };
}
