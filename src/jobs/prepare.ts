/** From a specification to a problem that the engine can run: model, data, loss, starting weights, each checked against the others. Loads no TensorFlow. */
import { checkWeights, weightNotices } from '../artifacts/check-weights.ts';
import type { Json, JsonObject } from '../artifacts/format.ts';
import type { SampleSource } from '../batch.ts';
import type { JobSpec } from '../contract/job-spec.ts';
import { type Dataset, fitDataset } from '../datasets/index.ts';
import { subset } from '../engine/feeding/held-out.ts';
import type { RunLoss } from '../engine/losses/run-loss.ts';
import { type ConfiguredMethod, configureMethod } from '../engine/methods/index.ts';
import type { Problem, SourceNetwork } from '../engine/run.ts';
import { AppError } from '../errors.ts';
import { type ParsedModel, parseModel } from '../models/index.ts';
import { buildZooModel } from '../models/zoo/index.ts';
import type { NDArray } from '../ndarray.ts';
import { initialWeights } from '../topology/draw-initial.ts';
import { graphOf } from '../topology/operation-graph/build.ts';
import { outputNames } from '../topology/structure/choose-output.ts';
import { splitHead } from '../topology/structure/head.ts';
import type { Topology } from '../topology/topology.ts';
import { adaptNormalizations } from './adapt-normalization.ts';
import { checkRun } from './check/check-run.ts';
import { assertSound } from './check/problems.ts';
import type { Sources } from './sources.ts';
import { openData, type TrainingSamples } from './training-samples.ts';

export interface PreparedRun {
  readonly problem: Problem;
  readonly method: ConfiguredMethod;
  readonly model: ParsedModel;
  /** The dataset as the model sees it; its training part is the problem's samples. */
  readonly dataset: Dataset | null;
  /** What a training after the initialisation is measured on, as the model sees it; null for a job that does not train. */
  readonly test: SampleSource | null;
  /** What trainings are chosen by, apart from `test`; null where nothing is chosen. */
  readonly selection: SampleSource | null;
  /** What was decided that the client did not say, for the report. */
  readonly decisions: JsonObject;
}

/** The model of a specification, parsed and checked. Throws what parsing throws. */
export async function loadModel(spec: JobSpec['model'], sources: Pick<Sources, 'readModel'>): Promise<ParsedModel> {
  if ('name' in spec)
    return parseModel({ format: 'tfjs-layers', topology: buildZooModel(spec.name, spec.options ?? {}) });
  if ('ref' in spec) return parseModel({ topology: await sources.readModel(spec.ref) });
  return parseModel(
    spec.format === undefined ? { topology: spec.topology } : { format: spec.format, topology: spec.topology },
  );
}

/** Weights that were given, else those that the file of the model holds. */
function startingWeights(
  { weights, model: { ...model } }: Pick<JobSpec, 'weights' | 'model'>,
  { topology }: ParsedModel,
  sources: Sources,
) {
  if (weights) return sources.readWeights(weights.ref);
  return 'ref' in model && graphOf(topology) ? sources.readModelWeights(model.ref) : null;
}

interface OpenedSource {
  readonly model: ParsedModel;
  /** Null where neither the specification nor the file of the model has any. */
  readonly weights: ReadonlyMap<string, NDArray> | null;
}

/** The network that the method takes weights from; null where there is none. */
export async function openSource({ source }: Pick<JobSpec, 'source'>, sources: Sources): Promise<OpenedSource | null> {
  if (source === undefined) return null;
  const model = await loadModel(source.model, sources);
  return { model, weights: await startingWeights(source, model, sources) };
}

/** Without its head, its weights checked and in order. */
function sourceNetwork({ model, weights }: OpenedSource): SourceNetwork {
  const { topology } = splitHead(model.topology);
  const params = topology.layers.flatMap((layer) => layer.params);
  return { topology, weights: checkWeights(weights ?? new Map(), params) };
}

/** The data of a job, each file opened once. */
async function openSamples(
  { dataset, training }: JobSpec,
  { openDataset }: Sources,
): Promise<TrainingSamples | { dataset: Dataset | null; test: null }> {
  if (dataset === undefined) return { dataset: null, test: null };
  if (training !== undefined) return openData({ dataset, test: training.test }, { openDataset });
  return { dataset: await openDataset(dataset.ref, dataset.options), test: null };
}

