/**
 * Everything that can be known of a specification before it runs: what it asks for, and every problem it would meet. References become what was
 * remembered of them; the inspector checks it all together. Loads no TensorFlow and reads no topology.
 */
import type { JobSpec } from '../../contract/job-spec.ts';
import { type ConfiguredMethod, configureMethod } from '../../engine/methods/index.ts';
import { AppError, type PlacedProblem } from '../../errors.ts';
import { inWords } from '../../schema-problems.ts';
import { modelPointer } from '../check/check-run.ts';
import { type Collector, createCollector, type SpecProblem } from '../check/problems.ts';
import type { WeightsDescription } from '../inspect/describe.ts';
import type { DatasetDescription } from '../inspect/describe-dataset.ts';
import type { RunFindings } from '../inspect/tasks.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { type DatasetExaminer, datasetPointer } from './examine-dataset.ts';
import { createSpecChecker, type ModelDependencies, modelUpload, type SpecCheck, uploadOf } from './examine-model.ts';

export interface ExamineDependencies extends ModelDependencies {
  readonly datasets: Pick<DatasetExaminer, 'examine'>;
  readonly maxRunSeconds: number;
  readonly maxQueueSeconds: number;
}

/** Null stands for what could not be found out, because of a problem or because only the worker can. */
export interface Examination extends RunFindings {
  readonly method: ConfiguredMethod;
  readonly dataset: DatasetDescription | null;
}

export type Examine = (spec: JobSpec, owner: string | null) => Promise<Examination>;

/** `owner` null: references may lead to uploads of anybody. Throws only what is not the fault of the specification. */
export function createExamine(dependencies: ExamineDependencies): Examine {
  const checkSpec = createSpecChecker(dependencies);
  const examineDataset = dependencies.datasets.examine;

  return async (
    { model, method: wish, loss, lossWeights, output, artifacts, training, dataset, weights, source, limits },
    owner,
  ) => {
    const { problems, attempt, attemptLater } = createCollector();
    const method = configureMethod(wish.name, wish.options);
    attempt('/limits', () => checkLimits(limits, dependencies));
    const other = training?.test;
    const [data, test, tensors, sourceTensors] = await Promise.all([
      dataset ? attemptLater(datasetPointer, () => examineDataset(dataset, owner)) : null,
      other ? attemptLater(below('/training/test', datasetPointer), () => examineDataset(other, owner)) : null,
      weights ? attemptLater('/weights/ref', () => examineWeights(weights.ref, owner, dependencies.uploads)) : null,
      source ? examineSource(source, owner, dependencies.uploads, attemptLater) : null,
    ]);
    const spec = {
      model,
      method: wish,
      ...(artifacts ? { artifacts } : {}),
      ...(loss ? { loss } : {}),
      ...(lossWeights ? { lossWeights } : {}),
      ...(output === undefined ? {} : { output }),
      ...(training ? { training } : {}),
    };
    const check = { spec, data, test, weights: tensors, source: sourceTensors };
    const findings = await attemptLater(modelPointer(model), () => checkSpec(check, owner));
    return {
      ...(findings ?? nothing),
      problems: inOrder([...(findings?.problems ?? []), ...problems]),
      method,
      dataset: data,
    };
  };
}

const nothing = { model: null, memory: null, loss: null, inapplicable: null };

const fields = [
  'model',
  'dataset',
  'method',
  'loss',
  'lossWeights',
  'output',
  'weights',
  'source',
  'artifacts',
  'training',
  'limits',
];

/** Problems in the order in which a specification is read. */
function inOrder(problems: readonly SpecProblem[]): SpecProblem[] {
  const place = ({ pointer }: SpecProblem) => fields.indexOf(pointer.split('/')[1] ?? '');
  return [...problems].sort((a, b) => place(a) - place(b));
}

function checkLimits(
  limits: JobSpec['limits'] = {},
  allowed: Pick<ExamineDependencies, 'maxRunSeconds' | 'maxQueueSeconds'>,
): void {
  const problems: PlacedProblem[] = (['maxRunSeconds', 'maxQueueSeconds'] as const).flatMap((name) =>
    (limits[name] ?? 0) > allowed[name]
      ? [{ pointer: `/${name}`, message: `must be at most ${allowed[name]} here` }]
      : [],
  );
  if (problems.length > 0)
    throw new AppError('INVALID_INPUT', `limits: ${inWords(problems, 'the limits')}`, { problems });
}

/** Pointers of an error of test data: those of a dataset lie below /dataset. */
const below = (base: string, pointerOf: (error: AppError) => string) => (error: AppError) =>
  base + pointerOf(error).slice('/dataset'.length);

/** Names and shapes as they were read when the weights were uploaded. Throws DATASET_NOT_FOUND, WEIGHTS_MALFORMED. */
async function examineWeights(
  ref: string,
  owner: string | null,
  uploads: Pick<Uploads, 'get'>,
): Promise<WeightsDescription['tensors']> {
  const { description } = await uploadOf(ref, owner, uploads);
  if (description.kind === 'weights') return description.tensors;
  if (description.kind === 'model' && description.weights !== undefined) return description.weights;
  const message = `${ref} holds ${description.kind}, no weights; upload it with kind=weights`;
  throw new AppError('WEIGHTS_MALFORMED', message);
}

/** A network that weights are taken from, with their names and shapes: those that are given, else those that were read out of the model's file. */
async function examineSource(
  { model, weights }: NonNullable<JobSpec['source']>,
  owner: string | null,
  uploads: Pick<Uploads, 'get'>,
  attemptLater: Collector['attemptLater'],
): Promise<SpecCheck['source']> {
  const file = await attemptLater('/source/model/ref', async () => ({
    upload: await modelUpload(model, owner, uploads),
  }));
  if (file === null) return null;
  const tensors = await attemptLater('/source/weights/ref', () => {
    const ref = weights?.ref ?? ('ref' in model ? model.ref : null);
    if (ref === null) throw new AppError('WEIGHTS_MISMATCH', 'the weights of a source from the zoo are missing');
    return examineWeights(ref, owner, uploads);
  });
  return tensors && { model, weights: tensors };
}
