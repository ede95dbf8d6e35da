/** From a specification to cells that can run: every model, method and the data are checked against each other before anything runs. Loads no TensorFlow. */
import {
  type ComparisonMethod,
  type ComparisonSpec,
  type ComparisonTraining,
  refuseComparison,
  trainingPointer,
} from '../../contract/comparison-spec.ts';
import { type JobSpec, parseJobSpec } from '../../contract/job-spec.ts';
import { baseLearningRate } from '../../contract/training-protocol.ts';
import { fitDataset } from '../../datasets/index.ts';
import {
  applicabilityOf,
  assertApplicable,
  type ConfiguredMethod,
  configureMethod,
} from '../../engine/methods/index.ts';
import { AppError, type PlacedProblem } from '../../errors.ts';
import { problemsOf } from '../../jobs/check/problems.ts';
import { augmentationProblems, batchProblems } from '../../jobs/check/training-data.ts';
import { loadModel } from '../../jobs/prepare.ts';
import type { Sources } from '../../jobs/sources.ts';
import { openData } from '../../jobs/training-samples.ts';
import { splitHead } from '../../topology/structure/head.ts';
import type { Cell } from './cell.ts';

/** A row that will not run. */
export interface InapplicableRow {
  readonly model: number;
  readonly method: number;
  readonly reason: string;
}

export interface ComparisonPlan {
  readonly spec: ComparisonSpec;
  readonly cells: readonly Cell[];
  readonly inapplicable: readonly InapplicableRow[];
  /** Null where only the workers know. */
  readonly samples: { readonly training: number | null; readonly test: number | null };
}

/** Problems that a part throws, at their place in the comparison; `inner` is where the part's own pointers begin. */
function problemsAt(thrown: unknown, place: string, inner: string): PlacedProblem[] {
  if (!(thrown instanceof AppError)) throw thrown;
  return problemsOf(thrown, '').map(({ pointer, message }) => ({
    pointer: pointer.startsWith(inner) ? `${place}${pointer.slice(inner.length)}` : place,
    message,
  }));
}

async function collect<T>(
  problems: PlacedProblem[],
  place: string,
  inner: string,
  work: () => T | Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    problems.push(...problemsAt(thrown, place, inner));
    return null;
  }
}

/** Methods that train take the protocol's numbers where the row does not say its own: an extra epoch is an epoch of the same training. */
function withProtocol(
  { name, options = {} }: ComparisonMethod,
  { method }: ConfiguredMethod,
  training: ComparisonTraining,
): JobSpec['method'] {
  if (!name.startsWith('extra-epoch')) return { name, options };
  const known = (method.options as { properties?: object }).properties ?? {};
  const { optimizer, batchSize, momentum, weightDecay, gradientClip: clip } = training;
  const shared = { optimizer, batchSize, momentum, weightDecay, clip, learningRate: baseLearningRate(training) };
  const entries = Object.entries(shared).filter(([key]) => Object.hasOwn(known, key));
  return { name, options: { ...Object.fromEntries(entries), ...options } };
}

/** A cell as a job. Throws what parseJobSpec throws. */
export function jobOf(spec: ComparisonSpec, method: ConfiguredMethod, place: Omit<Cell, 'id' | 'spec'>): JobSpec {
  const [model, row, protocol] = [spec.models[place.model], spec.methods[place.method], spec.training[place.training]];
  if (!model || !row || !protocol) throw new AppError('INTERNAL', 'a cell lies outside the comparison');
  const training = model.gradientClip === undefined ? protocol : { ...protocol, gradientClip: model.gradientClip };
  const { label: _, ...rest } = training;
  return parseJobSpec({
    model: model.model,
    dataset: spec.dataset,
    method: withProtocol(row, method, training),
    seed: spec.seeds[place.seed],
    training: { ...rest, ...(spec.test ? { test: spec.test } : {}) },
    artifacts: spec.artifacts,
    ...(spec.loss === undefined ? {} : { loss: spec.loss }),
    ...(spec.limits === undefined ? {} : { limits: spec.limits }),
    ...(spec.retry === undefined ? {} : { retry: spec.retry }),
    ...(spec.resources === undefined ? {} : { resources: spec.resources }),
    priority: spec.priority,
  });
}

