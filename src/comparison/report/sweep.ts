/** Chooses the learning rate of a row in a sweep: the one whose trainings did best on the selection samples. */
import type { CellResult } from '../plan/cell.ts';
import { spreadOf } from './statistics.ts';

export interface SweptRate {
  readonly learningRate: number;
  /** Mean accuracy over seeds on the selection samples; a training that diverged counts as 0. Null where no training has finished. */
  readonly accuracy: number | null;
  readonly loss: number | null;
  /** Number of finished trainings. */
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

/** Orders by accuracy, then by loss, then by the lower rate; rates without a finished training come last. */
function compare(a: SweptRate, b: SweptRate): number {
  const accuracy = (b.accuracy ?? -1) - (a.accuracy ?? -1);
  if (accuracy !== 0) return accuracy;
  const [lossA, lossB] = [a.loss ?? Number.POSITIVE_INFINITY, b.loss ?? Number.POSITIVE_INFINITY];
  return lossA === lossB ? a.learningRate - b.learningRate : lossA < lossB ? -1 : 1;
}

/** @param swept the finished trainings by learning rate; at least one rate */
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
