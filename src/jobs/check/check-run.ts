/**
 * Whether a run can be carried out: the model, the data, the weights, the method and the loss against each other. Pure, and without TensorFlow.
 *
 * It looks at descriptions. The API has those that were remembered when files were uploaded, a worker has the real things, which describe
 * themselves: both get the same problems in the same words.
 */

import { type DescribedWeights, weightsProblem } from '../../artifacts/check-weights.ts';
import type { TargetKind } from '../../batch.ts';
import type { JobSpec } from '../../contract/job-spec.ts';
import { type Fittable, fitDataset, fittingViews } from '../../datasets/index.ts';
import { applicabilityOf, assertApplicable, type ConfiguredMethod } from '../../engine/methods/index.ts';
import { AppError, type PlacedProblem } from '../../errors.ts';
import { closeShapes, type ParsedModel } from '../../models/index.ts';
import { inWords } from '../../schema-problems.ts';
import { fixedBatch, graphOf } from '../../topology/operation-graph/build.ts';
import { chooseOutput } from '../../topology/structure/choose-output.ts';
import { type SplitTopology, splitHead } from '../../topology/structure/head.ts';
import type { Topology } from '../../topology/topology.ts';
import { checkArtifacts } from '../artifact-forms.ts';
import { checkSource, type DescribedSource, sourcePointer } from './check-source.ts';
import { type ChosenLoss, chooseLoss } from './choose-loss.ts';
import { createCollector, type SpecProblem } from './problems.ts';
import { accuracyProblem, augmentationProblems, batchProblems } from './training-data.ts';

/** What is known of data: enough to fit it to a model. `T` is what fitting gives. */
export interface DescribedData<T = unknown> extends Fittable<T> {
  /** Samples for training. */
  readonly size: number;
  readonly targets: TargetKind;
}

export interface RunParts<T> {
  readonly spec: Pick<JobSpec, 'model' | 'loss' | 'lossWeights' | 'output' | 'artifacts' | 'training'>;
  readonly method: ConfiguredMethod;
  readonly model: ParsedModel;
  /** Null where there is none, and where it is not known yet. */
  readonly data: DescribedData<T> | null;
  /** Other data to measure a training on. */
  readonly test: DescribedData | null;
  readonly weights: DescribedWeights | null;
  /** Null where there is none, or where it could not be read. */
  readonly source: DescribedSource | null;
}

export interface CheckedRun<T> {
  readonly problems: readonly SpecProblem[];
  /** The model with logits as its output; null when its head cannot be taken off. */
  readonly split: SplitTopology | null;
  /** The data as the model sees it. */
  readonly fitted: T | null;
  readonly loss: ChosenLoss | null;
  /** Why the method does not apply to the model; null when it does, or nothing is known. The problems have it too. */
  readonly inapplicable: string | null;
}

/** Where pointers of an error of this model begin. */
export const modelPointer =
  (model: JobSpec['model']) =>
  ({ code }: AppError): string => {
    if ('topology' in model) return '/model/topology';
    if ('ref' in model) return '/model/ref';
    return code === 'ZOO_UNKNOWN' ? '/model' : '/model/options';
  };

/** What is said of several outputs names its own place from the root. */
const lossPointer = ({ code }: AppError): string => (code === 'INVALID_INPUT' ? '' : '/loss');

/** An option that cannot be used names its own place from the root. */
const methodPointer = ({ code }: AppError): string => (code === 'OPTION_INVALID' ? '' : '/method');

