/**
 * MetaInit as in the GradInit authors' comparison: the gradient quotient on real data, minimised by the scale optimizer of GradInit.
 *
 *   min over alpha of  GQ = (1/P) sum | (g - H g) / (g + eps s) - 1 |,     theta_i = alpha_i W_i,  g = dL/dtheta on a full batch
 *   one RescaleAdam step per mini-batch (../search/quotient/quotient-step.ts, ../search/optimizers/rescale-adam.ts)
 *
 * Differs from the paper's MetaInit (./metainit.ts): real samples and labels instead of Gaussian noise; every tensor of norm greater than zero has a
 * scale, biases and gains too, instead of tensors of rank 2 and more; Adam on scales instead of signed momentum on norms. Batch normalisation uses
 * its moving statistics, mean 0 and variance 1 at the start, which in the authors' code is a side effect of the order of two calls.
 * Defaults: those of GradInit's options in that code, eps 1e-5.
 *
 * Dauphin, Schoenholz: MetaInit: Initializing learning by learning to initialize. NeurIPS 2019. As run for Zhu et al., GradInit, NeurIPS 2021,
 * arXiv:2102.08098.
 */
import { Type } from 'typebox';
import { defineMethod } from './method.ts';
import { dataOf, hasTrainableParameter } from './requirements.ts';
import { plainAdam, plainScaleOptions, scaleRate } from './scale-options.ts';

const options = Type.Object(
  {
    learningRate: scaleRate(1e-3),
    iterations: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 390,
      description: 'One batch each; 390 of 128 are one pass over CIFAR-10.',
    }),
    batchSize: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 128, description: 'Samples of a batch.' }),
    ...plainScaleOptions,
    quotientEpsilon: Type.Number({
      exclusiveMinimum: 0,
      default: 1e-5,
      description: 'Keeps the quotient finite where the gradient is zero.',
    }),
  },
  { additionalProperties: false },
);

export const metainitGradinitRepo = defineMethod({
  name: 'metainit-gradinit-repo',
  summary:
    'MetaInit as run for the GradInit comparison: tunes one scale per tensor so that the gradient changes least along itself, on real data.',
  reference:
    'Dauphin and Schoenholz, MetaInit: Initializing learning by learning to initialize, NeurIPS 2019, as run for Zhu et al., arXiv:2102.08098',
  options,
  needsSamples: () => true,
  iterative: true,
  secondOrder: true,
  applicability: hasTrainableParameter,
  async run(problem, given, control) {
    const { samples, loss } = dataOf(problem, 'metainit-gradinit-repo');
    const [{ sampleStream }, { createQuotientSearch }, { rescaleAdamRule }, { runScales }, { partitionParams }] =
      await Promise.all([
        import('../feeding/batch-stream.ts'),
        import('../search/quotient/quotient-search.ts'),
        import('../search/scale-rule.ts'),
        import('../search/scale-run.ts'),
        import('../feeding/tuned-params.ts'),
      ]);
    const partition = partitionParams(problem.topology, problem.weights, (param) => ({
      rate: given.learningRate,
      lower: param.group === 'bias' ? 0 : given.minScale,
      upper: Number.POSITIVE_INFINITY,
    }));
    const adam = plainAdam(given);
    const parts = {
      partition,
      loss,
      batches: sampleStream(problem, samples, given.batchSize),
      createRule: (resume: unknown) => rescaleAdamRule(partition.tuned, adam, resume),
      epsilon: given.quotientEpsilon,
      execution: control.execution,
    };
    const run = {
      method: 'metainit-gradinit-repo',
      iterations: given.iterations,
      advice: 'a smaller learningRate or a larger quotientEpsilon',
    };
    return runScales(problem, control, partition, run, (resume) => createQuotientSearch(problem, parts, resume));
  },
});
