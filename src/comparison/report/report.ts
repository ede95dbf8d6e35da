/** report.json of a comparison: one row per (model, protocol, method) with mean and standard deviation over seeds, and every cell. */
import type { ComparisonSpec } from '../../contract/comparison-spec.ts';
import { version } from '../../version.ts';
import type { Cell, CellResult, CellState } from '../plan/cell.ts';
import type { ComparisonPlan } from '../plan/cells.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface ReportRow {
  readonly model: string;
  readonly training: string;
  readonly method: string;
  /** 'done': every seed gave a result; 'partial': some failed or are missing; 'failed': all failed; 'inapplicable'; 'unfinished'. */
  readonly status: 'done' | 'partial' | 'failed' | 'inapplicable' | 'unfinished';
  /** Why a row has no numbers, or not those of every seed. */
  readonly note: string | null;
  readonly accuracyFirst: Spread | null;
  /** The mean over the evaluations near the end of the first epoch. */
  readonly meanAccuracyFirst: Spread | null;
  readonly accuracyBest: Spread | null;
  readonly lossAfter1: Spread | null;
  readonly lossAfter10: Spread | null;
  readonly lossAfter100: Spread | null;
  readonly gradientNorm: Spread | null;
  readonly initSeconds: Spread | null;
  readonly initPeakBytes: Spread | null;
  /** Seeds whose training became NaN or infinite. */
  readonly diverged: number;
}

export interface ReportCell {
  readonly id: string;
  readonly model: string;
  readonly training: string;
  readonly method: string;
  readonly seed: number;
  /** The job that ran it, where there is one. */
  readonly job: string | null;
  readonly state: CellState;
}

export interface ComparisonReport {
  readonly format: 'gradinit-comparison/1';
  readonly versions: Readonly<Record<string, string>>;
  /** Without the layers of posted topologies. */
  readonly spec: object;
  readonly samples: ComparisonPlan['samples'];
  readonly rows: readonly ReportRow[];
  /** The best seed of the method with the best mean Acc_best, for every model and protocol; ties go to the better Acc_1, then to the first listed. */
  readonly best: readonly {
    readonly model: string;
    readonly training: string;
    readonly method: string;
    readonly seed: number;
    readonly cell: string;
    readonly job: string | null;
    readonly accuracyBest: number;
  }[];
  readonly cells: readonly ReportCell[];
}

type States = ReadonlyMap<string, CellState>;

function withoutTopologies(spec: ComparisonSpec): object {
  return {
    ...spec,
    models: spec.models.map(({ model, ...row }) => {
      if (!('topology' in model)) return { ...row, model };
      const { topology: _, ...rest } = model;
      return { ...row, model: rest };
    }),
  };
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
  diverged: 0,
};

function numbersOf(
  results: readonly CellResult[],
): Omit<ReportRow, 'model' | 'training' | 'method' | 'status' | 'note'> {
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
    diverged: results.filter(({ training }) => training.divergedAt !== null).length,
  };
}

function rowOf(
  plan: ComparisonPlan,
  states: States,
  place: { model: number; training: number; method: number },
): ReportRow {
  const { spec } = plan;
  const names = {
    model: spec.models[place.model]?.label ?? '',
    training: spec.training[place.training]?.label ?? '',
    method: spec.methods[place.method]?.label ?? '',
  };
  const why = plan.inapplicable.find(({ model, method }) => model === place.model && method === place.method);
  if (why) return { ...names, status: 'inapplicable', note: `does not apply: ${why.reason}`, ...emptyRow };
  const cells = plan.cells.filter(
    (cell) => cell.model === place.model && cell.training === place.training && cell.method === place.method,
  );
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
  return { ...names, status, note: notes.length > 0 ? notes.join('; ') : null, ...numbersOf(results) };
}

/** The cell whose weights one would take: of the row with the best mean, its best seed. */
function bestOf(
  plan: ComparisonPlan,
  states: States,
  rows: readonly ReportRow[],
  job: (cell: Cell) => string | null,
): ComparisonReport['best'] {
  return plan.spec.models.flatMap(({ label: model }, m) =>
    plan.spec.training.flatMap(({ label: training }, t) => {
      const ranked = rows
        .filter((row) => row.model === model && row.training === training && row.accuracyBest !== null)
        .sort((a, b) => mean(b.accuracyBest) - mean(a.accuracyBest) || mean(b.accuracyFirst) - mean(a.accuracyFirst));
      const method = plan.spec.methods.findIndex(({ label }) => label === ranked[0]?.method);
      const done = plan.cells.flatMap((cell) => {
        const state = states.get(cell.id);
        const isOfRow = cell.model === m && cell.training === t && cell.method === method;
        return isOfRow && state?.status === 'done' ? [{ cell, accuracyBest: state.result.training.accuracyBest }] : [];
      });
      const [first] = done.sort((a, b) => b.accuracyBest - a.accuracyBest);
      if (!first) return [];
      const { cell, accuracyBest } = first;
      return [
        {
          model,
          training,
          method: ranked[0]?.method ?? '',
          seed: plan.spec.seeds[cell.seed] ?? 0,
          cell: cell.id,
          job: job(cell),
          accuracyBest,
        },
      ];
    }),
  );
}

const mean = (spread: Spread | null) => spread?.mean ?? Number.NEGATIVE_INFINITY;

/** Equal plans and states give equal reports. `job` names the queue's job of a cell. */
export function buildComparisonReport(
  plan: ComparisonPlan,
  states: States,
  job: (cell: Cell) => string | null = () => null,
): ComparisonReport {
  const { spec } = plan;
  const rows = [...spec.models.keys()].flatMap((model) =>
    [...spec.training.keys()].flatMap((training) =>
      [...spec.methods.keys()].map((method) => rowOf(plan, states, { model, training, method })),
    ),
  );
  return {
    format: 'gradinit-comparison/1',
    versions: { 'gradinit-service': version, node: process.versions.node },
    spec: withoutTopologies(spec),
    samples: plan.samples,
    rows,
    best: bestOf(plan, states, rows, job),
    cells: plan.cells.map((cell) => ({
      id: cell.id,
      model: spec.models[cell.model]?.label ?? '',
      training: spec.training[cell.training]?.label ?? '',
      method: spec.methods[cell.method]?.label ?? '',
      seed: spec.seeds[cell.seed] ?? 0,
      job: job(cell),
      state: states.get(cell.id) ?? { status: 'pending' },
    })),
  };
}
