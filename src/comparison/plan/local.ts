/** The plan of a comparison that runs in this process: its models and its data are opened, each once. Loads no TensorFlow. */
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

/** Remembers the last result: all cells have the same data, and those of one model follow each other. */
function once<T>(work: (job: JobSpec) => Promise<T>, keyOf: (job: JobSpec) => unknown): (job: JobSpec) => Promise<T> {
  let last: { key: string; result: Promise<T> } | null = null;
  return (job) => {
    const key = JSON.stringify(keyOf(job));
    if (last?.key !== key) last = { key, result: work(job) };
    return last.result;
  };
}

/** Problems of the data name a place below /dataset, of the samples to test on one below /test. */
const dataPointer = ({ problems }: AppError) => (problems.length > 0 ? '/dataset' : '/dataset/ref');

/**
 * Cells in the order in which they should run.
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
