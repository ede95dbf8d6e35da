/** The training rate of a row: the one whose trainings did best on the samples to choose by. */
import type { CellResult } from '../plan/cell.ts';
import { spreadOf } from './statistics.ts';

export interface SweptRate {
  readonly learningRate: number;
  /** Mean over seeds on the samples to choose by; a training that diverged counts as accuracy 0. Null where nothing was trained yet. */
  readonly accuracy: number | null;
  readonly loss: number | null;
  /** Trainings that are done. */
  readonly n: number;
  readonly diverged: number;
}

function readRate(learningRate: number, results: readonly CellResult[]): SweptRate {
  const readings = results.map(({ training }) => training.selection ?? null);
  const losses = readings.map((reading) => reading?.loss ?? null);
  return {
    learningRate,
    accuracy: spreadOf(readings.map((reading) => reading?.accuracy ?? 0))?.mean ?? null,
    loss: losses.includes(null) ? null : (spreadOf(losses)?.mean ?? null),
    n: results.length,
    diverged: readings.filter((reading) => reading === null).length,
  };
}

/** By accuracy, then by the loss, then by the lower rate; rates without a training last. */
function compare(a: SweptRate, b: SweptRate): number {
  const accuracy = (b.accuracy ?? -1) - (a.accuracy ?? -1);
  if (accuracy !== 0) return accuracy;
  const [lossA, lossB] = [a.loss ?? Number.POSITIVE_INFINITY, b.loss ?? Number.POSITIVE_INFINITY];
  return lossA === lossB ? a.learningRate - b.learningRate : lossA < lossB ? -1 : 1;
}

/** @param swept the trainings that are done at each rate, at least one rate */
export function rateOfSweep(
  swept: readonly { readonly learningRate: number; readonly results: readonly CellResult[] }[],
): {
  readonly position: number;
  readonly learningRate: number;
  readonly rates: readonly SweptRate[];
} {
  const rates = swept.map(({ learningRate, results }) => readRate(learningRate, results));
  const [best] = [...rates].sort(compare) as [SweptRate];
  return { position: rates.indexOf(best), learningRate: best.learningRate, rates };
}
