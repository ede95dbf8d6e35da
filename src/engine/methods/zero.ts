/**
 * ZerO: zeros and ones only (up to normalisation), so that training starts from an identity without random numbers.
 *
 *   in x out matrices:  out <= in   partial identity, W_ij = 1 where i = j
 *                       out > in    P_in H P_out, H the p x p Hadamard matrix times p^(-1/2), p the next power of two of out, P partial identities
 *   convolutions        that matrix at the centre tap, zero elsewhere
 *   last kernels of residual branches and the classifier 0 (the gain, where a normalisation ends the branch);   biases 0
 *
 * The Hadamard matrix prevents the rank of features from staying at the width of the input where a layer widens. The factor makes H orthonormal, so
 * that a widening layer preserves lengths. Deterministic: the seed affects only embeddings. Convolutions of networks without shortcuts are accepted;
 * without residual branches only the classifier is zero.
 *
 * Zhao, Schaefer, Anandkumar: ZerO Initialization: Initializing Neural Networks with only Zeros and Ones. TMLR 2022, arXiv:2110.12661 (algorithm 1).
 */
import { Type } from 'typebox';
import type { Layer, Param } from '../../topology/topology.ts';
import { branchEnds } from './branch-ends.ts';
import { defineMethod } from './method.ts';
import { filled, needsKernel, redrawKernels, zeroGains } from './redraw.ts';
import { type EntryOf, fillCentre, fillMatrices, hasTaps } from './structured.ts';

const options = Type.Object(
  {
    classifier: Type.Enum(['zero', 'identity'], {
      default: 'zero',
      description: 'Whether the layer that makes the outputs starts at zero or as every other layer.',
    }),
  },
  { additionalProperties: false },
);

/** Sign of element (i, j) of Sylvester's Hadamard matrix: the parity of the number of ones that both indices have in common. */
function hadamardSign(i: number, j: number): number {
  let shared = i & j;
  let odd = false;
  while (shared !== 0) {
    shared &= shared - 1;
    odd = !odd;
  }
  return odd ? -1 : 1;
}

const entries: EntryOf = (inputs, outputs) => {
  if (outputs <= inputs) return (input, output) => (input === output ? 1 : 0);
  const scale = (2 ** Math.ceil(Math.log2(outputs))) ** -0.5;
  return (input, output) => scale * hadamardSign(input, output);
};

export const zero = defineMethod({
  name: 'zero',
  summary:
    'ZerO: identities and Hadamard matrices; residual branches and the classifier start at zero; no random numbers.',
  reference: 'Zhao, Schaefer and Anandkumar, ZerO Initialization, TMLR 2022, arXiv:2110.12661',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, given, control) {
    const { ends, classifier, branches } = branchEnds(problem.topology);
    const isZero = ({ name }: Param) => ends.has(name) || (given.classifier === 'zero' && classifier.has(name));
    const draw = (param: Param, layer: Layer) => {
      if (isZero(param)) return filled(param.shape, 0);
      return (hasTaps(param) ? fillCentre : fillMatrices)(layer, param, entries);
    };
    const result = await redrawKernels(problem, draw, control);
    return {
      ...result,
      weights: zeroGains(problem.topology, result.weights, ends),
      findings: { branches, zeroed: [...ends] },
    };
  },
});
