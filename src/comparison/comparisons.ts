/** Comparisons in the service. Every cell is one job, so that the queue distributes the cells over the workers; status and report are derived from the jobs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyHash } from '../contract/body-hash.ts';
import { type ComparisonSpec, parseComparisonSpec } from '../contract/comparison-spec.ts';
import { newJobId } from '../contract/job-id.ts';
import { configureMethod } from '../engine/methods/index.ts';
import { AppError } from '../errors.ts';
import type { Examine } from '../jobs/examine/examine.ts';
import type { ArtifactStore, JobStore } from '../jobs/ports.ts';
import { newRecord } from '../jobs/submit.ts';
import type { Cell, CellState } from './plan/cell.ts';
import { createCellStates } from './plan/cell-states.ts';
import { type ComparisonPlan, cellsOf } from './plan/cells.ts';
import { planByExamination } from './plan/examine.ts';
import {
  type ComparisonRecord,
  type ComparisonStore,
  isComparisonId,
  newComparisonId,
  type StoredComparison,
} from './plan/record.ts';
import { type ComparisonStatus, openCells, shownCounts, statusOfCells } from './plan/status.ts';
import { buildComparisonReport, type ComparisonReport } from './report/report.ts';

export interface ComparisonView {
  readonly record: ComparisonRecord;
  readonly status: ComparisonStatus;
  readonly finishedAt: string | null;
  /** Number of cells by job status; `lost` counts cells whose job no longer exists. */
  readonly counts: Readonly<Record<string, number>>;
  readonly cells: number;
}

export interface ComparisonSubmission {
  /** The request body, as parsed JSON. */
  readonly input: unknown;
  readonly owner: string;
  /** The owner whose uploads the comparison may use; null: those of every owner. */
  readonly visibleOwner: string | null;
  readonly idempotencyKey: string | null;
}

/** The operations on comparisons. With `owner` null they reach those of every owner. All methods throw COMPARISON_NOT_FOUND and QUEUE_UNAVAILABLE. */
export interface Comparisons {
  /**
   * `isReplay` is true when the Idempotency-Key was used before with the same body. Throws INVALID_INPUT with pointers, QUOTA_EXCEEDED,
   * IDEMPOTENCY_CONFLICT.
   */
  create(submission: ComparisonSubmission): Promise<{ view: ComparisonView; isReplay: boolean }>;
  get(id: string, owner: string | null): Promise<ComparisonView>;
  /** Resolves with the comparison when it has finished, when the time is over, or when the signal aborts. */
  wait(id: string, owner: string | null, seconds: number, signal: AbortSignal): Promise<ComparisonView>;
  list(owner: string | null, limit: number, after?: string): Promise<{ views: ComparisonView[]; hasMore: boolean }>;
  report(id: string, owner: string | null): Promise<ComparisonReport>;
  /** Cancels every cell that has not finished. */
  cancel(id: string, owner: string | null): Promise<ComparisonView>;
  /** Removes the record, the jobs and their artifacts. Throws JOB_STATE while a cell has not finished. */
  remove(id: string, owner: string | null): Promise<void>;
  /** The job with the best weights of the comparison. Throws ARTIFACT_NOT_FOUND before any cell has finished. */
  best(
    id: string,
    owner: string | null,
    of?: { readonly model?: string; readonly training?: string },
  ): Promise<{ job: string }>;
  /**
   * Makes the missing jobs of comparisons that were stored longer ago than `olderThanMs` and whose creating process died. Returns how many
   * comparisons it found.
   */
  settleAbandoned(olderThanMs?: number): Promise<number>;
  /** Removes comparisons that finished before `beforeMs`, with their jobs and artifacts. Returns how many. */
  sweep(beforeMs: number): Promise<number>;
}

export interface ComparisonsDependencies {
  readonly store: ComparisonStore;
  readonly jobs: Pick<JobStore, 'get' | 'createCell' | 'cancel' | 'remove'>;
  readonly artifacts: ArtifactStore;
  readonly examine: Examine;
}

/** A process that stores a comparison makes its jobs within this time; after that it is assumed to be dead. */
const abandonedMs = 30_000;
/** Interval at which a comparison that a client waits for is read, in milliseconds. */
const pollMs = 250;
/** How many jobs of one comparison are created, cancelled or removed concurrently. */
const concurrency = 50;
const sweepBatch = 100;

