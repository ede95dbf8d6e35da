/**
 * The rows of a comparison's report: one for each model, protocol and method. The row of a sweep has the numbers at the learning rate that did best
 * on the selection samples.
 */
import { type ComparisonTraining, protocolLabel } from '../../contract/comparison-spec.ts';
import type { CellResult, CellState } from '../plan/cell.ts';
import type { ComparisonPlan } from '../plan/cells.ts';
import { type PairedDifference, pairedDifference, type Spread, spreadOf } from './statistics.ts';
import { rateOfSweep, type SweptRate } from './sweep.ts';

export type States = ReadonlyMap<string, CellState>;

/** The place of a row, as positions in the lists of the specification. */
export interface RowPlace {
  readonly model: number;
  /** One position, or several for a sweep. */
  readonly training: readonly number[];
  readonly method: number;
}

export interface ReportRow {
  readonly model: string;
  readonly training: string;
  readonly method: string;
  /**
   * 'done': every seed gave a result; 'partial': some seeds failed or are missing; 'failed': all failed; 'inapplicable': the method does not apply to
   * the model; 'unfinished': cells still run.
   */
  readonly status: 'done' | 'partial' | 'failed' | 'inapplicable' | 'unfinished';
  /** The reason why a row has no numbers, or not those of every seed. */
  readonly note: string | null;
  readonly accuracyFirst: Spread | null;
  /** Mean test accuracy over the evaluations near the end of the first epoch. */
  readonly meanAccuracyFirst: Spread | null;
  readonly accuracyBest: Spread | null;
  readonly lossAfter1: Spread | null;
  readonly lossAfter10: Spread | null;
  readonly lossAfter100: Spread | null;
  readonly gradientNorm: Spread | null;
  readonly initSeconds: Spread | null;
  readonly initPeakBytes: Spread | null;
  /** Duration of the initialisation, in epochs of the same training. */
  readonly initEpochs: Spread | null;
  /** In a sweep: the learning rate whose trainings did best on the selection samples, and the result of every rate there. Null outside of a sweep. */
  readonly sweep: { readonly learningRate: number; readonly rates: readonly SweptRate[] } | null;
  /** Paired difference of Acc_best to the first row of the table, by seed; null for that row. */
  readonly difference: (PairedDifference & { readonly reference: string }) | null;
  /** Number of seeds whose training loss became NaN or infinite. */
  readonly diverged: number;
}

const emptyRow = {
  accuracyFirst: null,
  meanAccuracyFirst: null,
  accuracyBest: null,
  lossAfter1: null,
  lossAfter10: null,
  lossAfter100: null,
  gradientNorm: null,
  initSeconds: null,
  initPeakBytes: null,
  initEpochs: null,
  sweep: null,
  difference: null,
  diverged: 0,
};

function numbersOf(
  results: readonly CellResult[],
): Omit<ReportRow, 'model' | 'training' | 'method' | 'status' | 'note' | 'sweep' | 'difference'> {
  const spread = (read: (result: CellResult) => number | null) => spreadOf(results.map(read));
  return {
    accuracyFirst: spread(({ training }) => training.accuracyFirst),
    meanAccuracyFirst: spread(({ training }) => training.meanAccuracyFirst),
    accuracyBest: spread(({ training }) => training.accuracyBest),
    lossAfter1: spread(({ training }) => training.lossAfter[1]),
    lossAfter10: spread(({ training }) => training.lossAfter[10]),
    lossAfter100: spread(({ training }) => training.lossAfter[100]),
    gradientNorm: spread(({ training }) => training.start.gradientNorm),
    initSeconds: spread(({ initialisation }) => initialisation.seconds),
    initPeakBytes: spread(({ initialisation }) => initialisation.peakBytes),
    initEpochs: spread(({ initialisation, training }) => epochsOf(initialisation.seconds, training)),
    diverged: results.filter(({ training }) => training.divergedAt !== null).length,
  };
}

