/** Shows the progress of a run on standard error: a bar on a terminal, otherwise one plain line at intervals. */
import type { IterationMetrics } from '../engine/run.ts';

export interface Progress {
  show(metrics: IterationMetrics): void;
  /** Ends the line of the progress bar. */
  finish(): void;
}

const width = 28;
const number = (value: number | null | undefined) =>
  value === null || value === undefined ? '-' : value.toPrecision(4);

function text({ iteration, iterations, branch, loss, gradientNorm, objective }: IterationMetrics): string {
  const objectiveText = objective === null ? '' : ` objective ${number(objective)}`;
  return `${iteration + 1}/${iterations} ${branch} loss ${number(loss)} |g| ${number(gradientNorm)}${objectiveText}`;
}

/** Plain lines are written at most every `plainIntervalMs`, and always for the last iteration. */
export function createProgress(stream: NodeJS.WriteStream, plainIntervalMs = 2000): Progress {
  let lastAt = Number.NEGATIVE_INFINITY;
  const bar = (metrics: IterationMetrics) => {
    const share = (metrics.iteration + 1) / metrics.iterations;
    const full = Math.round(share * width);
    stream.write(`\r\x1b[K[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${text(metrics)}`);
  };
  return {
    show(metrics) {
      if (stream.isTTY) return bar(metrics);
      const now = performance.now();
      if (now - lastAt < plainIntervalMs && metrics.iteration + 1 < metrics.iterations) return;
      lastAt = now;
      stream.write(`${text(metrics)}\n`);
    },
    finish() {
      if (stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}
