/** The plan of a comparison that runs in this process: each model and each dataset is opened once. TensorFlow is not loaded. */
import type { ComparisonSpec } from '../../contract/comparison-spec.ts';
import type { JobSpec } from '../../contract/job-spec.ts';
import { configureMethod } from '../../engine/methods/index.ts';
import type { AppError } from '../../errors.ts';
import { checkRun, modelPointer } from '../../jobs/check/check-run.ts';
import { createCollector } from '../../jobs/check/problems.ts';
import { loadModel, openSource } from '../../jobs/prepare.ts';
import type { Sources } from '../../jobs/sources.ts';
import { openData } from '../../jobs/training-samples.ts';
import type { ComparisonPlan } from './cells.ts';
import { type CellFindings, planByExamination } from './examine.ts';

const nothing = { inapplicable: null, samples: { training: null, test: null } };

/** Caches the last result: all cells share the data, and the cells of one model are consecutive. */
function once<T>(work: (job: JobSpec) => Promise<T>, keyOf: (job: JobSpec) => unknown): (job: JobSpec) => Promise<T> {
  let last: { key: string; result: Promise<T> } | null = null;
  return (job) => {
    const key = JSON.stringify(keyOf(job));
    if (last?.key !== key) last = { key, result: work(job) };
    return last.result;
  };
}

/** The pointer for a problem of the data: /dataset for problems that name a place below it, else /dataset/ref. Those of the test samples lie below /test. */
const dataPointer = ({ problems }: AppError) => (problems.length > 0 ? '/dataset' : '/dataset/ref');

/**
 * The plan, with cells in the order in which they run.
 *
 * @throws INVALID_INPUT with a JSON pointer for every problem of the models, methods, options, data and protocols
 */
export function planComparison(spec: ComparisonSpec, sources: Sources): Promise<ComparisonPlan> {
  const modelOf = once(
    ({ model }) => loadModel(model, sources),
    ({ model }) => model,
  );
  const dataOf = once(
    () => openData({ dataset: spec.dataset, test: spec.test }, sources),
    () => null,
  );
  const sourceOf = once(
    (job) => openSource(job, sources),
    ({ source }) => source ?? null,
  );
  return planByExamination(spec, async (job): Promise<CellFindings> => {
    const { problems, attemptLater } = createCollector();
    const model = await attemptLater(modelPointer(job.model), () => modelOf(job));
    const data = await attemptLater(dataPointer, () => dataOf(job));
    if (model === null || data === null) return { ...nothing, problems };
    const { dataset, test } = data;
    const source = await attemptLater('/source', () => sourceOf(job));
    const method = configureMethod(job.method.name, job.method.options);
    const found = checkRun({ spec: job, method, model, data: dataset, test, weights: null, source });
    const samples = { training: dataset.size, test: (test ?? dataset.validation)?.size ?? 0 };
    return { problems: found.problems, inapplicable: found.inapplicable, samples };
  });
}
