/** A job from specification to published artifact: the whole story. */
import { type ArtifactContent, artifactFormat, type JsonObject } from '../artifacts/index.ts';
import type { JobSpec } from '../contract/job-spec.ts';
import type { JobPhase } from '../contract/job-state.ts';
import type { Assessment } from '../engine/assess.ts';
import { createDraws } from '../engine/feeding/draws.ts';
import type { InitializeResult, RunControl } from '../engine/index.ts';
import type { IterationMetrics } from '../engine/run.ts';
import type { ParsedModel } from '../models/index.ts';
import { tfjsWeightNames, toTfjsLayersJson, writeFunctional } from '../models/to-tfjs-layers.ts';
import { type PreparedRun, prepareRun, type Sources } from './prepare.ts';
import { buildReport } from './report.ts';

export interface RunDependencies {
  readonly sources: Sources;
  /** Makes the artifact visible, whole or not at all. */
  publish(content: ArtifactContent, formats: readonly string[]): Promise<void>;
  onPhase(phase: JobPhase): void;
  /** What a specification with `training` asks for after the initialisation; its answer becomes the report's `training`. */
  train?(
    spec: JobSpec,
    prepared: PreparedRun,
    result: InitializeResult,
    control: Partial<RunControl>,
  ): Promise<JsonObject>;
}

export interface RunOutcome {
  readonly prepared: PreparedRun;
  readonly result: InitializeResult;
  readonly history: readonly IterationMetrics[];
  readonly content: ArtifactContent;
  readonly assessment: RunAssessment | null;
}

/** Before and after on one and the same batch. */
export interface RunAssessment {
  readonly samples: number;
  readonly before: Assessment;
  readonly after: Assessment;
}

/** The tfjs form of the network that the weights belong to: what a method patched comes first, what was posted second. */
function tfjsForm(
  model: ParsedModel,
  { patchedTopology }: InitializeResult,
): Pick<ArtifactContent, 'topologyJson' | 'tfjsNames'> {
  if (patchedTopology)
    return { topologyJson: writeFunctional(patchedTopology), tfjsNames: tfjsWeightNames(patchedTopology) };
  return { topologyJson: toTfjsLayersJson(model), tfjsNames: tfjsWeightNames(model.topology) };
}

function buildContent(
  spec: JobSpec,
  prepared: PreparedRun,
  result: InitializeResult,
  history: readonly IterationMetrics[],
  extra: JsonObject,
): ArtifactContent {
  const report = { ...buildReport(spec, prepared, result, history), ...extra };
  const needsTopology = spec.artifacts.some((name) => artifactFormat(name).needsTopology);
  return { weights: result.weights, report, ...(needsTopology ? tfjsForm(prepared.model, result) : {}) };
}

/** Samples of the batch on which a report compares before and after. */
const assessedSamples = 128;

/** Loss and gradient norm before and after on one and the same batch; null without data, or where the method changed the network. */
async function assessRun(
  { problem }: PreparedRun,
  result: InitializeResult,
  execution: RunControl['execution'],
): Promise<RunAssessment | null> {
  const { samples, seed, weights } = problem;
  if (!samples || !problem.loss || result.patchedTopology !== undefined) return null;
  const { assess } = await import('../engine/assess.ts');
  const count = Math.min(assessedSamples, samples.size);
  const order = createDraws({ size: samples.size, seed, batchSize: count }).next();
  const [before, after] = assess(problem, [weights, result.weights], samples.gather(order), execution);
  return before && after ? { samples: count, before, after } : null;
}

/**
 * Runs one job. The history of a resumed run starts with `earlier`.
 * Throws what its parts throw; nothing is published then.
 */
export async function runJob(
  spec: JobSpec,
  { sources, publish, onPhase, train }: RunDependencies,
  control: Partial<RunControl>,
  earlier: readonly IterationMetrics[] = [],
): Promise<RunOutcome> {
  onPhase('loading');
  const prepared = await prepareRun(spec, sources);
  const { initialize } = await import('../engine/index.ts');
  onPhase('initializing');
  const history = [...earlier];
  const result = await initialize(prepared, {
    ...control,
    onIteration: (metrics) => {
      history.push(metrics);
      control.onIteration?.(metrics);
    },
  });
  if (spec.training && train) onPhase('training');
  const training = spec.training && train ? { training: await train(spec, prepared, result, control) } : {};
  onPhase('finalizing');
  const assessment = await assessRun(prepared, result, control.execution ?? 'graph');
  const content = buildContent(spec, prepared, result, history, {
    assessment: assessment as JsonObject | null,
    ...training,
  });
  await publish(content, spec.artifacts);
  return { prepared, result, history, content, assessment };
}
