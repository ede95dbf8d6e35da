/**
 * AutoInit: kernels by the mean and variance of each layer's input, which are propagated through the whole graph without data.
 *
 *   Var[W] = 1 / (fan (mean^2 + variance)) for a layer that reads (mean, variance): its output is (0, 1), whatever came before;   biases 0
 *
 * Moments pass through activations by Gaussian integration; through sums, products, pooling, normalisation and all other layers by evaluating them on
 * Gaussian inputs (../search/moment-propagation.ts), so that any graph is supported, also layers that the paper does not treat. Derived from the
 * algebra of the paper, section 3; its released code was not read. Inputs are assumed to have (`inputMean`, `inputVariance`), (0, 1) after the usual
 * normalisation; token ids have no moments, those of an embedding's output are measured on its table. Embeddings and gains keep their values.
 *
 * Bingham, Miikkulainen: AutoInit: Analytic Signal-Preserving Weight Initialization for Neural Networks. AAAI 2023, arXiv:2109.08958.
 */
import { Type } from 'typebox';
import type { NDArray } from '../../ndarray.ts';
import { defineMethod } from './method.ts';
import { drawBy, filled, needsKernel } from './redraw.ts';

const options = Type.Object(
  {
    distribution: Type.Enum(['normal', 'uniform'], { default: 'normal', description: 'Neither is truncated.' }),
    inputMean: Type.Number({
      minimum: -1e6,
      maximum: 1e6,
      default: 0,
      description: 'Mean of the inputs of the model.',
    }),
    inputVariance: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e12,
      default: 1,
      description: 'Variance of the inputs of the model.',
    }),
  },
  { additionalProperties: false },
);

export const autoinit = defineMethod({
  name: 'autoinit',
  summary:
    'Kernels by the analytic mean and variance of what each layer reads, for any graph and activation; biases zero.',
  reference: 'Bingham and Miikkulainen, AutoInit, AAAI 2023, arXiv:2109.08958',
  options,
  needsSamples: () => false,
  iterative: false,
  refusesGraphs: 'walks',
  secondOrder: false,
  applicability: needsKernel,
  async run({ topology, weights: start, seed }, { distribution, inputMean, inputVariance }, { signal }) {
    const { propagateMoments } = await import('../search/moment-propagation.ts');
    const weights = new Map<string, NDArray<'float32'>>(start);
    for (const { name, group, shape } of topology.layers.flatMap(({ params }) => params))
      if (group === 'bias') weights.set(name, filled(shape, 0));
    const inputs = topology.inputs.map(() => ({ mean: inputMean, variance: inputVariance }));
    const layers = await propagateMoments(
      topology,
      inputs,
      weights,
      (param, _layer, variance) => {
        const bound = Math.sqrt(3 * variance);
        return distribution === 'uniform'
          ? drawBy(param, { kind: 'uniform', min: -bound, max: bound }, seed)
          : drawBy(param, { kind: 'normal', mean: 0, stddev: Math.sqrt(variance), truncated: false }, seed);
      },
      signal,
    );
    return { weights, findings: { layers } };
  },
});
