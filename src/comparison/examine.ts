/** The plan of a comparison in the API: every model with every method is examined as a job would be; the data is looked at in the inspecting process, never loaded here. */
import { type ComparisonSpec, refuseComparison, trainingPointer } from '../contract/comparison-spec.ts';
import { parseJobSpec } from '../contract/job-spec.ts';
import { configureMethod } from '../engine/methods/index.ts';
import { AppError } from '../errors.ts';
import type { Examination, Examine } from '../jobs/examine/examine.ts';
import { problemsOf } from '../jobs/examine/problems.ts';
import type { SchemaProblem } from '../schema-problems.ts';
import { type ComparisonPlan, cellsOf, type InapplicableRow } from './plan.ts';

/** Where a problem of the job of (model, method) lies in the comparison. */
function placeOf(pointer: string, model: number, method: number): string {
  if (pointer.startsWith('/model')) return `/models/${model}${pointer}`;
  if (pointer.startsWith('/method')) return `/methods/${method}${pointer.slice('/method'.length)}`;
  return pointer;
}

function dataProblems(spec: ComparisonSpec, dataset: NonNullable<Examination['dataset']>): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  if (dataset.targets.kind !== 'classes')
    problems.push({
      pointer: '/dataset',
      message: 'has values to regress; a comparison measures accuracy and needs classes',
    });
  if (!spec.test && !((spec.dataset.options?.validationSplit ?? 0) > 0)) {
    problems.push({
      pointer: '/dataset/options/validationSplit',
      message: 'must be greater than 0: accuracy needs samples that are not trained on; or name them in /test',
    });
  }
  spec.training.forEach(({ batchSize }, index) => {
    if (batchSize > dataset.samples)
      problems.push({
        pointer: `${trainingPointer(spec, index)}/batchSize`,
        message: `is ${batchSize}, but the training part has ${dataset.samples} samples`,
      });
  });
  return problems;
}

/**
 * @param owner whose uploads it may use; null: anybody's
 * @throws INVALID_INPUT with the pointer of every problem; what is not the fault of the specification
 */
export async function planByExamination(
  spec: ComparisonSpec,
  examine: Examine,
  owner: string | null,
): Promise<ComparisonPlan> {
  const problems: SchemaProblem[] = [];
  const add = (found: readonly SchemaProblem[]) => {
    for (const { pointer, message } of found) {
      if (!problems.some((other) => other.pointer === pointer && other.message === message))
        problems.push({ pointer, message });
    }
  };
  const methods = spec.methods.flatMap(({ name, options }, index) => {
    try {
      return [configureMethod(name, options)];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      add(
        problemsOf(error, '').map(({ pointer, message }) => ({
          pointer: placeOf(pointer || '/method', 0, index),
          message,
        })),
      );
      return [];
    }
  });
  if (problems.length > 0) refuseComparison(problems);
  const inapplicable: InapplicableRow[] = [];
  let dataset: Examination['dataset'] = null;
  for (const [model, { model: wish }] of spec.models.entries()) {
    for (const [method, { name, options }] of spec.methods.entries()) {
      const job = parseJobSpec({
        model: wish,
        dataset: spec.dataset,
        method: { name, options: options ?? {} },
        artifacts: spec.artifacts,
        ...(spec.loss === undefined ? {} : { loss: spec.loss }),
        ...(spec.limits === undefined ? {} : { limits: spec.limits }),
      });
      const examination = await examine(job, owner);
      dataset ??= examination.dataset;
      const reason = examination.problems.find(
        ({ code, pointer }) => code === 'METHOD_NOT_APPLICABLE' && pointer.startsWith('/method'),
      );
      if (reason) inapplicable.push({ model, method, reason: reason.message.replace(/^.* does not apply: /, '') });
      add(
        examination.problems
          .filter((problem) => problem !== reason)
          .map(({ pointer, message }) => ({ pointer: placeOf(pointer, model, method), message })),
      );
    }
  }
  if (dataset) add(dataProblems(spec, dataset));
  if (problems.length > 0 || !dataset) refuseComparison(problems);
  const found: SchemaProblem[] = [];
  const cells = cellsOf(spec, methods, inapplicable, found);
  if (found.length > 0) refuseComparison(found);
  if (cells.length === 0)
    refuseComparison(
      inapplicable.map(({ model, method, reason }) => ({
        pointer: `/methods/${method}`,
        message: `does not apply to /models/${model}: ${reason}`,
      })),
    );
  return { spec, cells, inapplicable, samples: { training: dataset.samples, test: null } };
}
