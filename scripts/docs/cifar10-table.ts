/** The CIFAR-10 table of docs/comparison.md, from the reports that exist in results/cifar10. */
import path from 'node:path';
import { type Spread, spreadOf } from '../../src/comparison/report/statistics.ts';
import { projectRoot } from '../setup/paths.mjs';
import { table } from './option-table.ts';
import { readReports } from './reports.ts';

/** The members of a report that the table reads; bench/cifar10/run.ts writes reports. */
export interface CellReport {
  readonly network: string;
  readonly row: string;
  readonly seed: number;
  readonly commit: string;
  readonly machine: string;
  readonly date: string;
  readonly initialisation: { readonly seconds: number };
  readonly training: {
    readonly accuracyFirst: number;
    readonly meanAccuracyFirst: number;
    readonly divergedAt: number | null;
    readonly epochs: readonly { readonly seconds: number }[];
  };
}

/** Published Acc_1 in %, mean and standard deviation: Zhu et al., GradInit, NeurIPS 2021, arXiv:2102.08098, table 1. */
const published: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'VGG-19': {
    Kaiming: '29.1 ± 1.5',
    '+1 epoch, constant': '37.2 ± 1.1',
    '+1 epoch, warm-up': '37.4 ± 1.2',
    MetaInit: '30.5 ± 0.9',
    GradInit: '29.3 ± 0.6',
  },
  'VGG-19 BN': {
    Kaiming: '12.6 ± 0.6',
    '+1 epoch, constant': '19.6 ± 4.0',
    '+1 epoch, warm-up': '53.5 ± 2.9',
    MetaInit: '35.1 ± 0.6',
    GradInit: '47.8 ± 1.8',
  },
  'ResNet-110': {
    Kaiming: '16.1 ± 2.1',
    '+1 epoch, constant': '21.0 ± 3.8',
    '+1 epoch, warm-up': '19.8 ± 0.5',
    MetaInit: '14.6 ± 2.2',
    GradInit: '36.2 ± 0.8',
  },
  'ResNet-110 BN': {
    Kaiming: '23.2 ± 0.9',
    '+1 epoch, constant': '32.5 ± 3.8',
    '+1 epoch, warm-up': '48.7 ± 1.1',
    MetaInit: '29.0 ± 1.5',
    GradInit: '38.2 ± 0.9',
  },
  'ResNet-1202 BN': {
    Kaiming: '12.9 ± 2.8',
    '+1 epoch, constant': '12.6 ± 2.8',
    '+1 epoch, warm-up': '28.1 ± 1.3',
    MetaInit: '11.7 ± 1.6',
    GradInit: '29.0 ± 1.1',
  },
};

/** The published value of a row; 'GradInit, published settings' is the row 'GradInit' of the paper. */
const publishedOf = ({ network, row }: CellReport): string =>
  published[network]?.[row] ?? (row === 'GradInit, published settings' ? (published[network]?.GradInit ?? '') : '');

const percent = (spread: Spread | null): string => {
  if (spread === null) return '';
  const mean = (100 * spread.mean).toFixed(1);
  return spread.sd === null ? mean : `${mean} ± ${(100 * spread.sd).toFixed(1)}`;
};

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);

function rowOf(cells: readonly CellReport[]): string[] {
  const [first] = cells as [CellReport];
  const initSeconds = mean(cells.map(({ initialisation }) => initialisation.seconds));
  const epochs = cells.flatMap(({ training }) => training.epochs.map(({ seconds }) => seconds));
  const diverged = cells.filter(({ training }) => training.divergedAt !== null).length;
  return [
    first.network,
    first.row,
    cells.map(({ seed }) => seed).join(', '),
    percent(spreadOf(cells.map(({ training }) => training.accuracyFirst))),
    percent(spreadOf(cells.map(({ training }) => training.meanAccuracyFirst))),
    publishedOf(first),
    initSeconds.toFixed(initSeconds < 10 ? 1 : 0),
    epochs.length === 0 ? '' : (initSeconds / mean(epochs)).toFixed(2),
    diverged === 0 ? '' : `${diverged} diverged`,
  ];
}

const unique = (values: readonly string[]) => [...new Set(values)].sort().join(', ');

/** Mean ± standard deviation where a row has several seeds. */
export function cifar10Table(cells: readonly CellReport[]): string {
  if (cells.length === 0) return 'No cell has been run.';
  const rows = new Map<string, CellReport[]>();
  for (const cell of [...cells].sort(
    (a, b) => a.network.localeCompare(b.network) || a.row.localeCompare(b.row) || a.seed - b.seed,
  )) {
    const key = JSON.stringify([cell.network, cell.row]);
    rows.set(key, [...(rows.get(key) ?? []), cell]);
  }
  const header = [
    'network',
    'initialisation',
    'seeds',
    'Acc_1 %',
    'mean Acc_1 %',
    'published Acc_1 %',
    'init s',
    'init epochs',
    'note',
  ];
  return [
    table(
      header.map((title) => title.replaceAll('_', '\\_')),
      [...rows.values()].map(rowOf),
    ),
    '',
    `${cells.length} cells; commit ${unique(cells.map(({ commit }) => commit))}; ${unique(cells.map(({ machine }) => machine))}.`,
  ].join('\n');
}

export const readCells = (folder = path.join(projectRoot, 'results/cifar10')) => readReports<CellReport>(folder);
