/**
 * Runs the cells of a comparison one after the other in this process and saves each result to disk, so that a second run continues where the first
 * one stopped.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { artifactFormat } from '../artifacts/index.ts';
import { publishArtifacts } from '../artifacts/publish.ts';
import { ensureFolder, sweepTemporary, sync, temporaryPath } from '../durable-files.ts';
import type { Execution } from '../engine/graph/compile.ts';
import type { IterationMetrics } from '../engine/run.ts';
import { AppError, toAppError } from '../errors.ts';
import { runJob } from '../jobs/run.ts';
import type { Sources } from '../jobs/sources.ts';
import type { Cell, CellState } from './plan/cell.ts';
import { resultOfReport } from './plan/cell-result.ts';
import type { ComparisonPlan } from './plan/cells.ts';

export interface RunnerOptions {
  readonly sources: Sources;
  readonly signal: AbortSignal;
  readonly execution?: Execution;
  onCell(cell: Cell, state: CellState, finished: number): void | Promise<void>;
  onIteration?(cell: Cell, metrics: IterationMetrics): void;
}

const planName = 'comparison.json';

/** Writes a file atomically: it holds either its earlier content or all of the text. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = await temporaryPath(path.dirname(file));
  await writeFile(temporary, text, { flag: 'wx' });
  await sync(temporary);
  await rename(temporary, file);
}

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

/**
 * Opens the folder of a comparison: a new one, or that of an earlier run of the same specification.
 *
 * @throws OUTPUT_UNWRITABLE when it holds another comparison or cannot be written
 */
export async function openFolder(out: string, { spec }: Pick<ComparisonPlan, 'spec'>): Promise<void> {
  const file = path.join(out, planName);
  try {
    await ensureFolder(path.join(out, 'cells'));
    await sweepTemporary(out);
    await sweepTemporary(path.join(out, 'cells'));
    const earlier = await readJson(file).catch(() => null);
    if (earlier === null) return await writeWhole(file, `${JSON.stringify(spec, null, 2)}\n`);
    if (JSON.stringify(earlier) === JSON.stringify(spec)) return;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      'OUTPUT_UNWRITABLE',
      `output folder ${out} cannot be written: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
  throw new AppError(
    'OUTPUT_UNWRITABLE',
    `output folder ${out} holds a comparison of another specification (${planName}); choose another folder`,
  );
}

/** The folder of a cell's artifact. */
export const cellFolder = (out: string, cell: Pick<Cell, 'id'>) => path.join(out, 'cells', cell.id);

/** The states of cells that an earlier run finished. */
async function finishedCells(out: string, cells: readonly Cell[]): Promise<Map<string, CellState>> {
  const states = new Map<string, CellState>();
  for (const cell of cells) {
    const result = resultOfReport(await readJson(path.join(cellFolder(out, cell), 'report.json')).catch(() => null));
    if (result) states.set(cell.id, { status: 'done', result });
  }
  return states;
}

/** Caches datasets: each is decoded once for all cells whose specifications of it are equal. */
function withMemory(sources: Sources): Sources {
  const opened = new Map<string, ReturnType<Sources['openDataset']>>();
  return {
    ...sources,
    openDataset(ref, options) {
      const key = JSON.stringify([ref, options]);
      const found = opened.get(key) ?? sources.openDataset(ref, options);
      opened.set(key, found);
      return found;
    },
  };
}

/**
 * Resets the peak resident memory of the process, so that the next initialisation is measured alone (Linux, proc(5): writing 5 to clear_refs). Other
 * systems report the peak of the whole process.
 */
async function resetPeakMemory(): Promise<void> {
  await writeFile('/proc/self/clear_refs', '5').catch(() => {});
}

async function runCell(
  cell: Cell,
  out: string,
  { signal, execution = 'graph', onIteration }: RunnerOptions,
  sources: Sources,
): Promise<CellState> {
  await resetPeakMemory();
  const { content } = await runJob(
    cell.spec,
    {
      sources,
      publish: async (written, formats) => {
        await publishArtifacts(cellFolder(out, cell), formats.map(artifactFormat), written, {
          overwrite: true,
          signal,
        });
      },
      onPhase: () => {},
    },
    { signal, execution, onIteration: (metrics) => onIteration?.(cell, metrics) },
  );
  const result = resultOfReport(content.report);
  if (!result) throw new AppError('INTERNAL', `cell ${cell.id} left no result`);
  return { status: 'done', result };
}

/**
 * Runs every cell that is not finished. A cell that fails is recorded, and the others still run. When the signal aborts, finished cells are kept.
 *
 * @returns the state of every cell, by id
 */
export async function runComparison(
  plan: ComparisonPlan,
  out: string,
  options: RunnerOptions,
): Promise<Map<string, CellState>> {
  const states = await finishedCells(out, plan.cells);
  const sources = withMemory(options.sources);
  let finished = 0;
  for (const cell of plan.cells) {
    let state = states.get(cell.id);
    if (!state) {
      if (options.signal.aborted) {
        states.set(cell.id, { status: 'cancelled' });
        continue;
      }
      state = await runCell(cell, out, options, sources).catch((thrown: unknown): CellState => {
        if (options.signal.aborted) return { status: 'cancelled' };
        const { code, message } = toAppError(thrown);
        return { status: 'failed', error: { code, message } };
      });
      states.set(cell.id, state);
    }
    if (state.status !== 'cancelled') finished += 1;
    await options.onCell(cell, state, finished);
  }
  return states;
}
