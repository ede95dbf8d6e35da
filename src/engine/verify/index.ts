/**
 * Compares the second-order gradients of a network with differences of its first-order ones.
 *
 *   exact        alpha dn/dalpha at alpha = 1, n the norm of the loss gradient              (the constraint step)
 *   difference   of n(1 + h) and n(1 - h), extrapolated (difference.ts), with the branches of piecewise-linear operations kept as at h = 0
 *                (frozen-choices.ts)
 *
 * A scale is judged when its derivative is at least 1 % of the largest one; smaller ones are dominated by the rounding of float32. A sample takes its
 * scales first from those whose exact derivative is that large, so that there are scales to judge.
 */
import type { Batch } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { createRandom, shuffle } from '../../random.ts';
import { toBatchTensors } from '../feeding/batch-tensors.ts';
import { unpack } from '../feeding/packed-result.ts';
import { batchInputs, scalesInput } from '../feeding/step-inputs.ts';
import { partitionParams, weightTensors } from '../feeding/tuned-params.ts';
import { installGradients } from '../gradients/index.ts';
import { type CompiledStep, compile, type Execution } from '../graph/compile.ts';
import type { Tensors } from '../graph/record.ts';
import { createRunLoss } from '../losses/run-loss.ts';
import { createNetwork } from '../network/network.ts';
import type { Problem } from '../run.ts';
import { constraintStep, normStep, type StepProblem } from '../search/gradinit/steps.ts';
import { scoped, type Tensor, tf } from '../tf.ts';
import { derivativeAtZero } from './difference.ts';
import { withChoicesOf } from './frozen-choices.ts';

export interface VerifiedScale {
  readonly parameter: string;
  readonly exact: number;
  readonly difference: number;
  /** |exact - difference| relative to the larger of the two. */
  readonly relativeError: number;
  /** 'judged': the error counts; 'small': the derivative is below 1 % of the largest one; 'none': neither the exact derivative nor the difference exists. */
  readonly verdict: 'judged' | 'small' | 'none';
}

export interface Verification {
  readonly loss: number;
  readonly gradientNorm: number;
  /** The checked scales, in the order of the network. */
  readonly scales: readonly VerifiedScale[];
  /** Number of scales of the network. */
  readonly total: number;
  /** Number of checked scales that were judged; a verification without judged scales proves nothing. */
  readonly judged: number;
  /** Largest relative error of a judged scale; 0 without judged scales. */
  readonly worst: number;
}

/** True when all judged scales are within `tolerance` and there is at least one. */
export const isVerified = ({ judged, worst }: Verification, tolerance: number): boolean =>
  judged > 0 && worst <= tolerance;

export interface VerifyOptions {
  /** 'l2' as for SGD, 'l1' as for Adam. */
  readonly norm: 'l1' | 'l2';
  readonly execution?: Execution;
  /** Number of scales in a seeded sample. Default: all. */
  readonly parameters?: number;
  /** Called after each scale. */
  readonly onScale?: (done: number, total: number) => void;
}

const judgedFrom = 0.01;
const aheadInput = 'ahead';
const behindInput = 'behind';

/** Inputs as for `normStep`, and two displaced vectors of scales. Output: n for each of the two, with the branches of the undisplaced scales. */
function displacedNorms(
  step: StepProblem,
  { [aheadInput]: ahead, [behindInput]: behind, ...base }: Tensors,
): Record<'result', Tensor> {
  const normAt = (scales: Tensor | undefined) => () =>
    normStep(step, { ...base, [scalesInput]: scales as Tensor }).result;
  const results = withChoicesOf(() => normStep(step, base), [normAt(ahead), normAt(behind)]);
  return { result: tf.stack(results.map((result) => tf.gather(result, 1))) };
}

const largestOf = (values: readonly (number | null)[]) =>
  values.reduce<number>((largest, value) => Math.max(largest, Math.abs(value ?? 0)), 0);

/**
 * Indexes of the scales to check, ascending. A sample takes three quarters from the scales whose exact derivative is large enough to be judged; the
 * others show whether small derivatives are small.
 */
