/** From a specification to a problem that the engine can run: model, data, loss, starting weights, each checked against the others. Loads no TensorFlow. */
import { checkWeights } from '../artifacts/check-weights.ts';
import type { Json, JsonObject } from '../artifacts/format.ts';
import type { JobSpec } from '../contract/job-spec.ts';
import { type Dataset, type DatasetOptions, fitDataset } from '../datasets/index.ts';
import { inferLoss } from '../engine/losses/infer-loss.ts';
import { type LossName, lossSpecs } from '../engine/losses/specs.ts';
import { assertApplicable, type ConfiguredMethod, configureMethod } from '../engine/methods/index.ts';
import type { Problem } from '../engine/run.ts';
import { AppError } from '../errors.ts';
import { type ParsedModel, parseModel } from '../models/index.ts';
import { buildZooModel } from '../models/zoo/index.ts';
import type { NDArray } from '../ndarray.ts';
import { initialWeights } from '../topology/draw-initial.ts';
import { splitHead } from '../topology/structure/head.ts';
import type { Node, Topology } from '../topology/topology.ts';

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

function chooseLoss(
  spec: JobSpec['loss'],
  topology: Topology,
  head: ReturnType<typeof splitHead>['head'],
  dataset: Dataset,
) {
  const [output] = topology.outputs;
  if (output === undefined || topology.outputs.length > 1) {
    throw new AppError(
      'MODEL_MALFORMED',
      `a loss needs a model with exactly one output, this one has ${topology.outputs.length}`,
    );
  }
  const { shape } = topology.nodes[output] as Node;
  if (spec === undefined) {
    const { name, reason } = inferLoss(head, dataset.targets, shape);
    return { loss: { name, options: {} }, reason: `inferred: ${reason}` };
  }
  const { name, options = {} } = typeof spec === 'string' ? { name: spec } : spec;
  lossSpecs[name as LossName].check(dataset.targets, shape);
  return { loss: { name: name as LossName, options }, reason: 'as given' };
}

/** Checks everything that can be checked before TensorFlow is loaded. Throws what the parts throw, each naming its place. */
export async function prepareRun(spec: JobSpec, sources: Sources): Promise<PreparedRun> {
  const method = configureMethod(spec.method.name, spec.method.options);
  const model = await loadModel(spec.model, sources);
  const { topology, head } = splitHead(model.topology);
  assertApplicable(method, topology);
  const params = topology.layers.flatMap((layer) => layer.params);
  const given = spec.weights ? checkWeights(await sources.readWeights(spec.weights.ref), params) : null;
  const dataset = spec.dataset ? await sources.openDataset(spec.dataset.ref, spec.dataset.options) : null;
  const samples = dataset ? fitDataset(dataset, topology) : null;
  const chosen = dataset && samples ? chooseLoss(spec.loss, topology, head, samples) : null;
  return {
    problem: {
      topology,
      weights: given ?? initialWeights(topology, spec.seed),
      samples,
      loss: chosen?.loss ?? null,
      seed: spec.seed,
    },
    method,
    model,
    dataset: samples,
    decisions: {
      head,
      startedFrom: given ? 'given weights' : "the topology's initialisers",
      loss: chosen ? { name: chosen.loss.name, reason: chosen.reason } : null,
      dataset: dataset ? (dataset.description as Json) : null,
    } as JsonObject,
  };
}
