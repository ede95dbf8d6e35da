/** The evidence of a recommendation's trials, for its report. */
import {
  type GateReading,
  lossByRate,
  type Measurement,
  meanOf,
  readGate,
  start,
} from '../gradinit/radius-search-decisions.ts';
import type { Candidate, TrialPlan, Verdict } from './trials.ts';

export interface EvidenceRow {
  readonly name: string;
  /** Mean held-out loss after the first trainings, by training rate; null: the training diverged. */
  readonly shortLosses: Readonly<Record<string, number | null>>;
  /** Mean held-out losses of the last trainings, one per seed; null: the training diverged. Absent for candidates that were not in the last round. */
  readonly longLosses?: readonly (number | null)[];
  /** Comparison with the given weights over pairs of seed and batch: mean difference of the held-out loss and its standard error. */
  readonly againstStart?: {
    readonly difference: number | null;
    readonly standardError: number | null;
    readonly everySeed: boolean;
  };
}

const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** One row per candidate, in order. `optimizer` and `learningRate` are those of the actual training. */
export function rowsOf(
  measurements: readonly Measurement[],
  { comparisons }: Verdict,
  candidates: readonly Candidate[],
  plan: TrialPlan,
  optimizer: string,
  learningRate: number,
): { optimizer: string; trainingSteps: number; rows: EvidenceRow[] } {
  const [short, long] = plan.horizons;
  const first = measurements.filter(({ seed }) => seed === 0);
  const rows = candidates.map(({ name }, candidate): EvidenceRow => {
    const rates = [...lossByRate(first, { candidate, optimizer: 0, horizon: short })];
    const last = measurements.filter((one) => one.candidate === candidate && one.horizon === long && one.seed > 0);
    const comparison = comparisons.find((one) => one.candidate === candidate);
    return {
      name,
      shortLosses: Object.fromEntries(rates.map(([factor, loss]) => [String(factor * learningRate), finite(loss)])),
      ...(last.length > 0 ? { longLosses: last.map(({ losses }) => (losses ? meanOf(losses) : null)) } : {}),
      ...(comparison
        ? {
            againstStart: {
              difference: finite(comparison.difference),
              standardError: finite(comparison.standardError),
              everySeed: comparison.everySeed,
            },
          }
        : {}),
    };
  });
  return { optimizer, trainingSteps: measurements.reduce((sum, { horizon }) => sum + horizon, 0), rows };
}

/** Whether the given weights can be trained at the rate of the actual training, with a sentence for the answer. */
export function gateOf(
  measurements: readonly Measurement[],
  horizon: number,
  learningRate: number,
): { reading: GateReading & { criticalRate: number | null }; why(chosen: string | null): string } {
  const first = measurements.filter(({ seed, candidate }) => seed === 0 && candidate === start);
  const gate = readGate(first, horizon);
  const reading = {
    ...gate,
    criticalRate: gate.criticalRateFactor === null ? null : gate.criticalRateFactor * learningRate,
  };
  const condition = gate.wellConditioned
    ? `the loss does not rise from your weights at the rate ${learningRate}`
    : `the loss rises from your weights at the rate ${learningRate} before it falls`;
  return {
    reading,
    why: (chosen) => {
      if (chosen !== null)
        return `${chosen} was better than your weights for every seed, beyond twice the standard error; ${condition}`;
      const advice = gate.wellConditioned
        ? 'nothing suggests that they need help'
        : 'a lower rate, a warm-up or the method gradinit may help; none of the methods tried did';
      return `no method was better than your weights for every seed and beyond twice the standard error; ${condition}: ${advice}`;
    },
  };
}
