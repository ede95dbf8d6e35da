/** From a specification to a problem that the engine can run: model, data, loss, starting weights, each checked against the others. Loads no TensorFlow. */
import { checkWeights } from '../artifacts/check-weights.ts';
import type { Json, JsonObject } from '../artifacts/format.ts';
import type { JobSpec } from '../contract/job-spec.ts';
import type { Dataset, DatasetOptions } from '../datasets/index.ts';
import { type ConfiguredMethod, configureMethod } from '../engine/methods/index.ts';
import type { Problem } from '../engine/run.ts';
import { AppError } from '../errors.ts';
import { type ParsedModel, parseModel } from '../models/index.ts';
import { buildZooModel } from '../models/zoo/index.ts';
import type { NDArray } from '../ndarray.ts';
import { initialWeights } from '../topology/draw-initial.ts';
import { checkRun } from './check/check-run.ts';
import { assertSound } from './check/problems.ts';

/** Where references lead. */
export interface Sources {
  openDataset(ref: string, options: DatasetOptions | undefined): Promise<Dataset>;
  readWeights(ref: string): Promise<Map<string, NDArray>>;
  /** The JSON text of an uploaded topology. */
  readModel(ref: string): Promise<unknown>;
}

export interface PreparedRun {
  readonly problem: Problem;
  readonly method: ConfiguredMethod;
  readonly model: ParsedModel;
  /** The dataset as the model sees it; its training part is the problem's samples. */
  readonly dataset: Dataset | null;
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

/** Opens what the specification refers to, and checks it all before TensorFlow is loaded. Throws the code of the first problem, with every problem's place. */
export async function prepareRun(spec: JobSpec, sources: Sources): Promise<PreparedRun> {
  const method = configureMethod(spec.method.name, spec.method.options);
  const model = await loadModel(spec.model, sources);
  const weights = spec.weights ? await sources.readWeights(spec.weights.ref) : null;
  const data = spec.dataset ? await sources.openDataset(spec.dataset.ref, spec.dataset.options) : null;
  const { problems, split, fitted, loss } = checkRun({ spec, method, model, data, test: null, weights });
  assertSound(problems);
  if (split === null) throw new AppError('INTERNAL', 'a model without problems has no topology');
  const { topology, head } = split;
  const given =
    weights &&
    checkWeights(
      weights,
      topology.layers.flatMap(({ params }) => params),
    );
  return {
    problem: {
      topology,
      weights: given ?? initialWeights(topology, spec.seed),
      samples: fitted,
      loss: fitted && loss && { name: loss.name, options: loss.options },
      seed: spec.seed,
    },
    method,
    model,
    dataset: fitted,
    decisions: {
      head,
      startedFrom: given ? 'given weights' : "the topology's initialisers",
      loss: fitted && loss && { name: loss.name, reason: loss.reason },
      dataset: data && (data.description as Json),
    } as JsonObject,
  };
}