/** Every problem that can be known without computing anything. */
export function checkRun<T>({ spec, method, model, data, test, weights, source }: RunParts<T>): CheckedRun<T> {
  const { problems, attempt } = createCollector();
  const closed = attempt(modelPointer(spec.model), () => closedTopology(model, data, test)) ?? model.topology;
  const chosen = attempt('/output', () => chooseOutput(closed, spec.output));
  const split = chosen && attempt(modelPointer(spec.model), () => splitHead(chosen));
  if (split === null) return { problems, split, fitted: null, loss: null, inapplicable: null };
  const { topology } = split;
  attempt(methodPointer, () => assertApplicable(method, topology));
  attempt('/artifacts', () => checkArtifacts(spec.artifacts, model, method));
  attempt('/weights/ref', () => checkWeightNames(weights, topology));
  if (source) attempt(sourcePointer, () => checkSource(method, topology, source));
  const fitted = data && attempt('/dataset', () => fitDataset(data, topology));
  if (data) attempt('/method/options/batchSize', () => checkBatch(method, data.size));
  attempt('/method/options/batchSize', () => checkFixedBatch(method, spec, topology));
  if (test) attempt('/training/test', () => fitDataset(test, model.topology));
  attempt('/training', () => checkTraining({ spec, data, test }, topology));
  const needsLoss = spec.loss !== undefined || data !== null;
  const loss = needsLoss ? attempt(lossPointer, () => chooseLoss(spec, split, data?.targets ?? null)) : null;
  const applicability = applicabilityOf(method, topology);
  const unlike = problems.find(({ code, pointer }) => code === 'METHOD_NOT_APPLICABLE' && pointer === '/source');
  const inapplicable = applicability.applicable ? (unlike?.message ?? null) : applicability.reason;
  return { problems, split: loss?.split ?? split, fitted: fitted ?? null, loss, inapplicable };
}

/** The topology on the shapes of the data; that of the model where the data does not fit, which is a problem of its own. Throws LAYER_INVALID. */
function closedTopology(model: ParsedModel, data: DescribedData | null, test: DescribedData | null): Topology {
  const shapesOf = (samples: DescribedData | null) => {
    try {
      return samples && fittingViews(samples, model.topology).map(({ shape }) => shape);
    } catch {
      return null;
    }
  };
  const [shapes, testShapes] = [shapesOf(data), shapesOf(test)];
  if (testShapes) closeShapes(model, testShapes);
  return shapes ? closeShapes(model, shapes) : model.topology;
}

function checkWeightNames(weights: DescribedWeights | null, { layers }: SplitTopology['topology']): void {
  const problem =
    weights === null
      ? null
      : weightsProblem(
          weights,
          layers.flatMap(({ params }) => params),
        );
  if (problem !== null) throw problem;
}

function checkBatch({ options }: ConfiguredMethod, samples: number): void {
  const { batchSize } = options;
  if (typeof batchSize === 'number' && batchSize > samples)
    throw new AppError(
      'BATCH_TOO_LARGE',
      `batchSize is ${batchSize}, but the dataset has ${samples} samples; choose at most ${samples}`,
    );
}

/** A graph that was traced with a fixed batch runs on batches of that size alone. */
function checkFixedBatch(
  { options }: ConfiguredMethod,
  { training }: Pick<JobSpec, 'training'>,
  topology: Topology,
): void {
  const graph = graphOf(topology);
  const batch = graph ? fixedBatch(graph) : null;
  if (batch === null) return;
  const way = 'or export the model with dynamic_shapes=({0: torch.export.Dim("batch", min=2)},)';
  if (training)
    throw new AppError(
      'OPTION_INVALID',
      `the model was exported for batches of ${batch}, and a training measures on others; ${way}`,
    );
  if (typeof options.batchSize === 'number' && options.batchSize !== batch)
    throw new AppError(
      'OPTION_INVALID',
      `batchSize is ${options.batchSize}, the model was exported for batches of ${batch}: choose that, ${way}`,
    );
}

function checkTraining(
  { spec: { training }, data, test }: Pick<RunParts<unknown>, 'spec' | 'data' | 'test'>,
  topology: SplitTopology['topology'],
): void {
  if (training === undefined) return;
  const accuracy = data && accuracyProblem(data.targets, test?.targets);
  const problems: PlacedProblem[] = [
    ...augmentationProblems(training, topology),
    ...(data ? batchProblems(training, data.size) : []),
    ...(accuracy ? [{ pointer: '', message: `cannot be measured: the dataset ${accuracy}` }] : []),
  ];
  if (problems.length > 0)
    throw new AppError('INVALID_INPUT', `training: ${inWords(problems, 'the accuracy')}`, { problems });
}
