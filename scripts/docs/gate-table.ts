/** The table of the decisions of GradInit's gate by network, from the reports that exist in results/gate. */
import path from 'node:path';
import { projectRoot } from '../setup/paths.mjs';
import { table } from './option-table.ts';
import { readReports } from './reports.ts';

/** The members of a report that the table reads; bench/cifar10/gate.ts writes reports. */
export interface GateReport {
  readonly network: string;
  readonly batch: number;
  readonly steps: number;
  readonly gate: {
    /** Largest loss divided by the first one; null where the training diverged. */
    readonly riseByRateFactor: Readonly<Record<string, number | null>>;
    readonly criticalRateFactor: number | null;
    readonly wellConditioned: boolean;
  };
  readonly commit: string;
  readonly machine: string;
}

const publishedRate = (batch: number) => (0.1 * batch) / 128;
const unique = (values: readonly string[]) => [...new Set(values)].sort().join('; ');

/** One row per network; the columns are rates in descending order. */
export function gateTable(reports: readonly GateReport[]): string {
  const [first] = reports;
  if (first === undefined) return 'No network has been looked at.';
  const factors = Object.keys(first.gate.riseByRateFactor).sort((a, b) => Number(b) - Number(a));
  const rows = [...reports]
    .sort((a, b) => a.network.localeCompare(b.network, 'en', { numeric: true }))
    .map(({ network, batch, gate }) => [
      network,
      String(batch),
      ...factors.map((factor) => gate.riseByRateFactor[factor]?.toFixed(2) ?? 'diverges'),
      gate.criticalRateFactor === null
        ? `below ${(Number(factors.at(-1)) * publishedRate(batch)).toPrecision(2)}`
        : (gate.criticalRateFactor * publishedRate(batch)).toPrecision(2),
      gate.wellConditioned ? 'keeps the start' : 'searches',
    ]);
  const header = [
    'network',
    'batch',
    ...factors.map((factor) => (factor === '1' ? 'rise at the rate' : `rise at ${factor} of it`)),
    'largest calm rate',
    'the gate',
  ];
  return [
    table(header, rows),
    '',
    `${first.steps} steps at each rate; commit ${unique(reports.map(({ commit }) => commit))}; ${unique(reports.map(({ machine }) => machine))}.`,
  ].join('\n');
}

export const readGates = (folder = path.join(projectRoot, 'results/gate')) => readReports<GateReport>(folder);
