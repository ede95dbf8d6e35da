/** Runs a job, from its specification to the published artifact. */
import type { ArtifactContent, ClassList, JsonObject } from '../artifacts/index.ts';
import type { JobSpec } from '../contract/job-spec.ts';
import type { JobPhase } from '../contract/job-status.ts';
import type { Assessment } from '../engine/assess.ts';
import { createDraws } from '../engine/feeding/draws.ts';
import type { ConfiguredMethod, InitializeResult, RunControl } from '../engine/index.ts';
import type { Weights } from '../engine/run.ts';
import { AppError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';
import { fixedBatch, graphOf } from '../topology/operation-graph/build.ts';
import { splitHeads } from '../topology/structure/head.ts';
import type { Topology } from '../topology/topology.ts';
import type { TrainingResult } from '../training/result.ts';
import { type ChosenArtifacts, chooseArtifacts } from './artifact-forms.ts';
import { type HistoryLine, historyLine } from './history.ts';
import { type PreparedRun, prepareRun } from './prepare.ts';
import { buildReport } from './report.ts';
import { initializationNotes, preparationNotes, type RunNote, trainingNote } from './run-notes.ts';
import { initializationOf, initialized, initializing, type RunState, readRunState } from './run-state.ts';
import type { Sources } from './sources.ts';

export interface RunDependencies {
  readonly sources: Sources;
  /** Makes the artifact visible, whole or not at all. */
  publish(content: ArtifactContent, formats: readonly string[]): Promise<void>;
  onPhase(phase: JobPhase): void;
  /** For the log of the job. */
  onNote?(note: RunNote): void;
}

export interface RunOutcome {
  readonly prepared: PreparedRun;
  readonly result: InitializeResult;
  readonly history: readonly HistoryLine[];
  readonly content: ArtifactContent;
  readonly assessment: RunAssessment | null;
  /** Null for a job that does not train. */
  readonly training: TrainingResult | null;
  /** Where the run was cut short because it was enough; null: it came to its end. */
  readonly cut: RunCut | null;
}

/** What was left undone. */
export interface RunCut {
  readonly phase: 'initializing' | 'training';
  /** Iterations of the initialisation that the weights have seen. */
  readonly iteration: number;
}

/** Before and after on one and the same batch. */
export interface RunAssessment {
  readonly samples: number;
  /** Rows of the dataset's part, from 0, that the batch consists of, in its order: what is needed to repeat it elsewhere. */
  readonly rows: readonly number[];
  readonly before: Assessment;
  readonly after: Assessment;
}

function buildContent(
  spec: JobSpec,
  prepared: PreparedRun,
  result: InitializeResult,
  history: readonly HistoryLine[],
  artifacts: ChosenArtifacts,
  extra: JsonObject,
): ArtifactContent {
  const { formats, left, forms } = artifacts;
  const chosen = { formats: [...formats], leftOut: left.map((entry) => ({ ...entry })) };
  const report = { ...buildReport(spec, prepared, result, history), ...extra, artifacts: chosen };
  return {
    weights: inOrder(result.weights, result.patchedTopology ?? prepared.problem.topology),
    report,
    classes: classesOf(prepared),
    ...forms,
  };
}

/** By layer, as frameworks list them. */
function inOrder(weights: Weights, { layers }: Topology): Weights {
  const names = layers.flatMap(({ params }) => params.map(({ name }) => name)).filter((name) => weights.has(name));
  return new Map([...names, ...weights.keys()].map((name) => [name, weights.get(name) as NDArray<'float32'>]));
}

/** What the class ids of the data mean. */
function classesOf({ dataset }: PreparedRun): ClassList | null {
  const { classNames = null, targetName = '' } = dataset?.found ?? {};
  return classNames && { target: targetName, classes: classNames };
}

/** Samples of the batch on which a report compares before and after. */
const assessedSamples = 128;

/** Loss and gradient norm before and after on one and the same batch; null without data, or where the method changed the network. */
async function assessRun(
  { problem, dataset }: PreparedRun,
  result: InitializeResult,
  execution: RunControl['execution'],
): Promise<RunAssessment | null> {
  const { samples, seed, weights } = problem;
  if (!samples || !dataset || !problem.loss || result.patchedTopology !== undefined) return null;
  const { assess } = await import('../engine/assess.ts');
  const graph = graphOf(problem.topology);
  const count = (graph && fixedBatch(graph)) ?? Math.min(assessedSamples, samples.size);
  if (count > samples.size) return null;
  const order = createDraws({ size: samples.size, seed, batchSize: count }).next();
  const [before, after] = assess(problem, [weights, result.weights], samples.gather(order), execution);
  const rows = Array.from(order, (sample) => dataset.rowOf(sample));
  return before && after ? { samples: count, rows, before, after } : null;
}

/** The network that the weights belong to: the method's own where it had to change it. */
const trainedTopology = ({ problem }: PreparedRun, { patchedTopology }: InitializeResult) =>
  patchedTopology === undefined ? problem.topology : splitHeads(patchedTopology).topology;

/** Makes the initial weights, or takes those that an earlier attempt made. `history` gets a line for each iteration. */
async function initializeRun(
  prepared: PreparedRun,
  control: Partial<RunControl>,
  from: RunState,
  history: HistoryLine[],
): Promise<InitializeResult> {
  const finished = initializationOf(from);
  if (finished) return finished;
  const { initialize } = await import('../engine/index.ts');
  return initialize(prepared, {
    ...control,
    resume: from.initialization.done ? null : from.initialization.state,
    onIteration: (metrics) => {
      history.push(historyLine(metrics));
      control.onIteration?.(metrics);
    },
    saveState: (state) => control.saveState?.(() => initializing(state(), history)),
  });
}

/** Trains by `spec.training` from the weights that were made; null when the job does not train. */
async function trainRun(
  { training, seed }: JobSpec,
  prepared: PreparedRun,
  result: InitializeResult,
  control: Partial<RunControl>,
  from: RunState['training'],
): Promise<TrainingResult | null> {
  if (training === undefined) return null;
  if (from.done) return from.result;
  const { problem, test } = prepared;
  const { samples, loss } = problem;
  if (!samples || !loss || !test) throw new AppError('INTERNAL', 'a job without data cannot train');
  const { test: _, selection: __, ...protocol } = training;
  const { trainFrom } = await import('../training/train.ts');
  const never = new AbortController().signal;
  const { signal = never, enough = never } = control;
  const trained = trainFrom(
    {
      topology: trainedTopology(prepared, result),
      weights: result.weights,
      samples,
      test,
      loss,
      protocol,
      seed,
      multipliers: result.learningRateMultipliers,
      selection: prepared.selection,
    },
    {
      enough,
      execution: 'graph',
      onIteration: () => {},
      saveState: () => {},
      ...control,
      signal: AbortSignal.any([signal, enough]),
      resume: from.state,
    },
  );
  return trained.catch((error: unknown) => {
    // A training that was cut short has no result; the weights that it started from are published.
    if (enough.aborted && !signal.aborted) return null;
    throw error;
  });
}

/** How far a run has come when it is stopped early and its weights are wanted. */
function cutOf(
  { training: wanted }: JobSpec,
  { method }: ConfiguredMethod,
  { enough }: Partial<RunControl>,
  history: readonly HistoryLine[],
  training: TrainingResult | null,
): RunCut | null {
  if (enough?.aborted !== true) return null;
  const iterations = history.at(-1)?.iterations ?? Number.POSITIVE_INFINITY;
  if (method.iterative && history.length < iterations) return { phase: 'initializing', iteration: history.length };
  return wanted && training === null ? { phase: 'training', iteration: history.length } : null;
}

/**
 * Runs one job.
 *
 * @param control `resume` takes what `saveState` was given by an earlier attempt: the run goes on from there and ends in the same bytes
 * @throws what its parts throw; nothing is published then
 */
export async function runJob(
  spec: JobSpec,
  { sources, publish, onPhase, onNote = () => {} }: RunDependencies,
  control: Partial<RunControl>,
): Promise<RunOutcome> {
  const from = readRunState(control.resume);
  const history = [...from.history];
  const save = (state: () => RunState) => control.saveState?.(state);
  onPhase('loading');
  const prepared = await prepareRun(spec, sources);
  preparationNotes(prepared).forEach(onNote);
  onPhase('initializing');
  const result = await initializeRun(prepared, control, from, history);
  save(() => initialized(result, history, from.training));
  if (!from.initialization.done) initializationNotes(spec.method.name, result, history).forEach(onNote);
  if (spec.training && control.enough?.aborted !== true) onPhase('training');
  const saving: Partial<RunControl> = {
    ...control,
    saveState: (state) => save(() => initialized(result, history, { done: false, state: state() })),
  };
  const training = await trainRun(spec, prepared, result, saving, from.training);
  if (training) {
    save(() => initialized(result, history, { done: true, result: training }));
    onNote(trainingNote(training));
  }
  const cut = cutOf(spec, prepared.method, control, history, training);
  onPhase('finalizing');
  const assessment = await assessRun(prepared, result, control.execution ?? 'graph');
  const artifacts = chooseArtifacts(spec.artifacts, { model: prepared.model, patched: result.patchedTopology });
  const content = buildContent(spec, prepared, result, history, artifacts, {
    assessment: assessment as JsonObject | null,
    ...(cut ? { cancelled: { ...cut } } : {}),
    ...(training ? { training: JSON.parse(JSON.stringify(training)) as JsonObject } : {}),
  });
  await publish(content, artifacts.formats);
  return { prepared, result, history, content, assessment, training, cut };
}
