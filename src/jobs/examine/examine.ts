/** Everything that can be known of a specification before it runs: what it asks for, and every problem it would meet. Loads no TensorFlow. */
import type { JobSpec } from '../../contract/job-spec.ts';
import { fitDataset } from '../../datasets/index.ts';
import {
  applicabilityOf,
  assertApplicable,
  type ConfiguredMethod,
  configureMethod,
} from '../../engine/methods/index.ts';
import { AppError, type PlacedProblem } from '../../errors.ts';
import { inWords } from '../../schema-problems.ts';
import { estimateMemory, type MemoryEstimate } from '../../topology/summary.ts';
import { classesOf, type DatasetDescription, fittable } from '../inspect/describe-dataset.ts';
import { accuracyProblem, augmentationProblems, batchProblems } from '../training-data.ts';
import { type DatasetExaminer, datasetPointer } from './examine-dataset.ts';
import { type ExaminedLoss, examineLoss } from './examine-loss.ts';
import { createModelExaminer, type ExaminedModel, type ModelDependencies, modelPointer } from './examine-model.ts';
import { createWeightsExaminer } from './examine-weights.ts';
import { createCollector, type SpecProblem } from './problems.ts';

export interface ExamineDependencies extends ModelDependencies {
  readonly datasets: Pick<DatasetExaminer, 'examine'>;
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
  /** Why the method does not apply to the model; null when it does, or nothing is known. The problems say it too. */
  readonly inapplicable: string | null;
}

export type Examine = (spec: JobSpec, owner: string | null) => Promise<Examination>;

/** What a method without batches is counted with. */
const batchWithoutData = 1;

/** An option that cannot be used names its own place from the root. */
const methodPointer = ({ code }: AppError): string => (code === 'OPTION_INVALID' ? '' : '/method');

const batchSizeOf = ({ options }: ConfiguredMethod): number =>
  typeof options.batchSize === 'number' ? options.batchSize : batchWithoutData;

/** `owner` null: references may lead to uploads of anybody. Throws only what is not the fault of the specification. */
export function createExamine(dependencies: ExamineDependencies): Examine {
  const examineModel = createModelExaminer(dependencies);
  const examineDataset = dependencies.datasets.examine;
  const examineWeights = createWeightsExaminer(dependencies);

  return async (spec, owner) => {
    const { problems, attempt } = createCollector();
    const method = configureMethod(spec.method.name, spec.method.options);
    await attempt('/limits', () => checkLimits(spec, dependencies));
    const model = await attempt(modelPointer(spec.model), () => examineModel(spec.model, owner));
    if (model !== null) {
      await attempt(methodPointer, () => assertApplicable(method, model.split.topology));
      await attempt('/artifacts', () => checkArtifacts(spec, model));
      await attempt('/weights/ref', () => examineWeights(spec.weights, model, owner));
    }
    const given = spec.dataset;
    const dataset = given ? await attempt(datasetPointer, () => examineDataset(given, owner)) : null;
    if (dataset !== null) {
      if (model !== null) await attempt('/dataset', () => fitDataset(fittable(dataset), model.split.topology));
      await attempt('/method/options/batchSize', () => checkBatch(method, dataset));
    }
    const { training } = spec;
    if (training) {
      const { test: wish } = training;
      const test = wish
        ? await attempt(below('/training/test', datasetPointer), () => examineDataset(wish, owner))
        : null;
      if (model !== null) {
        const { topology } = model.split;
        if (test !== null) await attempt('/training/test', () => fitDataset(fittable(test), topology));
        await attempt('/training', () => refuseTraining(augmentationProblems(training, topology)));
      }
      if (dataset !== null) await attempt('/training', () => refuseTraining(dataProblems(training, dataset, test)));
    }
    const loss =
      model && given
        ? await attempt('/loss', () => examineLoss(spec.loss, model.split, dataset?.targets ?? null))
        : null;
    const memory = model && estimateMemory(model.parsed.topology, batchSizeOf(method));
    const applicability = model && applicabilityOf(method, model.split.topology);
    const inapplicable = applicability === null || applicability.applicable ? null : applicability.reason;
    return { problems, method, model, memory, dataset, loss, inapplicable };
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
  throw new AppError('INVALID_INPUT', `limits: ${inWords(errors, 'the limits')}`, { problems: errors });
}

function checkArtifacts({ artifacts }: JobSpec, model: ExaminedModel): void {
  if (artifacts.includes('tfjs-layers')) model.assertTfjsForm();
}

/** Pointers of an error of test data: those of a dataset lie below /dataset. */
const below = (base: string, pointerOf: (error: AppError) => string) => (error: AppError) =>
  base + pointerOf(error).slice('/dataset'.length);

function dataProblems(
  training: NonNullable<JobSpec['training']>,
  dataset: DatasetDescription,
  test: DatasetDescription | null,
): PlacedProblem[] {
  const accuracy = accuracyProblem(classesOf(dataset), test === null ? undefined : classesOf(test));
  return [
    ...batchProblems(training, dataset.samples),
    ...(accuracy === null ? [] : [{ pointer: '', message: `cannot be measured: the dataset ${accuracy}` }]),
  ];
}

function refuseTraining(errors: readonly PlacedProblem[]): void {
  if (errors.length === 0) return;
  throw new AppError('INVALID_INPUT', `training: ${inWords(errors, 'the training')}`, { problems: errors });
}

function checkBatch(method: ConfiguredMethod, { samples }: DatasetDescription): void {
  const batchSize = batchSizeOf(method);
  if (batchSize > samples)
    throw new AppError(
      'BATCH_TOO_LARGE',
      `batchSize is ${batchSize}, but the dataset has ${samples} samples; choose at most ${samples}`,
    );
}