export function createComparisons({ store, jobs, artifacts, examine }: ComparisonsDependencies): Comparisons {
  const stateOf = createCellStates({ jobs, artifacts });

  async function find(id: string, owner: string | null): Promise<StoredComparison> {
    const found = isComparisonId(id) ? await store.get(id) : null;
    if (found === null || (owner !== null && found.record.owner !== owner))
      throw new AppError('COMPARISON_NOT_FOUND', `there is no comparison ${JSON.stringify(id.slice(0, 100))}`);
    return found;
  }

  async function report(id: string, owner: string | null): Promise<ComparisonReport> {
    const { record, counts } = await find(id, owner);
    const missing = (counts.unmade ?? 0) > 0 ? 'pending' : (counts.cancelled ?? 0) > 0 ? 'cancelled' : 'lost';
    const states = new Map<string, CellState>();
    for (const [cell, job] of Object.entries(record.jobs)) states.set(cell, await stateOf(job, missing));
    return buildComparisonReport(planOf(record), states, ({ id: cell }) => record.jobs[cell] ?? null, record.createdAt);
  }

  /** Makes the job of one cell. Resolves to false when the comparison accepts no more cells. */
  async function makeJob({ id: cell, spec: cellSpec }: Cell, { id, owner, spec, jobs: ids }: ComparisonRecord) {
    const job = ids[cell];
    if (job === undefined) return true;
    const method = configureMethod(cellSpec.method.name, cellSpec.method.options);
    const withOrigin = { ...cellSpec, metadata: { ...spec.metadata, comparison: id, cell } };
    return jobs.createCell(newRecord(job, withOrigin, { method }, owner, id), withOrigin);
  }

  /**
   * Makes the jobs that do not exist yet. Their ids are in the record, so that two processes do not create a job twice. A cancellation in between
   * ends the loop.
   */
  async function settle(record: ComparisonRecord): Promise<void> {
    for (const cell of planOf(record).cells) if (!(await makeJob(cell, record))) return;
    await store.close(record, 'lost');
  }

  async function remove({ record, counts }: StoredComparison): Promise<void> {
    assertOver(record, openCells(counts));
    await inGroups(Object.values(record.jobs), async (job) => {
      await artifacts.remove(job);
      await jobs.remove(job);
    });
    // The record is removed last: while it exists, an interrupted removal can be repeated.
    assertOver(record, await store.remove(record));
  }

  return {
    report,
    get: async (id, owner) => view(await find(id, owner)),

    async create({ input, owner, visibleOwner, idempotencyKey }) {
      const spec: ComparisonSpec = parseComparisonSpec(input);
      const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: bodyHash(spec) };
      const earlier = await store.replay(owner, idempotency);
      if (earlier !== null) return { view: view(earlier), isReplay: true };
      const plan = await planByExamination(spec, async (job) => {
        const { problems, inapplicable, dataset } = await examine(job, visibleOwner);
        return { problems, inapplicable, samples: { training: dataset?.samples ?? null, test: null } };
      });
      const made = {
        id: newComparisonId(),
        owner,
        createdAt: new Date().toISOString(),
        spec,
        inapplicable: plan.inapplicable,
        samples: plan.samples,
        jobs: Object.fromEntries(plan.cells.map(({ id }) => [id, newJobId()])),
      };
      const { record: stored, existing } = await store.create(made, idempotency);
      if (existing) return { view: view(stored), isReplay: true };
      await settle(made);
      return { view: view(await find(made.id, null)), isReplay: false };
    },

    async wait(id, owner, seconds, signal) {
      const end = performance.now() + seconds * 1000;
      const found = await find(id, owner);
      if (found.end !== null) return view(found);
      for (;;) {
        const left = end - performance.now();
        if (left <= 0 || signal.aborted || (await store.isOver(id)) !== false) return view(await find(id, owner));
        await sleep(Math.min(pollMs, left), undefined, { signal }).catch(() => {});
      }
    },

    async list(owner, limit, after) {
      const { found, hasMore } = await store.list(owner, limit, after);
      return { views: found.map(view), hasMore };
    },

    async cancel(id, owner) {
      const { record } = await find(id, owner);
      // The comparison is closed first: a job that another process is creating either exists by then and is cancelled below, or is refused.
      await store.close(record, 'cancelled');
      await inGroups(Object.values(record.jobs), jobs.cancel);
      return view(await find(id, owner));
    },

    remove: async (id, owner) => remove(await find(id, owner)),

    async best(id, owner, { model, training } = {}) {
      const { best } = await report(id, owner);
      const wanted = best.filter(
        (entry) => (model ?? entry.model) === entry.model && (training ?? entry.training) === entry.training,
      );
      const [first] = wanted.sort((a, b) => b.accuracyBest - a.accuracyBest);
      if (!first?.job)
        throw new AppError(
          'ARTIFACT_NOT_FOUND',
          `comparison ${id} has no finished cell${model === undefined ? '' : ` of the model ${JSON.stringify(model)}`} yet`,
        );
      return { job: first.job };
    },

    async settleAbandoned(olderThanMs = abandonedMs) {
      const ids = await store.unsettled(Date.now() - olderThanMs);
      for (const id of ids) {
        const found = await store.get(id);
        if (found !== null) await settle(found.record);
        // The cells of a comparison without a record are not counted.
        else await store.remove({ id, owner: '' });
      }
      return ids.length;
    },

    async sweep(beforeMs) {
      let removed = 0;
      for (;;) {
        const ids = await store.finishedBefore(beforeMs, sweepBatch);
        for (const id of ids) {
          const found = await store.get(id);
          if (found === null) await store.remove({ id, owner: '' });
          // Running a cell again reopens its comparison, which is then no longer among the finished ones.
          else if (openCells(found.counts) === 0) await remove(found);
        }
        removed += ids.length;
        if (ids.length < sweepBatch) return removed;
      }
    },
  };
}

function view({ record, end, counts }: StoredComparison): ComparisonView {
  return {
    record,
    status: end?.status ?? statusOfCells(counts),
    finishedAt: end?.finishedAt ?? null,
    counts: shownCounts(counts),
    cells: Object.keys(record.jobs).length,
  };
}

function assertOver({ id }: ComparisonRecord, open: number): void {
  if (open > 0)
    throw new AppError('JOB_STATE', `${open} cells of comparison ${id} are not over; cancel it before it is deleted`);
}

async function inGroups<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += concurrency)
    await Promise.all(items.slice(from, from + concurrency).map(work));
}

/** The stored plan; the specification is not examined again. */
function planOf({ spec, inapplicable, samples }: ComparisonRecord): ComparisonPlan {
  const methods = spec.methods.map(({ name, options }) => configureMethod(name, options));
  return { spec, inapplicable, samples, cells: cellsOf(spec, methods, inapplicable) };
}
