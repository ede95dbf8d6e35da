/**
 * Orthogonal initialisation: every layer is initially a (scaled) isometry, so that the singular values of products of many layers stay at 1.
 *
 *   A_ij ~ N(0, 1),  A = Q R,  diag R > 0;   W = gain Q, the transpose where a matrix is wider than high;   biases 0
 *
 * Default gain 1, for linear and tanh layers; sqrt(2) compensates for ReLU. A convolution is the matrix (taps x in) x out, as is usual:
 * its patches are mapped isometrically, but not the whole image (see ./delta-orthogonal.ts).
 * Differs from Keras: each gate of a recurrent kernel, each channel of a depthwise kernel and each group of a grouped one is orthogonal by itself,
 * and an attention projection is one matrix for all heads.
 *
 * Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear neural networks. ICLR 2014, arXiv:1312.6120.
 */
import { Type } from 'typebox';
import { defineMethod } from './method.ts';
import { drawOrthogonalKernel, needsKernel, redrawKernels } from './redraw.ts';

const options = Type.Object(
  {
    gain: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: 1,
      description: 'All singular values; sqrt(2) makes up for ReLU.',
    }),
  },
  { additionalProperties: false },
);

export const orthogonal = defineMethod({
  name: 'orthogonal',
  summary: 'Uniformly drawn orthonormal matrices times a gain; biases zero.',
  reference:
    'Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, ICLR 2014, arXiv:1312.6120',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, { gain }, control) {
    return redrawKernels(problem, (param, layer) => drawOrthogonalKernel(layer, param, gain, problem.seed), control);
  },
});