/** Converts seconds to epochs of the training; null where no epoch was finished. */
function epochsOf(seconds: number, { epochs }: CellResult['training']): number | null {
  const total = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return total > 0 ? (seconds * epochs.length) / total : null;
}

/** The cells of a row; in a sweep only those at the row's learning rate. */
export function chosenCells(plan: ComparisonPlan, states: States, { model, training, method }: RowPlace) {
  const own = plan.cells.filter((cell) => cell.model === model && cell.method === method);
  const [first, ...others] = training;
  if (first === undefined) return { cells: [], sweep: null };
  if (others.length === 0) return { cells: own.filter((cell) => cell.training === first), sweep: null };
  const sweep = rateOfSweep(
    training.map((index) => ({
      learningRate: plan.spec.training[index]?.learningRate ?? 0,
      results: own
        .filter((cell) => cell.training === index)
        .flatMap(({ id }) => {
          const state = states.get(id);
          return state?.status === 'done' ? [state.result] : [];
        }),
    })),
  );
  const chosen = training[sweep.position] as number;
  return {
    cells: own.filter((cell) => cell.training === chosen),
    sweep: { learningRate: sweep.learningRate, rates: sweep.rates },
  };
}

/** The row at `place`, without its difference to the first row, which `withDifferences` adds. */
export function rowOf(plan: ComparisonPlan, states: States, place: RowPlace): ReportRow {
  const { spec } = plan;
  const names = {
    model: spec.models[place.model]?.label ?? '',
    training: protocolLabel(spec.training[place.training[0] ?? 0] as ComparisonTraining),
    method: spec.methods[place.method]?.label ?? '',
  };
  const why = plan.inapplicable.find(({ model, method }) => model === place.model && method === place.method);
  if (why) return { ...names, status: 'inapplicable', note: `does not apply: ${why.reason}`, ...emptyRow };
  const { cells, sweep } = chosenCells(plan, states, place);
  const results: CellResult[] = [];
  const notes: string[] = [];
  let failed = 0;
  for (const cell of cells) {
    const state = states.get(cell.id) ?? { status: 'pending' };
    if (state.status === 'done') {
      results.push(state.result);
      const { divergedAt } = state.result.training;
      if (divergedAt !== null) notes.push(`seed ${spec.seeds[cell.seed]}: the training diverged at step ${divergedAt}`);
    } else {
      if (state.status === 'failed') failed += 1;
      notes.push(
        `seed ${spec.seeds[cell.seed]}: ${state.status === 'failed' ? `${state.error.code}: ${state.error.message}` : state.status}`,
      );
    }
  }
  const status =
    results.length === cells.length
      ? 'done'
      : failed === cells.length
        ? 'failed'
        : failed + results.length === cells.length
          ? 'partial'
          : 'unfinished';
  return {
    ...names,
    status,
    note: notes.length > 0 ? notes.join('; ') : null,
    ...numbersOf(results),
    sweep,
    difference: null,
  };
}

/** Acc_best of the cells that count, by seed. */
export function accuraciesOf(plan: ComparisonPlan, states: States, place: RowPlace): Map<number, number> {
  const { cells } = chosenCells(plan, states, place);
  return new Map(
    cells.flatMap(({ id, seed }) => {
      const state = states.get(id);
      return state?.status === 'done' ? [[seed, state.result.training.accuracyBest] as const] : [];
    }),
  );
}

/** The rows, each with its difference to the first row of the same table that has numbers. */
export function withDifferences(
  rows: readonly ReportRow[],
  accuracies: readonly ReadonlyMap<number, number>[],
): ReportRow[] {
  return rows.map((row, index) => {
    const reference = rows.findIndex(
      (other) => other.model === row.model && other.training === row.training && other.accuracyBest !== null,
    );
    const found =
      reference < 0 || reference === index
        ? null
        : pairedDifference(accuracies[index] ?? new Map(), accuracies[reference] ?? new Map());
    return found === null ? row : { ...row, difference: { ...found, reference: rows[reference]?.method ?? '' } };
  });
}
