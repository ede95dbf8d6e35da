/** Reads the result of a cell from the report of its job. */
import type { TrainingResult } from '../../training/result.ts';
import type { CellResult } from './cell.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The numbers of a cell from its job's report.json; null when the job did not train. */
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
    // The checks above establish that this service wrote the report; the rest has the types of buildReport and trainFrom.
    training: report.training as unknown as TrainingResult,
    machine: machineText(report.machine),
  };
}

function machineText(machine: unknown): string | null {
  if (!isObject(machine)) return null;
  const { processor, cores, memoryBytes, system, device } = machine;
  const memory = typeof memoryBytes === 'number' ? `${Math.round(memoryBytes / 2 ** 30)} GiB` : null;
  const parts = [device, processor, typeof cores === 'number' ? `${cores} cores` : null, memory, system];
  return parts.filter((part) => typeof part === 'string').join(', ');
}
