/** report.json of a comparison: every cell, and one row per (model, protocol, method) with mean and standard deviation over seeds. */
import { type ComparisonSpec, type ComparisonTraining, protocolLabel } from '../../contract/comparison-spec.ts';
import { softwareVersions } from '../../version.ts';
import type { Cell, CellState } from '../plan/cell.ts';
import type { ComparisonPlan } from '../plan/cells.ts';
import {
  accuraciesOf,
  chosenCells,
  type ReportRow,
  type RowPlace,
  rowOf,
  type States,
  withDifferences,
} from './rows.ts';
import { pairedDifference, type Spread } from './statistics.ts';

export type { ReportRow } from './rows.ts';

export interface ReportCell {
  readonly id: string;
  readonly model: string;
  readonly training: string;
  readonly method: string;
  readonly seed: number;
  /** The learning rate of the cell in a sweep; null outside of a sweep. */
  readonly learningRate: number | null;
  /** True when the cell counts in its row; in a sweep only the cells at the row's learning rate count. */
  readonly chosen: boolean;
  /** The id of the job that ran the cell, where a job did. */
  readonly job: string | null;
  readonly state: CellState;
}

export interface ComparisonReport {
  readonly format: 'gradinit-comparison/1';
  readonly versions: Readonly<Record<string, string>>;
  /** The specification without the layers of inline topologies. */
  readonly spec: object;
  readonly samples: ComparisonPlan['samples'];
  /** Descriptions of the machines that computed cells. */
  readonly machines: readonly string[];
  /** ISO 8601; null where it is not known. */
  readonly createdAt: string | null;
  readonly rows: readonly ReportRow[];
  /**
   * For every model and protocol, the best seed of the method with the best mean Acc_best. Ties are broken by Acc_1, then by the order of the
   * specification.
   */
  readonly best: readonly {
    readonly model: string;
    readonly training: string;
    readonly method: string;
    readonly seed: number;
    readonly cell: string;
    readonly job: string | null;
    readonly accuracyBest: number;
    /** Other methods whose paired difference to this one is not significant or was measured with one seed only. */
    readonly ties: readonly string[];
  }[];
  readonly cells: readonly ReportCell[];
}

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

/** Positions of the protocols whose cells a row contains: all rates of its sweep, or one protocol. */
const protocolsOf = ({ training }: ComparisonSpec, label: string): number[] =>
  [...training.keys()].filter((index) => protocolLabel(training[index] as ComparisonTraining) === label);

/** The labels of the protocols; the label of a sweep occurs once. */
const trainingLabels = ({ training }: ComparisonSpec): string[] => [...new Set(training.map(protocolLabel))];

/** The cell whose weights are the best: the best seed of the row with the best mean. */
function bestOf(
  plan: ComparisonPlan,
  states: States,
  rows: readonly ReportRow[],
  accuracies: readonly ReadonlyMap<number, number>[],
  job: (cell: Cell) => string | null,
): ComparisonReport['best'] {
  return plan.spec.models.flatMap(({ label: model }, m) =>
    trainingLabels(plan.spec).flatMap((training) => {
      const ranked = rows
        .filter((row) => row.model === model && row.training === training && row.accuracyBest !== null)
        .sort((a, b) => mean(b.accuracyBest) - mean(a.accuracyBest) || mean(b.accuracyFirst) - mean(a.accuracyFirst));
      const [winner, ...others] = ranked;
      if (!winner) return [];
      const method = plan.spec.methods.findIndex(({ label }) => label === winner.method);
      const { cells } = chosenCells(plan, states, { model: m, training: protocolsOf(plan.spec, training), method });
      const done = cells.flatMap((cell) => {
        const state = states.get(cell.id);
        return state?.status === 'done' ? [{ cell, accuracyBest: state.result.training.accuracyBest }] : [];
      });
      const [first] = done.sort((a, b) => b.accuracyBest - a.accuracyBest);
      if (!first) return [];
      const { cell, accuracyBest } = first;
      const of = (row: ReportRow) => accuracies[rows.indexOf(row)] ?? new Map<number, number>();
      const ties = others.filter((row) => pairedDifference(of(winner), of(row))?.verdict !== 'better');
      return [
        {
          model,
          training,
          method: winner.method,
          seed: plan.spec.seeds[cell.seed] ?? 0,
          cell: cell.id,
          job: job(cell),
          accuracyBest,
          ties: ties.map((row) => row.method),
        },
      ];
    }),
  );
}

function machinesOf(states: States): string[] {
  const found = [...states.values()].flatMap((state) => (state.status === 'done' ? (state.result.machine ?? []) : []));
  return [...new Set(found)].sort();
}

const mean = (spread: Spread | null) => spread?.mean ?? Number.NEGATIVE_INFINITY;

/** The report. Equal plans and states give equal reports. `job` returns the id of a cell's job, where one ran it. */
export function buildComparisonReport(
  plan: ComparisonPlan,
  states: States,
  job: (cell: Cell) => string | null = () => null,
  createdAt: string | null = null,
): ComparisonReport {
  const { spec } = plan;
  const places = [...spec.models.keys()].flatMap((model) =>
    trainingLabels(spec).flatMap((training) =>
      [...spec.methods.keys()].map((method): RowPlace => ({ model, training: protocolsOf(spec, training), method })),
    ),
  );
  const accuracies = places.map((place) => accuraciesOf(plan, states, place));
  const rows = withDifferences(
    places.map((place) => rowOf(plan, states, place)),
    accuracies,
  );
  const counted = new Set(places.flatMap((place) => chosenCells(plan, states, place).cells.map(({ id }) => id)));
  return {
    format: 'gradinit-comparison/1',
    versions: softwareVersions(),
    machines: machinesOf(states),
    spec: withoutTopologies(spec),
    samples: plan.samples,
    createdAt,
    rows,
    best: bestOf(plan, states, rows, accuracies, job),
    cells: plan.cells.map((cell) => {
      const training = spec.training[cell.training] as ComparisonTraining;
      return {
        id: cell.id,
        model: spec.models[cell.model]?.label ?? '',
        training: protocolLabel(training),
        method: spec.methods[cell.method]?.label ?? '',
        seed: spec.seeds[cell.seed] ?? 0,
        learningRate: training.swept ? (training.learningRate ?? null) : null,
        chosen: counted.has(cell.id),
        job: job(cell),
        state: states.get(cell.id) ?? { status: 'pending' },
      };
    }),
  };
}