/** What `find` finds in the protocols, each at its place. */
const protocolProblems = (
  spec: ComparisonSpec,
  find: (training: ComparisonTraining) => readonly PlacedProblem[],
): PlacedProblem[] =>
  spec.training.flatMap((training, index) =>
    find(training).map(({ pointer, message }) => ({
      pointer: `${trainingPointer(spec, index)}${pointer}`,
      message,
    })),
  );

/** What to say when no method applies to any model. */
export const nothingApplies = (rows: readonly InapplicableRow[]): PlacedProblem[] =>
  rows.map(({ model, method, reason }) => ({
    pointer: `/methods/${method}`,
    message: `does not apply to /models/${model}: ${reason}`,
  }));

/**
 * Cells in the order in which they should run: seed by seed, so that a comparison that is stopped early has every row once.
 *
 * @throws INVALID_INPUT with a JSON pointer for every problem of the models, methods, options, data and protocols
 */
export async function planComparison(spec: ComparisonSpec, sources: Sources): Promise<ComparisonPlan> {
  const problems: PlacedProblem[] = [];
  const methods = await Promise.all(
    spec.methods.map((row, index) =>
      collect(problems, `/methods/${index}`, '/method', () => configureMethod(row.name, row.options)),
    ),
  );
  const topologies = await Promise.all(
    spec.models.map((row, index) =>
      collect(
        problems,
        `/models/${index}/model`,
        '',
        async () => splitHead((await loadModel(row.model, sources)).topology).topology,
      ),
    ),
  );
  const data = await collect(problems, '/dataset', '', () =>
    openData({ dataset: spec.dataset, test: spec.test }, sources),
  );
  if (data) {
    problems.push(...protocolProblems(spec, (training) => batchProblems(training, data.dataset.size)));
    for (const [index, topology] of topologies.entries()) {
      if (topology) await collect(problems, `/models/${index}/model`, '', () => fitDataset(data.dataset, topology));
    }
  }
  for (const topology of topologies)
    if (topology) problems.push(...protocolProblems(spec, (training) => augmentationProblems(training, topology)));
  if (problems.length > 0 || !data) return refuseComparison(problems);
  const inapplicable: InapplicableRow[] = [];
  for (const [model, topology] of topologies.entries()) {
    for (const [method, configured] of methods.entries()) {
      if (!topology || !configured) continue;
      const found = applicabilityOf(configured, topology);
      if (!found.applicable) inapplicable.push({ model, method, reason: found.reason });
      else await collect(problems, `/methods/${method}`, '/method', () => assertApplicable(configured, topology));
    }
  }
  const cells = cellsOf(spec, methods as ConfiguredMethod[], inapplicable, problems);
  if (problems.length > 0) refuseComparison(problems);
  if (cells.length === 0) refuseComparison(nothingApplies(inapplicable));
  return {
    spec,
    cells,
    inapplicable,
    samples: { training: data.dataset.size, test: (data.test ?? data.dataset.validation)?.size ?? 0 },
  };
}

/** The cells that apply, seed by seed; what a cell's specification meets goes into `problems`. */
export function cellsOf(
  spec: ComparisonSpec,
  methods: readonly ConfiguredMethod[],
  inapplicable: readonly InapplicableRow[],
  problems: PlacedProblem[],
): Cell[] {
  const cells: Cell[] = [];
  for (const seed of spec.seeds.keys()) {
    for (const model of spec.models.keys()) {
      for (const training of spec.training.keys()) {
        for (const method of methods.keys()) {
          if (inapplicable.some((row) => row.model === model && row.method === method)) continue;
          const place = { model, training, method, seed };
          try {
            cells.push({
              ...place,
              id: `m${model}-t${training}-k${method}-s${seed}`,
              spec: jobOf(spec, methods[method] as ConfiguredMethod, place),
            });
          } catch (thrown) {
            if (seed === 0) problems.push(...problemsAt(thrown, `/methods/${method}`, '/method'));
          }
        }
      }
    }
  }
  return cells;
}
