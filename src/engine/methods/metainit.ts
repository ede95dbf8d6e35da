/**
 * MetaInit: norms of weights for which the gradient changes least along its own direction, found without data.
 *
 *   min over ||W_i||, rank >= 2, of  GQ = (1/P) sum | (g - H g) / (g + eps s) - 1 |,     g = dL/dtheta on Gaussian inputs and uniform random labels
 *   q = sign(<W, dGQ/dW>),   m <- 0.9 m - rate q,   ||W|| <- ||W|| + m       (../search/quotient/quotient-step.ts, ../search/optimizers/sign-momentum.ts)
 *
 * Biases and the parameters of normalisation layers keep their values but count in GQ. Batch normalisation uses its moving statistics. Defaults:
 * those of the paper's figure (rate 0.1, momentum 0.9, 500 steps, eps 1e-5); the figure does not give the batch size.
 * Differs: norms have a lower bound (in the paper they may pass zero, which reverses a tensor); tensors of norm zero are skipped and reported (in the
 * paper they would be divided by zero).
 *
 * Dauphin, Schoenholz: MetaInit: Initializing learning by learning to initialize. NeurIPS 2019.
 */
import { type Static, Type } from 'typebox';
import type { LossName } from '../losses/specs.ts';
import type { Problem, RunControl } from '../run.ts';
import { defineMethod } from './method.ts';
import { dataOf, hasTrainableParameter } from './requirements.ts';

const options = Type.Object(
  {
    data: Type.Union([Type.Literal('random'), Type.Literal('samples')], {
      default: 'random',
      description: 'Gaussian inputs and uniform random labels, new in every step, or the samples of the dataset.',
    }),
    learningRate: Type.Number({
      exclusiveMinimum: 0,
      default: 0.1,
      description: 'Change of a norm in one step without momentum.',
    }),
    momentum: Type.Number({ minimum: 0, exclusiveMaximum: 1, default: 0.9, description: 'Of the signed descent.' }),
    iterations: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 500, description: 'Steps, one batch each.' }),
    batchSize: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 128, description: 'Samples of a batch.' }),
    minScale: Type.Number({
      exclusiveMinimum: 0,
      default: 0.01,
      description: 'Lower bound on a norm, as a share of what it was at the start.',
    }),
    quotientEpsilon: Type.Number({
      exclusiveMinimum: 0,
      default: 1e-5,
      description: 'Keeps the quotient finite where the gradient is zero.',
    }),
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

/** The loss without a dataset: class ids for all units of the output, or two classes for a single unit. */
function defaultLoss({ topology }: Problem): { name: LossName; options: Record<string, never> } {
  const units = topology.nodes[topology.outputs[0] ?? -1]?.shape.at(-1) ?? null;
  return { name: units === 1 ? 'sigmoid-cross-entropy' : 'softmax-cross-entropy', options: {} };
}

/** Creates the search. TensorFlow is loaded here, not when the module is imported. */
async function createSearch(problem: Problem, given: Options, control: RunControl) {
  const [
    { sampleStream },
    { noiseStream, noiseTask },
    { createQuotientSearch },
    { signMomentumRule },
    { partitionParams },
  ] = await Promise.all([
    import('../feeding/batch-stream.ts'),
    import('../feeding/noise-stream.ts'),
    import('../search/quotient/quotient-search.ts'),
    import('../search/scale-rule.ts'),
    import('../feeding/tuned-params.ts'),
  ]);
  const all = partitionParams(problem.topology, problem.weights, () => ({
    rate: given.learningRate,
    lower: given.minScale,
    upper: Infinity,
  }));
  const isMatrix = ({ shape }: { shape: readonly number[] }) => shape.length >= 2;
  const vectors = all.tuned
    .filter((param) => !isMatrix(param))
    .map(({ name }) => ({ parameter: name, reason: 'MetaInit tunes tensors of rank 2 and more' }));
  const partition = { ...all, tuned: all.tuned.filter(isMatrix), skipped: [...all.skipped, ...vectors] };
  const batches =
    given.data === 'samples'
      ? sampleStream(problem, dataOf(problem, 'metainit with data "samples"').samples, given.batchSize)
      : noiseStream(noiseTask(problem.topology, problem.samples), given.batchSize, problem.seed);
  const { learningRate: rate, momentum, minScale: lower } = given;
  const parts = {
    partition,
    loss: problem.loss ?? defaultLoss(problem),
    batches,
    createRule: (resume: unknown) =>
      signMomentumRule(partition.tuned, problem.weights, { rate, momentum, lower }, resume),
    epsilon: given.quotientEpsilon,
    execution: control.execution,
  };
  return { partition, create: (resume: unknown) => createQuotientSearch(problem, parts, resume) };
}

export const metainit = defineMethod({
  name: 'metainit',
  summary: 'Tunes the norm of every weight so that the gradient changes least along itself; needs no data.',
  reference: 'Dauphin and Schoenholz, MetaInit: Initializing learning by learning to initialize, NeurIPS 2019',
  options,
  needsSamples: ({ data }) => data === 'samples',
  iterative: true,
  secondOrder: true,
  applicability: (topology) => {
    if (topology.layers.some((layer) => layer.params.some(({ group, shape }) => group !== 'none' && shape.length >= 2)))
      return { applicable: true };
    const trainable = hasTrainableParameter(topology);
    return trainable.applicable
      ? { applicable: false, reason: 'the topology has no trainable tensor of rank 2 or more' }
      : trainable;
  },
  async run(problem, given, control) {
    const { runScales } = await import('../search/scale-run.ts');
    const { partition, create } = await createSearch(problem, given, control);
    const run = {
      method: 'metainit',
      iterations: given.iterations,
      advice: 'a smaller learningRate or a larger quotientEpsilon',
    };
    return runScales(problem, control, partition, run, create);
  },
});
