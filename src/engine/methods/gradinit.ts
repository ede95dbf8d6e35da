/**
 * GradInit: one scale per parameter tensor, tuned so that the loss after the first optimizer step is as low as possible.
 *
 *   min over alpha of  L(theta - eta A[g]; S~)   subject to   ||g||_A <= gamma,      theta_i = alpha_i W_i,  g = dL/dtheta on S
 *   A[g] = g / ||g||_2 or g (sgd), sign(g) (adam);  ||.||_A = L2 (sgd), L1 (adam);  solved by one Adam step per mini-batch on the branch
 *   that the norm asks for (../search/gradinit/steps.ts, ../search/optimizers/rescale-adam.ts)
 *
 * Defaults are the published settings (./gradinit-presets.ts). Differs from the released code only in ways that do not change its numbers: scales are
 * explicit variables, where that code rescales weights in place; the objective branch builds no second-order graph.
 *
 * Extensions of the paper: other optimizers than SGD and Adam (../search/gradinit/first-steps.ts); `optimizer: 'any'` tunes weights for several
 * (../search/gradinit/mean-objective-step.ts): the mean of the losses after a step of each, and a constraint iteration when a norm exceeds its gamma,
 * for the norm that exceeds it most. `learningRate: 'auto'` determines by short trainings how far the scales should move, or that no change is needed
 * (../search/gradinit/radius-search.ts).
 *
 * Zhu, Ni, Xu, Kong, Huang, Goldstein: GradInit: Learning to Initialize Neural Networks for Stable and Efficient Training. NeurIPS 2021,
 * arXiv:2102.08098.
 */

import type { Problem, RunControl } from '../run.ts';
import { type GradinitOptions, gradinitOptions } from './gradinit-options.ts';
import {
  boundsOf,
  checkGradinitOptions,
  microBatchSizeOf,
  resolveOptions,
  searchCost,
  searchPlanOf,
  simulatedOptimizers,
  trainingOptimizers,
} from './gradinit-settings.ts';
import { multipliersOf } from './learning-rate-multipliers.ts';
import { defineMethod } from './method.ts';
import { dataOf, hasTrainableParameter } from './requirements.ts';

/** Creates the search. TensorFlow is loaded here, not when the module is imported. */
async function createSearch(problem: Problem, given: GradinitOptions, control: RunControl) {
  const [{ createGradinitSearch }, { isMeanOfSamples }] = await Promise.all([
    import('../search/gradinit/gradinit-search.ts'),
    import('../losses/run-loss.ts'),
  ]);
  const { samples, loss } = dataOf(problem, 'gradinit');
  const { beta1, beta2, adamEpsilon: epsilon, gradientClip, iterations, learningRate } = resolveOptions(given);
  const fairseq = given.flavour === 'fairseq';
  const auto = () => ({
    plan: searchPlanOf(given),
    optimizers: trainingOptimizers(given, problem.topology),
    heldOutBatches: given.search.heldOutBatches,
  });
  return createGradinitSearch(problem, samples, loss, control.execution, {
    optimizers: simulatedOptimizers(given),
    adam: { beta1, beta2, epsilon, gradientClip, secondMoment: fairseq ? 'separate' : 'shared' },
    draws: { kind: fairseq ? 'thirds' : 'halves', overlap: given.overlap, batchSize: given.batchSize },
    rate: learningRate === 'auto' ? auto() : learningRate,
    boundsOf: (param, traits, rate) => boundsOf(given, param, traits, rate),
    iterations,
    // Pieces of a batch are weighed by their samples.
    microBatchSize: isMeanOfSamples(loss) ? microBatchSizeOf(given, problem.topology) : null,
  });
}

export const gradinit = defineMethod({
  name: 'gradinit',
  summary:
    'Tunes one scale per parameter tensor so that the first optimizer step lowers the loss most, under a bound on the gradient norm.',
  reference:
    'Zhu et al., GradInit: Learning to Initialize Neural Networks for Stable and Efficient Training, NeurIPS 2021, arXiv:2102.08098',
  options: gradinitOptions,
  needsSamples: () => true,
  iterative: true,
  secondOrder: true,
  applicability: hasTrainableParameter,
  checkOptions: checkGradinitOptions,
  cost: searchCost,
  async run(problem, given, control) {
    const { runScales } = await import('../search/scale-run.ts');
    const { partition, iterations, create } = await createSearch(problem, given, control);
    const advice = 'a smaller learningRate or eta, or a finite gamma';
    const result = await runScales(problem, control, partition, { method: 'gradinit', iterations, advice }, create);
    if (!given.learningRateMultipliers) return result;
    return { ...result, learningRateMultipliers: multipliersOf(result.scales ?? {}) };
  },
});
