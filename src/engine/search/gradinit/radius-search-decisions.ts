/**
 * The decisions of the search for a radius, as pure functions of measurements (../../training/short-training.ts).
 *
 *   score of a candidate = mean over the optimizers of the lowest mean held-out loss over the training rates; lower is better, infinite where every
 *   training diverged
 *
 * Scale 1 is candidate zero and wins ties. A tuned candidate replaces it only when, over pairs of equal seed, batch and optimizer, the mean difference
 * is negative by more than twice its standard error, and negative for every seed.
 *
 * Successive halving: Karnin, Koren, Somekh: Almost Optimal Exploration in Multi-Armed Bandits. ICML 2013.
 */

/** One short training and its result. */
export interface Measurement {
  readonly candidate: number;
  readonly optimizer: number;
  readonly rateFactor: number;
  readonly seed: number;
  /** Number of steps. */
  readonly horizon: number;
  /** Loss of every held-out batch after the last step; null: the training diverged. */
  readonly losses: readonly number[] | null;
  /** Largest mean held-out loss after 1, 2, 4, ... steps, divided by the one before the first step; null: the training diverged or was not watched. */
  readonly rise: number | null;
}

/** The candidate without a change: scale 1. */
export const start = 0;

export const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const lossOf = (measurements: readonly Measurement[]): number =>
  measurements.length === 0 || measurements.some(({ losses }) => losses === null)
    ? Number.POSITIVE_INFINITY
    : meanOf(measurements.map(({ losses }) => meanOf(losses as readonly number[])));

/** Mean held-out loss of one candidate with one optimizer by training rate, over all seeds of the horizon. */
export function lossByRate(
  measurements: readonly Measurement[],
  selection: Pick<Measurement, 'candidate' | 'optimizer' | 'horizon'>,
): Map<number, number> {
  const own = measurements.filter(
    ({ candidate, optimizer, horizon }) =>
      candidate === selection.candidate && optimizer === selection.optimizer && horizon === selection.horizon,
  );
  const factors = [...new Set(own.map(({ rateFactor }) => rateFactor))];
  return new Map(factors.map((factor) => [factor, lossOf(own.filter(({ rateFactor }) => rateFactor === factor))]));
}

/** The best training rate of a candidate; ties go to the rate of the actual training, then to the lower rate. */
export function bestRate(
  measurements: readonly Measurement[],
  selection: Pick<Measurement, 'candidate' | 'optimizer' | 'horizon'>,
): number {
  const ranked = [...lossByRate(measurements, selection)].sort(
    ([a, lossA], [b, lossB]) =>
      Number(lossB < lossA) - Number(lossA < lossB) || Number(b === 1) - Number(a === 1) || a - b,
  );
  return ranked[0]?.[0] ?? 1;
}

/** The score of a candidate, as defined at the top of this file. */
export function scoreOf(
  measurements: readonly Measurement[],
  candidate: number,
  horizon: number,
  optimizers: number,
): number {
  return meanOf(
    Array.from({ length: optimizers }, (_, optimizer) =>
      Math.min(...lossByRate(measurements, { candidate, optimizer, horizon }).values(), Number.POSITIVE_INFINITY),
    ),
  );
}

export interface Comparison {
  /** Mean over the pairs of the candidate's loss minus that of scale 1; negative: better. */
  readonly difference: number;
  /** Standard error of that mean. */
  readonly standardError: number;
  readonly pairs: number;
  /** True when the candidate is better for every seed. */
  readonly everySeed: boolean;
}

const keyOf = ({ optimizer, seed, horizon }: Measurement) => `${optimizer}/${seed}/${horizon}`;

/** Compares pairs of trainings with equal optimizer, seed and horizon, at any rates. A training that diverged counts as infinitely bad. */
export function compareWithStart(measurements: readonly Measurement[], candidate: number): Comparison {
  const ofStart = new Map(measurements.filter((one) => one.candidate === start).map((one) => [keyOf(one), one]));
  const differences: number[] = [];
  const bySeed = new Map<number, number[]>();
  for (const one of measurements.filter((other) => other.candidate === candidate)) {
    const other = ofStart.get(keyOf(one));
    if (!other) continue;
    if (one.losses === null) differences.push(Number.POSITIVE_INFINITY);
    const batches = one.losses?.length ?? 0;
    for (let k = 0; k < batches; k++) {
      const difference = (one.losses?.[k] ?? 0) - (other.losses?.[k] ?? Number.POSITIVE_INFINITY);
      differences.push(difference);
      bySeed.set(one.seed, [...(bySeed.get(one.seed) ?? []), difference]);
    }
  }
  const mean = differences.length === 0 ? 0 : meanOf(differences);
  const squares = differences.map((difference) => (difference - mean) ** 2);
  const count = differences.length;
  const standardError = count < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(meanOf(squares) / (count - 1));
  const everySeed = count > 0 && [...bySeed.values()].every((list) => meanOf(list) < 0);
  return { difference: mean, standardError: Number.isNaN(standardError) ? 0 : standardError, pairs: count, everySeed };
}

/** True when a candidate is better than scale 1 by more than the noise of the measurement. */
export const isBetter = ({ difference, standardError, everySeed }: Comparison): boolean =>
  everySeed && difference < 0 && difference < -2 * standardError;

export interface GateReading {
  /** The largest rise over the optimizers at every training rate, by its factor on the rate of the actual training; null where a training diverged. */
  readonly riseByRateFactor: Readonly<Record<string, number | null>>;
  /** The largest of these factors at which no training raises its loss; null when there is none. */
  readonly criticalRateFactor: number | null;
  /** True when no training at the rate of the actual training raises its loss. */
  readonly wellConditioned: boolean;
}

/** A rise below this factor is rounding and noise of a step. */
const riseTolerance = 1.02;

/**
 * Reads round 0. The rate above which the loss rises before it falls is the critical one, 2 / sharpness to first order. A network that is trained
 * below it is not limited by the scales of its tensors, which warm-up, lower rates and scaled weights would correct.
 *
 * Gilmer et al.: A Loss Curvature Perspective on Training Instability in Deep Learning. ICLR 2022. Kalra, Barkeshli: Why Warmup the Learning Rate?
 * NeurIPS 2024.
 */
export function readGate(measurements: readonly Measurement[], horizon: number): GateReading {
  const own = measurements.filter((one) => one.candidate === start && one.horizon === horizon);
  const factors = [...new Set(own.map(({ rateFactor }) => rateFactor))].sort((a, b) => a - b);
  const rises = factors.map((factor) => {
    const list = own
      .filter(({ rateFactor }) => rateFactor === factor)
      .map(({ rise }) => rise ?? Number.POSITIVE_INFINITY);
    return [factor, Math.max(...list)] as const;
  });
  const calm = rises.filter(([, rise]) => rise <= riseTolerance).map(([factor]) => factor);
  return {
    riseByRateFactor: Object.fromEntries(
      rises.map(([factor, rise]) => [String(factor), Number.isFinite(rise) ? rise : null]),
    ),
    criticalRateFactor: calm.length === 0 ? null : Math.max(...calm),
    wellConditioned: calm.includes(1),
  };
}
