/** Expands a comparison's specification to its cells, each with the specification of a job. Nothing is opened or read. */
import type { ComparisonMethod, ComparisonSpec, ComparisonTraining } from '../../contract/comparison-spec.ts';
import { type JobSpec, parseJobSpec } from '../../contract/job-spec.ts';
import { baseLearningRate } from '../../contract/training-protocol.ts';
import type { ConfiguredMethod } from '../../engine/methods/index.ts';
import { AppError } from '../../errors.ts';
import type { Cell } from './cell.ts';

/** A combination of model and method that cannot run, with the reason. */
export interface InapplicableRow {
  readonly model: number;
  readonly method: number;
  readonly reason: string;
}

export interface ComparisonPlan {
  readonly spec: ComparisonSpec;
  readonly cells: readonly Cell[];
  readonly inapplicable: readonly InapplicableRow[];
  /** Null where only a worker can count the samples. */
  readonly samples: { readonly training: number | null; readonly test: number | null };
}

/** The method's options, with those that the training protocol determines where they were not given: an extra epoch is an epoch of the same training. */
function withProtocol(
  { name, options = {} }: ComparisonMethod,
  { method }: ConfiguredMethod,
  training: ComparisonTraining,
): JobSpec['method'] {
  const { optimizer, batchSize, momentum, weightDecay, gradientClip: clip } = training;
  const given = { optimizer, batchSize, momentum, weightDecay, clip, learningRate: baseLearningRate(training) };
  const taken = (method.protocolOptions ?? []).map((option) => [option, given[option]]);
  return { name, options: { ...Object.fromEntries(taken), ...options } };
}

/** The specification of a cell's job. Throws the errors of parseJobSpec. */
export function jobOf(spec: ComparisonSpec, method: ConfiguredMethod, place: Omit<Cell, 'id' | 'spec'>): JobSpec {
  const [model, row, protocol] = [spec.models[place.model], spec.methods[place.method], spec.training[place.training]];
  if (!model || !row || !protocol) throw new AppError('INTERNAL', 'a cell lies outside the comparison');
  const training = model.gradientClip === undefined ? protocol : { ...protocol, gradientClip: model.gradientClip };
  const { label: _, swept, ...rest } = training;
  return parseJobSpec({
    model: model.model,
    dataset: spec.dataset,
    method: withProtocol(row, method, training),
    seed: spec.seeds[place.seed],
    training: {
      ...rest,
      ...(row.warmupEpochs === undefined ? {} : { warmupEpochs: row.warmupEpochs }),
      ...(swept ? { selection: true } : {}),
      ...(spec.test ? { test: spec.test } : {}),
    },
    ...(spec.artifacts === undefined ? {} : { artifacts: spec.artifacts }),
    ...(row.source === undefined ? {} : { source: row.source }),
    ...(spec.loss === undefined ? {} : { loss: spec.loss }),
    ...(spec.lossWeights === undefined ? {} : { lossWeights: spec.lossWeights }),
    ...(spec.output === undefined ? {} : { output: spec.output }),
    ...(spec.limits === undefined ? {} : { limits: spec.limits }),
    ...(spec.retry === undefined ? {} : { retry: spec.retry }),
    ...(spec.resources === undefined ? {} : { resources: spec.resources }),
    priority: spec.priority,
  });
}

/** The cells that apply, ordered by seed first, so that a comparison that is stopped early has one seed of every row. Throws the errors of parseJobSpec. */
export function cellsOf(
  spec: ComparisonSpec,
  methods: readonly ConfiguredMethod[],
  inapplicable: readonly InapplicableRow[],
): Cell[] {
  const applies = (model: number, method: number) =>
    !inapplicable.some((row) => row.model === model && row.method === method);
  return [...spec.seeds.keys()].flatMap((seed) =>
    [...spec.models.keys()].flatMap((model) =>
      [...spec.training.keys()].flatMap((training) =>
        [...methods.entries()]
          .filter(([method]) => applies(model, method))
          .map(([method, configured]) => {
            const place = { model, training, method, seed };
            return { ...place, id: `m${model}-t${training}-k${method}-s${seed}`, spec: jobOf(spec, configured, place) };
          }),
      ),
    ),
  );
}