function chooseScales(gradients: readonly (number | null)[], wanted: number, seed: number): number[] {
  const order = Int32Array.from({ length: gradients.length }, (_, k) => k);
  if (wanted >= gradients.length) return Array.from(order);
  shuffle(order, createRandom(seed, 'verify'));
  const threshold = judgedFrom * largestOf(gradients);
  const isLarge = (k: number) => !(Math.abs(gradients[k] ?? 0) < threshold);
  const large = Array.from(order).filter(isLarge);
  const small = Array.from(order).filter((k) => !isLarge(k));
  const fromLarge = Math.min(large.length, Math.max(Math.ceil((3 * wanted) / 4), wanted - small.length));
  const chosen = [...large.slice(0, fromLarge), ...small.slice(0, wanted - fromLarge)];
  return chosen.sort((one, other) => one - other);
}

/**
 * Compares the derivatives of the gradient norm with respect to the scales on one batch. Throws the errors of the network's parts, and DIVERGED for
 * weights that are not finite.
 */
export async function verifyScaleGradients(
  problem: Problem,
  batch: Batch,
  options: VerifyOptions,
): Promise<Verification> {
  installGradients();
  await tf.ready();
  if (!problem.loss) throw new AppError('DATASET_NOT_FOUND', 'verify needs a dataset');
  const { norm, execution = 'graph', onScale = () => {} } = options;
  const partition = partitionParams(problem.topology, problem.weights, () => ({ rate: 0, lower: 0, upper: Infinity }));
  const step = {
    network: createNetwork(problem.topology),
    partition,
    loss: createRunLoss(problem.loss, problem.topology),
    norm,
  };
  const exactStep = compile('verify exact', (inputs) => constraintStep(step, inputs), execution);
  const displacedStep = compile('verify difference', (inputs) => displacedNorms(step, inputs), execution);
  const fixed = { ...weightTensors(partition, problem.weights), ...batchInputs('s', toBatchTensors(batch)) };
  const count = partition.tuned.length;
  const displaced = (k = -1, by = 0) =>
    tf.tensor1d(Float32Array.from({ length: count }, (_, index) => (index === k ? 1 + by : 1)));
  const run = (compiled: CompiledStep<'result'>, inputs: () => Tensors) =>
    scoped(() => Array.from(compiled.run({ ...fixed, ...inputs() }).result.dataSync()));
  try {
    const { numbers, gradients } = unpack(
      run(exactStep, () => ({ [scalesInput]: displaced() })),
      count,
    );
    const chosen = chooseScales(gradients, options.parameters ?? count, problem.seed);
    const rows: Row[] = [];
    for (const k of chosen) {
      const { value } = derivativeAtZero(
        (h) =>
          run(displacedStep, () => ({
            [scalesInput]: displaced(),
            [aheadInput]: displaced(k, h),
            [behindInput]: displaced(k, -h),
          })) as [number, number],
      );
      rows.push({ parameter: partition.tuned[k]?.name as string, exact: gradients[k] ?? 0, difference: value });
      onScale(rows.length, chosen.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [loss, gradientNorm] = numbers as [number, number];
    return { loss, gradientNorm, total: count, ...compare(rows, gradients) };
  } finally {
    exactStep.dispose();
    displacedStep.dispose();
    tf.dispose(fixed);
  }
}

type Row = Pick<VerifiedScale, 'parameter' | 'exact' | 'difference'>;

/** The errors, judged relative to the largest derivative of all scales, checked or not. */
function compare(
  rows: readonly Row[],
  gradients: readonly (number | null)[],
): Pick<Verification, 'scales' | 'judged' | 'worst'> {
  const size = ({ exact, difference }: Row) => Math.max(Math.abs(exact), Math.abs(difference));
  const largest = Math.max(largestOf(gradients), ...rows.map(size));
  const scales = rows.map((row): VerifiedScale => {
    const relativeError = size(row) === 0 ? 0 : Math.abs(row.exact - row.difference) / size(row);
    // Comparisons with NaN are false, so that NaN is judged and counts as wrong.
    const verdict = size(row) === 0 ? 'none' : size(row) < judgedFrom * largest ? 'small' : 'judged';
    return { ...row, relativeError, verdict };
  });
  const errors = scales
    .filter(({ verdict }) => verdict === 'judged')
    .map(({ relativeError }) => (Number.isNaN(relativeError) ? Infinity : relativeError));
  return { scales, judged: errors.length, worst: Math.max(0, ...errors) };
}
