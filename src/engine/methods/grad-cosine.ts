/**
 * Grad-cosine, the objective of NIO (neural initialization optimization): scales for which the gradients of parts of a batch agree.
 *
 *   max over alpha of  mean over pairs of cos(g_j, g_k) + weight sum_k ||g_k||    subject to  mean_k ||g_k|| <= gamma,     theta_i = alpha_i W_i
 *   solved like GradInit: one RescaleAdam step per mini-batch on the branch that the norm selects (../search/cosine/cosine-step.ts)
 *
 * No optimizer step is simulated. Defaults are those of the authors' released configuration for ResNet-50 on ImageNet (batch 64 in 4 chunks
 * with overlap 0.2, gamma 10, rate 3e-3, 100 iterations, weight 1).
 * Differs from the released code: layers of every kind are scaled, there only convolutions, dense layers and layer normalisations (and the gains of
 * batch normalisation); a smaller last batch of a pass is dropped, so that all chunks have the same size.
 *
 * Yang, Wang, Yuan, Lin: Towards Theoretically Inspired Neural Initialization Optimization. NeurIPS 2022, arXiv:2210.05956.
 */
import { type Static, Type } from 'typebox';
import { AppError } from '../../errors.ts';
import type { Problem, RunControl } from '../run.ts';
import { defineMethod } from './method.ts';
import { dataOf, hasTrainableParameter } from './requirements.ts';
import { plainAdam, plainScaleOptions, scaleRate } from './scale-options.ts';

const options = Type.Object(
  {
    batchSize: Type.Integer({ minimum: 4, maximum: 1_000_000, default: 64, description: 'Samples of an iteration.' }),
    chunks: Type.Integer({
      minimum: 2,
      maximum: 64,
      default: 4,
      description: 'K, parts of the batch whose gradients are compared.',
    }),
    overlap: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.2,
      description: 'Share by which chunks reach into each other.',
    }),
    gamma: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
      default: 10,
      description: "Bound on the mean L2 norm of the chunks' gradients; null: none.",
    }),
    normWeight: Type.Number({ minimum: 0, default: 1, description: 'Weight of the sum of norms in the objective.' }),
    learningRate: scaleRate(3e-3),
    iterations: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 100,
      description: 'Constraint and objective iterations both count.',
    }),
    ...plainScaleOptions,
  },
  { additionalProperties: false },
);
type Options = Static<typeof options>;

function checkChunks(_topology: unknown, { batchSize, chunks }: Options): void {
  if (batchSize >= chunks) return;
  const message = `must be at least ${chunks}, the number of chunks it is cut into`;
  throw new AppError('OPTION_INVALID', `grad-cosine: batchSize is ${batchSize}, it ${message}`, {
    problems: [{ pointer: '/method/options/batchSize', message }],
  });
}

/** Creates the search. TensorFlow is loaded here, not when the module is imported. */
async function createSearch(problem: Problem, given: Options, control: RunControl) {
  const [{ createCosineSearch }, { partitionParams }, { sampleStream }, { createRunLoss }, { createNetwork }] =
    await Promise.all([
      import('../search/cosine/cosine-search.ts'),
      import('../feeding/tuned-params.ts'),
      import('../feeding/batch-stream.ts'),
      import('../losses/run-loss.ts'),
      import('../network/network.ts'),
    ]);
  const { samples, loss } = dataOf(problem, 'grad-cosine');
  const { chunks, batchSize, overlap, normWeight } = given;
  const partition = partitionParams(problem.topology, problem.weights, ({ group }) => ({
    rate: given.learningRate,
    lower: group === 'bias' ? 0 : given.minScale,
    upper: Number.POSITIVE_INFINITY,
  }));
  const batchNormalizations = new Set(
    problem.topology.layers.filter(({ className }) => className.startsWith('BatchNorm')).map(({ name }) => name),
  );
  const compared = partition.trainable.flatMap(({ layer }, index) => (batchNormalizations.has(layer) ? [] : [index]));
  const step = {
    network: createNetwork(problem.topology),
    partition,
    loss: createRunLoss(loss, problem.topology),
    chunks,
    overlap,
    normWeight,
    compared,
  };
  const batches = sampleStream(problem, samples, batchSize, { dropLast: true });
  const search = {
    gamma: given.gamma ?? Number.POSITIVE_INFINITY,
    adam: plainAdam(given),
  };
  const create = (resume: unknown) =>
    createCosineSearch(step, problem.weights, batches, search, control.execution, resume);
  return { partition, create };
}

export const gradCosine = defineMethod({
  name: 'grad-cosine',
  summary:
    'Tunes one scale per parameter tensor so that the gradients of parts of a batch point the same way, under a bound on their norm.',
  reference:
    'Yang et al., Towards Theoretically Inspired Neural Initialization Optimization. NeurIPS 2022, arXiv:2210.05956',
  options,
  needsSamples: () => true,
  iterative: true,
  secondOrder: true,
  applicability: hasTrainableParameter,
  checkOptions: checkChunks,
  async run(problem, given, control) {
    const { runScales } = await import('../search/scale-run.ts');
    const { partition, create } = await createSearch(problem, given, control);
    const run = { method: 'grad-cosine', iterations: given.iterations, advice: 'a smaller learningRate or gamma' };
    return runScales(problem, control, partition, run, create);
  },
});
