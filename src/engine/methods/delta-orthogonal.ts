/**
 * Delta-orthogonal initialisation: convolutions that start as an isometry of whole images, for vanilla networks of any depth.
 *
 *   K[centre] = gain H, K elsewhere = 0;   H [in, out]: the first rows of a uniformly drawn orthogonal out x out matrix, H H^T = I;   biases 0
 *
 * Requires out >= in for every convolution. With `narrowing: 'project'`, H has orthonormal columns where out < in (it preserves an out-dimensional
 * subspace), which the paper does not define; the default refuses and names the layer. Dense, recurrent and attention kernels are orthogonal as
 * in ./orthogonal.ts. A transposed convolution has H^T at its centre, a depthwise one a unit vector for each channel.
 * Where the size is even the centre is tap floor((size - 1) / 2), the one that 'same' padding aligns with the output.
 * Default gain 1, critical for tanh near zero; ReLU networks have no such point, sqrt(2) keeps their second moment.
 *
 * Xiao, Bahri, Sohl-Dickstein, Schoenholz, Pennington: Dynamical Isometry and a Mean Field Theory of CNNs: How to Train 10,000-Layer Vanilla
 * Convolutional Neural Networks. ICML 2018, arXiv:1806.05393 (algorithm 1).
 */
import { Type } from 'typebox';
import type { NDArray } from '../../ndarray.ts';
import { createRandom } from '../../random.ts';
import { drawOrthogonal } from '../../topology/orthogonal.ts';
import { isKernel } from '../../topology/structure/output-kernel.ts';
import type { Layer, Param, Topology } from '../../topology/topology.ts';
import { type Applicability, defineMethod } from './method.ts';
import { drawOrthogonalKernel, needsKernel, redrawKernels } from './redraw.ts';
import { fillCentre, hasTaps, tapMatrices } from './structured.ts';

const options = Type.Object(
  {
    gain: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: 1,
      description: 'Singular values of every layer.',
    }),
    narrowing: Type.Union([Type.Literal('refuse'), Type.Literal('project')], {
      default: 'refuse',
      description:
        'What to do with a convolution of fewer outputs than inputs: refuse the network, or keep a subspace.',
    }),
  },
  { additionalProperties: false },
);

const isTransposed = ({ className, config }: Layer): boolean => {
  const inner = className === 'TimeDistributed' ? (config as { className: string }).className : className;
  return inner.endsWith('Transpose');
};

/** Input and output channels of the matrix at the centre. */
function channelsOf(layer: Layer, param: Param): { from: number; to: number } {
  const { rows, columns } = tapMatrices(layer, param);
  return isTransposed(layer) ? { from: columns, to: rows } : { from: rows, to: columns };
}

function drawDelta(layer: Layer, param: Param, gain: number, seed: number): NDArray<'float32'> {
  const random = createRandom(seed, param.name);
  return fillCentre(layer, param, (rows, columns) => {
    const drawn = drawOrthogonal(rows, columns, gain, random);
    return (row, column) => drawn[row * columns + column] as number;
  });
}

function findNarrowing(topology: Topology): { layer: string; from: number; to: number } | undefined {
  for (const layer of topology.layers) {
    for (const param of layer.params) {
      if (!isKernel(param) || !hasTaps(param)) continue;
      const { from, to } = channelsOf(layer, param);
      if (to < from) return { layer: layer.name, from, to };
    }
  }
  return undefined;
}

function applicability(topology: Topology, { narrowing }: { narrowing: 'refuse' | 'project' }): Applicability {
  const found = narrowing === 'refuse' ? findNarrowing(topology) : undefined;
  if (!found) return needsKernel(topology);
  const { layer, from, to } = found;
  const reason = `layer "${layer}" maps ${from} channels to ${to}, and an isometry needs at least as many; give narrowing: "project" to keep a subspace`;
  return { applicable: false, reason };
}

export const deltaOrthogonal = defineMethod({
  name: 'delta-orthogonal',
  summary:
    'Convolutions that are zero but for an orthogonal matrix at the centre tap; other kernels orthogonal; biases zero.',
  reference: 'Xiao et al., Dynamical Isometry and a Mean Field Theory of CNNs, ICML 2018, arXiv:1806.05393',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability,
  async run(problem, { gain }, control) {
    const draw = (param: Param, layer: Layer) =>
      (hasTaps(param) ? drawDelta : drawOrthogonalKernel)(layer, param, gain, problem.seed);
    return redrawKernels(problem, draw, control);
  },
});
