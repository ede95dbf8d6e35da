/** Comparisons in the service: one job for every cell, spread over the workers by the queue; state and report follow from the jobs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyHash } from '../contract/body-hash.ts';
import { type ComparisonSpec, parseComparisonSpec } from '../contract/comparison-spec.ts';
import { newJobId } from '../contract/job-id.ts';
import { isTerminal, type JobRecord } from '../contract/job-state.ts';
import { configureMethod } from '../engine/methods/index.ts';
import { AppError } from '../errors.ts';
import type { Examine } from '../jobs/examine/examine.ts';
import type { ManageJobs } from '../jobs/manage.ts';
import type { ArtifactStore, JobStore } from '../jobs/ports.ts';
import { newRecord } from '../jobs/submit.ts';
import type { Cell, CellState } from './plan/cell.ts';
import { createCellStates } from './plan/cell-states.ts';
import { planByExamination } from './plan/examine.ts';
import { type ComparisonPlan, cellsOf } from './plan/plan.ts';
import { type ComparisonRecord, type ComparisonStore, isComparisonId, newComparisonId } from './plan/record.ts';
import { type ComparisonStatus, comparisonStatus, countStatuses } from './plan/status.ts';
import { buildComparisonReport, type ComparisonReport } from './report/report.ts';

export interface ComparisonView {
  readonly record: ComparisonRecord;
  readonly status: ComparisonStatus;
  /** How many cells are in each status of a job; `lost`: their job is gone. */
  readonly counts: Readonly<Record<string, number>>;
  readonly cells: number;
}

export interface ComparisonSubmission {
  /** What the client sent, parsed JSON. */
  readonly input: unknown;
  readonly owner: string;
  /** Whose uploads it may use; null: anybody's. */
  readonly visibleOwner: string | null;
  readonly idempotencyKey: string | null;
}

/** `owner` null: of anybody. All throw COMPARISON_NOT_FOUND and QUEUE_UNAVAILABLE. */
export interface Comparisons {
  /** `isReplay`: the Idempotency-Key had been used with the same body. Throws INVALID_INPUT with pointers, QUOTA_EXCEEDED, IDEMPOTENCY_CONFLICT. */
  create(submission: ComparisonSubmission): Promise<{ view: ComparisonView; isReplay: boolean }>;
  get(id: string, owner: string | null): Promise<ComparisonView>;
  /** The comparison as soon as it is over, or as it is after the time or when the signal aborts. */
  wait(id: string, owner: string | null, seconds: number, signal: AbortSignal): Promise<ComparisonView>;
  list(owner: string | null, limit: number, after?: string): Promise<{ views: ComparisonView[]; hasMore: boolean }>;
  report(id: string, owner: string | null): Promise<ComparisonReport>;
  /** Every cell that is not over. */
  cancel(id: string, owner: string | null): Promise<ComparisonView>;
  /** The record, the jobs and their artifacts. Throws JOB_STATE while a cell is not over. */
  remove(id: string, owner: string | null): Promise<void>;
  /** The job whose weights are the best of the comparison. Throws ARTIFACT_NOT_FOUND before a cell is done. */
  best(
    id: string,
    owner: string | null,
    of?: { readonly model?: string; readonly training?: string },
  ): Promise<{ job: string }>;
  /** Makes the jobs of comparisons that were stored longer ago and that a process which died had still to make. Returns how many it found. */
  settleAbandoned(olderThanMs?: number): Promise<number>;
}

export interface ComparisonsDependencies {
  readonly store: ComparisonStore;
  readonly jobs: JobStore;
  readonly manage: Pick<ManageJobs, 'wait'>;
  readonly artifacts: ArtifactStore;
  readonly examine: Examine;
  readonly maxQueuedJobsPerKey: number;
}

/** Whoever stored a comparison makes its jobs within this time, or has died. */
const abandonedMs = 30_000;
/** Between looks at a comparison of which no job is open that could be waited for. */
const lookMs = 500;

