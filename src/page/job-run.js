/** What the events of a job say, gathered as they come: lines of the log, and the numbers of every iteration by phase. */
import { Problem } from './api.js';

/** @import { Job } from './types.d.ts' */

/**
 * @typedef {object} Iteration
 * @property {number} iteration
 * @property {number | null} iterations
 * @property {number | null} etaSeconds
 * @property {string | null} branch
 * @property {number | null} loss
 * @property {number | null} gradientNorm
 * @property {number | null} objective
 * @property {Record<string, number>} [scales]
 */

/** @typedef {{ name: string, points: Iteration[] }} Phase */

/**
 * @typedef {object} Run
 * @property {Phase[]} phases those with iterations
 * @property {{ at: string, text: string }[]} lines
 * @property {Job['progress'] | null} progress
 * @property {Problem | null} problem why the stream ended
 * @property {() => void} follow listens again, to a job that was queued again
 * @property {(history: readonly Iteration[]) => void} complete takes every iteration of the initialisation from the report of a job that is over
 */

/** @param {{ status?: string, phase?: string, error?: { code: string, message: string } }} data */
function textOf({ status, phase, error }) {
  if (error !== undefined) return `${status}: ${error.code} ${error.message}`;
  return [status, phase].filter((text) => text !== undefined && text !== null).join(', ');
}

/**
 * Listens until the job is over or the view is left. A stream that breaks is taken up by the browser where it broke.
 *
 * @param {string} address of the job
 * @param {AbortSignal} signal
 * @param {{ onChange(): void, onStatus(): void }} listeners
 * @returns {Run}
 */
export function followJob(address, signal, { onChange, onStatus }) {
  /** @type {Run} */
  const run = { phases: [], lines: [], progress: null, problem: null, follow: start, complete };
  /** @type {EventSource | null} */
  let source = null;
  let lastId = '';
  let isDue = false;
  // Events come in bursts; the page is drawn once for all that have come.
  const changed = () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      onChange();
    }, 100);
  };

  /** Another attempt is in the same phases again: its numbers go on where those of the one before ended.
   *
   * @param {string} name
   */
  const enter = (name) => {
    const known = run.phases.find((phase) => phase.name === name) ?? { name, points: [] };
    run.phases = [...run.phases.filter((phase) => phase !== known), known];
  };

  const takers = {
    /** @param {{ at: string, status?: string, phase?: string, error?: { code: string, message: string } }} data */
    status(data) {
      run.lines.push({ at: data.at, text: textOf(data) });
      if (data.phase !== undefined) enter(data.phase);
      if (data.status !== undefined) onStatus();
    },
    /** @param {{ at: string, level: string, message: string }} data */
    log(data) {
      run.lines.push({ at: data.at, text: `${data.level === 'warn' ? 'warning: ' : ''}${data.message}` });
    },
    /** @param {Iteration} data */
    progress(data) {
      const { iteration, iterations, etaSeconds } = data;
      if (run.phases.length === 0) enter('initializing');
      const points = run.phases.at(-1)?.points ?? [];
      // Another attempt goes on from a checkpoint, or begins anew: what it does again replaces what was there.
      while ((points.at(-1)?.iteration ?? -1) >= iteration) points.pop();
      points.push(data);
      run.progress = { iteration, iterations, etaSeconds };
    },
    /** @param {{ status: number, code: string, detail: string }} data */
    problem(data) {
      run.problem = new Problem(data.status, data.code, data.detail);
      source?.close();
    },
  };

  function start() {
    source?.close();
    if (signal.aborted) return;
    source = new EventSource(`${address}/events${lastId === '' ? '' : `?after=${lastId}`}`);
    for (const [type, take] of Object.entries(takers)) {
      source.addEventListener(type, (event) => {
        lastId = event.lastEventId || lastId;
        take(JSON.parse(event.data));
        changed();
      });
    }
  }

  /** Events come ten times a second at most and the oldest are dropped; the report has all iterations, counted from 0, without scales.
   *
   * @param {readonly Iteration[]} history
   */
  function complete(history) {
    if (history.length === 0) return;
    enter('initializing');
    const phase = run.phases.pop() ?? { name: 'initializing', points: [] };
    const scales = new Map(phase.points.map((point) => [point.iteration, point.scales]));
    const points = history.map((line) => {
      const told = scales.get(line.iteration + 1);
      return { ...line, iteration: line.iteration + 1, ...(told === undefined ? {} : { scales: told }) };
    });
    run.phases.unshift({ name: phase.name, points });
  }

  signal.addEventListener('abort', () => source?.close());
  start();
  return run;
}
