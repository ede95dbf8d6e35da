/** What the report of a cell's job says of the cell. */
import type { TrainingResult } from '../../training/result.ts';
import type { CellResult } from './cell.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The numbers of a cell out of its job's report.json. Null when the report is not one of a job that trained. */
export function resultOfReport(report: unknown): CellResult | null {
  if (
    !isObject(report) ||
    !isObject(report.training) ||
    !isObject(report.statistics) ||
    !Array.isArray(report.training.epochs)
  )
    return null;
  const { start } = report.training;
  if (!isObject(start) || !Array.isArray(start.gradientNorms)) return null;
  const { seconds, peakResidentBytes } = report.statistics;
  if (typeof seconds !== 'number' || typeof peakResidentBytes !== 'number') return null;
  return {
    initialisation: {
      seconds,
      peakBytes: peakResidentBytes,
      iterations: Array.isArray(report.history) ? report.history.length : 0,
      scales: (isObject(report.scales) ? report.scales : {}) as Record<string, number>,
    },
    // `isObject` and the checks above distinguish a report of this service from others: buildReport and trainFrom wrote the rest.
    training: report.training as unknown as TrainingResult,
  };
}