export function createComparisons({
  store,
  jobs,
  manage,
  artifacts,
  examine,
  maxQueuedJobsPerKey,
}: ComparisonsDependencies): Comparisons {
  const stateOf = createCellStates({ jobs, artifacts });

  async function find(id: string, owner: string | null): Promise<ComparisonRecord> {
    const record = isComparisonId(id) ? await store.get(id) : null;
    if (record === null || (owner !== null && record.owner !== owner)) {
      throw new AppError('COMPARISON_NOT_FOUND', `there is no comparison ${JSON.stringify(id.slice(0, 100))}`);
    }
    return record;
  }

  const jobsOf = async ({ jobs: ids }: ComparisonRecord): Promise<(JobRecord | null)[]> =>
    Promise.all(Object.values(ids).map((id) => jobs.get(id)));

  async function view(record: ComparisonRecord): Promise<ComparisonView> {
    const children = await jobsOf(record);
    const missing = children.includes(null) && (await store.isUnsettled(record.id)) ? 'queued' : 'lost';
    const statuses = children.map((child) => child?.status ?? missing);
    return { record, status: comparisonStatus(statuses), counts: countStatuses(statuses), cells: children.length };
  }

  async function report(id: string, owner: string | null): Promise<ComparisonReport> {
    const record = await find(id, owner);
    const isUnsettled = await store.isUnsettled(id);
    const states = new Map<string, CellState>();
    for (const [cell, job] of Object.entries(record.jobs)) states.set(cell, await stateOf(job, isUnsettled));
    return buildComparisonReport(planOf(record), states, ({ id: cell }) => record.jobs[cell] ?? null);
  }

  async function makeJob({ id: cell, spec: cellSpec }: Cell, { id, owner, spec, jobs: ids }: ComparisonRecord) {
    const job = ids[cell];
    if (job === undefined) return;
    const method = configureMethod(cellSpec.method.name, cellSpec.method.options);
    const withOrigin = { ...cellSpec, metadata: { ...spec.metadata, comparison: id, cell } };
    await jobs.create({ ...newRecord(withOrigin, { method }, owner), id: job }, withOrigin, null);
  }

  /** Makes the jobs that are not there. Their ids are in the record: who comes second makes none twice. */
  async function settle(record: ComparisonRecord): Promise<void> {
    for (const cell of planOf(record).cells) await makeJob(cell, record);
    await store.settle(record.id);
  }

  return {
    report,
    get: async (id, owner) => view(await find(id, owner)),

    async create({ input, owner, visibleOwner, idempotencyKey }) {
      const spec: ComparisonSpec = parseComparisonSpec(input);
      const plan = await planByExamination(spec, examine, visibleOwner);
      const queued = await jobs.countQueued(owner);
      if (queued + plan.cells.length > maxQueuedJobsPerKey) {
        throw new AppError(
          'QUOTA_EXCEEDED',
          `${queued} jobs wait and the comparison has ${plan.cells.length}; ${maxQueuedJobsPerKey} may wait`,
          { permanent: false },
        );
      }
      const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: bodyHash(spec) };
      const made = {
        id: newComparisonId(),
        owner,
        createdAt: new Date().toISOString(),
        spec,
        inapplicable: plan.inapplicable,
        samples: plan.samples,
        jobs: Object.fromEntries(plan.cells.map(({ id }) => [id, newJobId()])),
      };
      const { record, existing } = await store.create(made, idempotency);
      if (!existing) await settle(record);
      return { view: await view(record), isReplay: existing };
    },

    async wait(id, owner, seconds, signal) {
      const end = performance.now() + seconds * 1000;
      for (;;) {
        // Found anew each time: it may be removed meanwhile.
        const record = await find(id, owner);
        const found = await view(record);
        const left = end - performance.now();
        if ((found.status !== 'queued' && found.status !== 'running') || left <= 0 || signal.aborted) return found;
        const open = (await jobsOf(record)).find((child) => child !== null && !isTerminal(child.status));
        if (open) await manage.wait(open.id, null, left / 1000, signal).catch(unlessGone);
        else await sleep(Math.min(lookMs, left));
      }
    },

    async list(owner, limit, after) {
      const { records, hasMore } = await store.list(owner, limit, after);
      return { views: await Promise.all(records.map(view)), hasMore };
    },

    async cancel(id, owner) {
      const record = await find(id, owner);
      await store.settle(id);
      const children = await jobsOf(record);
      await Promise.all(
        children.map((child) => (child !== null && !isTerminal(child.status) ? jobs.cancel(child.id) : null)),
      );
      return view(record);
    },

    async remove(id, owner) {
      const record = await find(id, owner);
      const children = (await jobsOf(record)).filter((child) => child !== null);
      const open = children.filter(({ status }) => !isTerminal(status)).length;
      if (open > 0)
        throw new AppError(
          'JOB_STATE',
          `${open} cells of comparison ${id} are not over; cancel it before it is deleted`,
        );
      await store.settle(id);
      for (const child of children) {
        await artifacts.remove(child.id);
        await jobs.remove(child.id);
      }
      await store.remove(record);
    },

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
        const record = await store.get(id);
        await (record === null ? store.settle(id) : settle(record));
      }
      return ids.length;
    },
  };
}

/** A job may be removed while it is waited for. */
function unlessGone(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'JOB_NOT_FOUND')) throw error;
}

/** The plan as it was made: nothing is examined again. */
function planOf({ spec, inapplicable, samples }: ComparisonRecord): ComparisonPlan {
  const methods = spec.methods.map(({ name, options }) => configureMethod(name, options));
  return { spec, inapplicable, samples, cells: cellsOf(spec, methods, inapplicable, []) };
}
