/** Reports the iterations of a run: about ten times a second, and always for the last iteration of a phase. */
import type { JobPhase } from '../src/contract/job-status.ts';
import type { IterationMetrics, RunControl } from '../src/engine/run.ts';
import { AppError } from '../src/errors.ts';
import { historyLine } from '../src/jobs/history.ts';
import type { FromChild } from './messages.ts';

export interface JournalOptions {
  readonly progressMs?: number;
}

export interface Journal extends Pick<RunControl, 'onIteration'> {
  /** Begins another phase: pending progress is sent, and iterations are counted from 0. */
  enter(phase: JobPhase): void;
  /** Sends pending progress. */
  flush(): void;
  /** The current phase, and the number of its finished iterations. */
  place(): { readonly phase: JobPhase; readonly iteration: number };
}

const watched = ['loss', 'gradientNorm', 'steppedLoss', 'objective'] as const;

/** Throws for values that are not finite, because JSON would turn them into null. */
function assertFinite(metrics: IterationMetrics): void {
  for (const name of watched) {
    const value = metrics[name];
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new AppError('DIVERGED', `iteration ${metrics.iteration}: ${name} is ${value}`, {
        details: { quantity: name, iteration: metrics.iteration },
      });
    }
  }
}

/**
 * Number of reports per phase that include scales. There are as many scales as parameters, and Redis stores all events of a job; this many suffice
 * for a plot.
 */
const scalesPerPhase = 60;
const maxScales = 500;

/** Rounds scales to four digits, which suffice for a plot. */
const shortened = (scales: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(scales)
      .slice(0, maxScales)
      .map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );

/** The first iteration of a process builds graphs, so that its duration is excluded from the average. */
const untimed = { iterations: -1, seconds: 0 };

export function createJournal(send: (message: FromChild) => void, { progressMs = 100 }: JournalOptions = {}): Journal {
  let phase: JobPhase = 'loading';
  let iteration = 0;
  let pending: IterationMetrics | null = null;
  let scalesFrom = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  let timed = untimed;

  const flush = () => {
    if (pending === null) return;
    const { scales, iterations } = pending;
    const showsScales = scales !== undefined && (pending.iteration >= scalesFrom || iteration >= iterations);
    if (showsScales) scalesFrom = iteration + Math.ceil(iterations / scalesPerPhase) - 1;
    send({
      type: 'progress',
      line: historyLine(pending),
      scales: showsScales ? shortened(scales) : null,
      secondsPerIteration: timed.iterations > 0 ? timed.seconds / timed.iterations : null,
    });
    pending = null;
    toldAt = performance.now();
  };

  return {
    flush,
    place: () => ({ phase, iteration }),
    enter(next) {
      flush();
      phase = next;
      iteration = 0;
      scalesFrom = 0;
      timed = untimed;
      send({ type: 'phase', phase });
    },
    onIteration(metrics) {
      assertFinite(metrics);
      timed = { iterations: timed.iterations + 1, seconds: timed.iterations < 0 ? 0 : timed.seconds + metrics.seconds };
      pending = metrics;
      iteration = metrics.iteration + 1;
      if (iteration >= metrics.iterations || performance.now() - toldAt >= progressMs) flush();
    },
  };
}
