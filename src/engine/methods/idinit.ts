/**
 * IDInit: identities in the main path, almost zeros at the ends of residual branches, and full rank for matrices that are not square.
 *
 *   in x out matrices   W_ij = tau where i mod min(in, out) = j mod min(in, out), else 0: the identity repeated along the longer side
 *   convolutions        the kernel as one matrix (taps x in) x out, so that whole patches and not only their centres are preserved
 *   ends of residual branches and the classifier: the same with epsilon instead of tau (the gain 0, where a normalisation ends the branch)
 *   loose identity      N(0, noise^2) is added to break ties between copies;   biases 0
 *
 * Differs from the paper: where a layer narrows and several inputs are added to one output, its ones are tau / sqrt(copies), so that no row or column
 * is longer than tau. This factor is a choice of this project; layers that widen, and square ones, are as in the paper. tau 1 and epsilon 1e-6 are
 * the authors' settings; the paper relies on momentum in the training to leave the identity. The values follow from the description of the paper; its
 * released code was not read. With noise 0 the result is deterministic.
 *
 * Pan, Wang, Wu, Wang, Zhang, Xu: IDInit: A Universal and Stable Initialization Method for Neural Network Training. ICLR 2025, arXiv:2503.04626.
 */
import { Type } from 'typebox';
import { createRandom } from '../../random.ts';
import type { Layer, Param } from '../../topology/topology.ts';
import { branchEnds } from './branch-ends.ts';
import { defineMethod } from './method.ts';
import { needsKernel, redrawKernels, zeroGains } from './redraw.ts';
import { fillMatrices } from './structured.ts';

const options = Type.Object(
  {
    tau: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: 1,
      description: 'Of the identities; sqrt(2) makes up for ReLU.',
    }),
    epsilon: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 1e-6,
      description: 'At the ends of residual branches and in the classifier.',
    }),
    noise: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 1e-6,
      description: 'Deviation of what is added to every element.',
    }),
  },
  { additionalProperties: false },
);

export const idinit = defineMethod({
  name: 'idinit',
  summary: 'Repeated identities; residual branches and the classifier start near zero.',
  reference:
    'Pan et al., IDInit: A Universal and Stable Initialization Method for Neural Network Training, ICLR 2025, arXiv:2503.04626',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, { tau, epsilon, noise }, control) {
    const { ends, classifier, branches } = branchEnds(problem.topology);
    const draw = (param: Param, layer: Layer) => {
      const value = ends.has(param.name) || classifier.has(param.name) ? epsilon : tau;
      const random = createRandom(problem.seed, param.name);
      return fillMatrices(layer, param, (inputs, outputs) => {
        const period = Math.min(inputs, outputs);
        const scaled = value / Math.sqrt(Math.max(1, inputs / outputs));
        return (input, output) =>
          (input % period === output % period ? scaled : 0) + (noise > 0 ? noise * random.normal() : 0);
      });
    };
    const result = await redrawKernels(problem, draw, control);
    return {
      ...result,
      weights: zeroGains(problem.topology, result.weights, ends),
      findings: { branches, ends: [...ends, ...classifier] },
    };
  },
});
