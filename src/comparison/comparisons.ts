/** Comparisons in the service: one job for every cell, spread over the workers by the queue; state and report follow from the jobs. */
import { type ComparisonSpec, parseComparisonSpec } from '../contract/comparison-spec.ts';
import { newJobId } from '../contract/job-id.ts';
import { isTerminal, type JobRecord } from '../contract/job-state.ts';
import { configureMethod } from '../engine/methods/index.ts';
import { AppError } from '../errors.ts';
import type { Examine } from '../jobs/examine/examine.ts';
import type { ArtifactStore, JobStore } from '../jobs/ports.ts';
import { newRecord } from '../jobs/submit.ts';
import type { Cell, CellResult, CellState } from './cell.ts';
import { planByExamination } from './examine.ts';
import { type ComparisonPlan, cellsOf } from './plan.ts';
import { type ComparisonRecord, type ComparisonStore, isComparisonId, newComparisonId } from './record.ts';
import { buildComparisonReport, type ComparisonReport } from './report.ts';
import { resultOfReport } from './run-cell.ts';

export type ComparisonStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface ComparisonView {
  readonly record: ComparisonRecord;
  /** 'succeeded' when every cell gave a result; 'failed' when all are over and some did not; 'cancelled' when some were cancelled. */
  readonly status: ComparisonStatus;
  /** How many cells are in each status of a job; `lost`: their job is gone. */
  readonly counts: Readonly<Record<string, number>>;
  readonly cells: number;
}

/** `owner` null: of anybody. All throw COMPARISON_NOT_FOUND and QUEUE_UNAVAILABLE. */
export interface Comparisons {
  /** @throws INVALID_INPUT with pointers, QUOTA_EXCEEDED */
  create(input: unknown, owner: string, visibleOwner: string | null): Promise<ComparisonView>;
  get(id: string, owner: string | null): Promise<ComparisonView>;
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
}

export interface ComparisonsDependencies {
  readonly store: ComparisonStore;
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly examine: Examine;
  readonly maxQueuedJobsPerKey: number;
}

/** Results of finished jobs that are kept in memory: a report is read again and again while the rest runs. */
const keptResults = 5000;

export function createComparisons({
  store,
  jobs,
  artifacts,
  examine,
  maxQueuedJobsPerKey,
}: ComparisonsDependencies): Comparisons {
  const results = new Map<string, CellResult>();

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
    const counts: Record<string, number> = {};
    for (const child of children) {
      const status = child?.status ?? 'lost';
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return { record, status: statusOf(children), counts, cells: children.length };
  }

  async function resultOf(job: string): Promise<CellResult | null> {
    const kept = results.get(job);
    if (kept) return kept;
    const chunks: Buffer[] = [];
    for await (const chunk of await artifacts.open(job, 'report.json')) chunks.push(chunk as Buffer);
    const result = resultOfReport(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    if (result) {
      const [oldest] = results.keys();
      if (results.size >= keptResults && oldest !== undefined) results.delete(oldest);
      results.set(job, result);
    }
    return result;
  }

  async function stateOf(job: string): Promise<CellState> {
    const record = await jobs.get(job);
    if (record === null)
      return { status: 'failed', error: { code: 'JOB_NOT_FOUND', message: `its job ${job} is gone` } };
    if (record.status === 'queued') return { status: 'pending' };
    if (record.status === 'running') return { status: 'running' };
    if (record.status === 'cancelling' || record.status === 'cancelled') return { status: 'cancelled' };
    if (record.status === 'succeeded') {
      const result = await resultOf(job).catch(() => null);
      if (result) return { status: 'done', result };
      return {
        status: 'failed',
        error: { code: 'ARTIFACT_NOT_FOUND', message: `the report of job ${job} cannot be read` },
      };
    }
    return { status: 'failed', error: record.error ?? { code: 'INTERNAL', message: `job ${job} is ${record.status}` } };
  }

  async function report(id: string, owner: string | null): Promise<ComparisonReport> {
    const record = await find(id, owner);
    const plan = planOf(record);
    const states = new Map<string, CellState>();
    for (const [cell, job] of Object.entries(record.jobs)) states.set(cell, await stateOf(job));
    return buildComparisonReport(plan, states, ({ id: cell }) => record.jobs[cell] ?? null);
  }

  /** All or none: when the queue fails in the middle, what was made is cancelled. */
  async function submitCells(cells: readonly Cell[], record: ComparisonRecord): Promise<void> {
    const made: string[] = [];
    try {
      for (const cell of cells) {
        const id = record.jobs[cell.id] as string;
        const method = configureMethod(cell.spec.method.name, cell.spec.method.options);
        const spec = { ...cell.spec, metadata: { ...record.spec.metadata, comparison: record.id, cell: cell.id } };
        await jobs.create({ ...newRecord(spec, { method }, record.owner), id }, spec, null);
        made.push(id);
      }
    } catch (error) {
      await Promise.allSettled(made.map((id) => jobs.cancel(id)));
      await store.remove(record).catch(() => {});
      throw error;
    }
  }

  return {
    report,
    get: async (id, owner) => view(await find(id, owner)),

    async create(input, owner, visibleOwner) {
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
      const record: ComparisonRecord = {
        id: newComparisonId(),
        owner,
        createdAt: new Date().toISOString(),
        spec,
        inapplicable: plan.inapplicable,
        samples: plan.samples,
        jobs: Object.fromEntries(plan.cells.map(({ id }) => [id, newJobId()])),
      };
      await store.create(record);
      await submitCells(plan.cells, record);
      return view(record);
    },

    async list(owner, limit, after) {
      const { records, hasMore } = await store.list(owner, limit, after);
      return { views: await Promise.all(records.map(view)), hasMore };
    },

    async cancel(id, owner) {
      const record = await find(id, owner);
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
  };
}

/** The plan as it was made: nothing is examined again. */
function planOf({ spec, inapplicable, samples }: ComparisonRecord): ComparisonPlan {
  const methods = spec.methods.map(({ name, options }) => configureMethod(name, options));
  return { spec, inapplicable, samples, cells: cellsOf(spec, methods, inapplicable, []) };
}

function statusOf(children: readonly (JobRecord | null)[]): ComparisonStatus {
  const has = (...statuses: string[]) => children.some((child) => child !== null && statuses.includes(child.status));
  if (
    has('running', 'cancelling') ||
    (has('queued') && children.some((child) => child === null || isTerminal(child.status)))
  )
    return 'running';
  if (has('queued')) return 'queued';
  if (has('cancelled')) return 'cancelled';
  return children.every((child) => child?.status === 'succeeded') ? 'succeeded' : 'failed';
}
