/** One line of a run's history; the numbers of every parameter are left to the event stream. */
import type { IterationMetrics } from '../engine/run.ts';

export type HistoryLine = Omit<IterationMetrics, 'scaleGradients' | 'scales'>;

export function historyLine({ scaleGradients: _, scales: __, ...line }: IterationMetrics): HistoryLine {
  return line;
}
