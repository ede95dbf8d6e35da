/** Everything that can be known of a specification before it runs: what it asks for, and every problem it would meet. Loads no TensorFlow. */
import type { JobSpec } from '../../contract/job-spec.ts';
import { fitDataset } from '../../datasets/index.ts';
import { type ConfiguredMethod, configureMethod } from '../../engine/methods/index.ts';
import { AppError } from '../../errors.ts';
import { estimateMemory, type MemoryEstimate } from '../../topology/summary.ts';
import { type DatasetDescription, fittable } from '../inspect/describe.ts';
import { createDatasetExaminer, type DatasetDependencies, datasetPointer } from './examine-dataset.ts';
import { type ExaminedLoss, examineLoss } from './examine-loss.ts';
import { createModelExaminer, type ExaminedModel, type ModelDependencies, modelPointer } from './examine-model.ts';
import { createWeightsExaminer } from './examine-weights.ts';
import { createCollector, type SpecProblem } from './problems.ts';

export interface ExamineDependencies extends ModelDependencies, DatasetDependencies {
  readonly maxRunSeconds: number;
  readonly maxQueueSeconds: number;
}

/** Null stands for what could not be found out, because of a problem or because only the worker can. */
export interface Examination {
  readonly problems: readonly SpecProblem[];
  readonly method: ConfiguredMethod;
  readonly model: ExaminedModel | null;
  readonly memory: MemoryEstimate | null;
  readonly dataset: DatasetDescription | null;
  readonly loss: ExaminedLoss | null;
}

export type Examine = (spec: JobSpec, owner: string | null) => Promise<Examination>;

/** What a method without batches is counted with. */
const batchWithoutData = 1;

const batchSizeOf = ({ options }: ConfiguredMethod): number =>
  typeof options.batchSize === 'number' ? options.batchSize : batchWithoutData;

/** `owner` null: references may lead to uploads of anybody. Throws only what is not the fault of the specification. */
export function createExamine(dependencies: ExamineDependencies): Examine {
  const examineModel = createModelExaminer(dependencies);
  const examineDataset = createDatasetExaminer(dependencies);
  const examineWeights = createWeightsExaminer(dependencies);

  return async (spec, owner) => {
    const { problems, attempt } = createCollector();
    const method = configureMethod(spec.method.name, spec.method.options);
    await attempt('/limits', () => checkLimits(spec, dependencies));
    const model = await attempt(modelPointer(spec.model), () => examineModel(spec.model, owner));
    if (model !== null) {
      await attempt('/method', () => checkApplicability(method, model));
      await attempt('/artifacts', () => checkArtifacts(spec, model));
      await attempt('/weights/ref', () => examineWeights(spec.weights, model, owner));
    }
    const given = spec.dataset;
    const dataset = given ? await attempt(datasetPointer, () => examineDataset(given, owner)) : null;
    if (dataset !== null) {
      if (model !== null) await attempt('/dataset', () => fitDataset(fittable(dataset), model.split.topology));
      await attempt('/method/options/batchSize', () => checkBatch(method, dataset));
    }
    const loss =
      model && given
        ? await attempt('/loss', () => examineLoss(spec.loss, model.split, dataset?.targets ?? null))
        : null;
    const memory = model && estimateMemory(model.parsed.topology, batchSizeOf(method));
    return { problems, method, model, memory, dataset, loss };
  };
}

function checkLimits(
  { limits = {} }: JobSpec,
  allowed: Pick<ExamineDependencies, 'maxRunSeconds' | 'maxQueueSeconds'>,
): void {
  const errors = (['maxRunSeconds', 'maxQueueSeconds'] as const).flatMap((name) =>
    (limits[name] ?? 0) > allowed[name]
      ? [{ pointer: `/${name}`, message: `must be at most ${allowed[name]} here` }]
      : [],
  );
  if (errors.length === 0) return;
  const text = errors.map(({ pointer, message }) => `limits${pointer} ${message}`).join('; ');
  throw new AppError('INVALID_INPUT', text, { details: { errors } });
}

function checkApplicability({ method, options }: ConfiguredMethod, { split }: ExaminedModel): void {
  const applicability = method.applicability(split.topology, options as never);
  if (!applicability.applicable)
    throw new AppError('METHOD_NOT_APPLICABLE', `${method.name} does not apply: ${applicability.reason}`);
}

function checkArtifacts({ artifacts }: JobSpec, model: ExaminedModel): void {
  if (artifacts.includes('tfjs-layers')) model.assertTfjsForm();
}

function checkBatch(method: ConfiguredMethod, { samples }: DatasetDescription): void {
  const batchSize = batchSizeOf(method);
  if (batchSize > samples)
    throw new AppError(
      'BATCH_TOO_LARGE',
      `batchSize is ${batchSize}, but the dataset has ${samples} samples; choose at most ${samples}`,
    );
}