/** What a training is measured on: other data, or the part of the dataset that is not trained on. */
function testSamples(
  { training }: JobSpec,
  fitted: Dataset,
  test: Dataset | null,
  topology: Topology,
): SampleSource | null {
  if (training === undefined) return null;
  return test === null ? fitted.validation : fitDataset(test, topology);
}

/** The samples that accuracy is measured on, and those that a choice is made by: never the same ones. */
function splitTest(
  { training }: JobSpec,
  fitted: Dataset,
  measured: SampleSource | null,
): { test: SampleSource | null; selection: SampleSource | null } {
  if (!training?.selection || measured === null) return { test: measured, selection: null };
  if (training.test && fitted.validation && fitted.validation.size > 0)
    return { test: measured, selection: fitted.validation };
  if (measured.size < 2) {
    const message = 'needs at least two samples to test on: one to choose by, one to measure';
    throw new AppError('INVALID_INPUT', `selection ${message}`, {
      problems: [{ pointer: '/training/selection', message }],
    });
  }
  const every = (first: number) =>
    subset(
      measured,
      Int32Array.from({ length: Math.floor((measured.size - first + 1) / 2) }, (_, index) => first + 2 * index),
    );
  return { test: every(0), selection: every(1) };
}

/** For the report: the loss of each output where there are several. */
function describeLoss(loss: RunLoss, reason: string, topology: Topology): JsonObject {
  if (loss.name !== 'several') return { name: loss.name, reason };
  const names = outputNames(topology);
  const outputs = loss.parts.map(({ name, weight }, index) => ({ output: names[index] ?? null, loss: name, weight }));
  return { name: loss.name, reason, outputs };
}

function startOf({ weights }: JobSpec, isGiven: boolean): string {
  if (!isGiven) return "the topology's initialisers";
  return weights ? 'given weights' : "the values in the model's file";
}

/** Opens what the specification refers to, and checks it all before TensorFlow is loaded. Throws the code of the first problem, with every problem's place. */
export async function prepareRun(spec: JobSpec, sources: Sources): Promise<PreparedRun> {
  const method = configureMethod(spec.method.name, spec.method.options);
  const model = await loadModel(spec.model, sources);
  const weights = await startingWeights(spec, model, sources);
  const source = await openSource(spec, sources);
  const { dataset: data, test } = await openSamples(spec, sources);
  const { problems, split, fitted, loss } = checkRun({ spec, method, model, data, test, weights, source });
  assertSound(problems);
  if (split === null) throw new AppError('INTERNAL', 'a model without problems has no topology');
  const { topology, head, heads } = split;
  const params = topology.layers.flatMap((layer) => layer.params);
  const given = weights && checkWeights(weights, params);
  const adapted = given ? null : adaptNormalizations(topology, fitted);
  return {
    problem: {
      topology,
      weights: given ?? new Map([...initialWeights(topology, spec.seed), ...(adapted?.weights ?? [])]),
      samples: fitted,
      loss: fitted && (loss?.loss ?? null),
      seed: spec.seed,
      ...(source ? { source: sourceNetwork(source) } : {}),
    },
    method,
    model,
    dataset: fitted,
    ...(fitted
      ? splitTest(spec, fitted, testSamples(spec, fitted, test, model.topology))
      : { test: null, selection: null }),
    decisions: {
      head,
      ...(heads.length > 1 ? { heads: [...heads] } : {}),
      ...(spec.output === undefined ? {} : { output: outputNames(topology)[0] ?? null }),
      startedFrom: startOf(spec, given !== null),
      notices: [
        ...(topology.notices ?? []).map(({ layer, message }) => `layer "${layer}": ${message}`),
        ...(weights ? weightNotices(weights, params) : []),
        ...(adapted?.notices ?? []),
      ],
      loss: fitted && loss?.loss ? describeLoss(loss.loss, loss.reason, topology) : null,
      dataset: data && (data.description as Json),
    } as JsonObject,
  };
}
