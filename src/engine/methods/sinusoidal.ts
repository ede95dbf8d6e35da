/**
 * Sinusoidal initialisation: the weights of every output are a sine over its inputs with its own frequency and phase; no random numbers.
 *
 *   W[i, j] = a sin((i + 1) (2 pi j / n + 2 pi / m)),  i = 0 .. m - 1 outputs, j = 0 .. n - 1 inputs (taps of a convolution included, taps first)
 *   a so that the variance of the matrix is gain^2 / n (`fan: "fanIn"`) or 2 gain^2 / (n + m) (`fan: "fanAvg"`);   biases 0
 *
 * Default gain sqrt(2) with fanIn, which is He's variance. Rows whose frequency is a multiple of n repeat (m >= n); a matrix that would be zero is
 * refused. Differs from the authors' code in the order of the taps of a convolution, which here is that of the kernel in memory.
 *
 * Fernandez-Hernandez, Mestre, Dolz, Duato, Quintana-Orti: Sinusoidal Initialization, Time for a New Start. NeurIPS 2025, arXiv:2505.12909.
 */
import { Type } from 'typebox';
import { kernelMatrices } from '../../topology/structure/kernel-matrix.ts';
import { isKernel } from '../../topology/structure/output-kernel.ts';
import type { Layer, Param, Topology } from '../../topology/topology.ts';
import { type Applicability, defineMethod } from './method.ts';
import { needsKernel, redrawKernels } from './redraw.ts';
import { type EntryOf, fillMatrices } from './structured.ts';

const options = Type.Object(
  {
    fan: Type.Enum(['fanIn', 'fanAvg'], { default: 'fanIn', description: 'What the variance is divided by.' }),
    gain: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: Math.SQRT2,
      description: 'sqrt(2) for ReLU, 1 for linear layers.',
    }),
  },
  { additionalProperties: false },
);

const wave = (input: number, output: number, inputs: number, outputs: number) =>
  Math.sin((output + 1) * ((2 * Math.PI * input) / inputs + (2 * Math.PI) / outputs));

/** Variance of all elements of the waves with amplitude 1. */
function waveVariance(inputs: number, outputs: number): number {
  let [sum, squares] = [0, 0];
  for (let output = 0; output < outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      const value = wave(input, output, inputs, outputs);
      sum += value;
      squares += value ** 2;
    }
  }
  const size = inputs * outputs;
  return squares / size - (sum / size) ** 2;
}

/** Waves with more elements than this are never constant. */
const largestFlat = 64;
/** A variance below this is rounding error. */
const zeroVariance = 1e-20;

const isFlat = (layer: Layer, param: Param): boolean => {
  const { rows, columns } = kernelMatrices(layer, param);
  return rows * columns <= largestFlat && waveVariance(rows, columns) < zeroVariance;
};

function applicability(topology: Topology): Applicability {
  for (const layer of topology.layers)
    for (const param of layer.params.filter(isKernel))
      if (isFlat(layer, param))
        return {
          applicable: false,
          reason: `the waves of "${param.name}" are constant: its matrices have ${kernelMatrices(layer, param).rows} inputs and ${kernelMatrices(layer, param).columns} outputs`,
        };
  return needsKernel(topology);
}

export const sinusoidal = defineMethod({
  name: 'sinusoidal',
  summary:
    'Every output a sine of its own frequency over the inputs, with the variance of He or Glorot; no random numbers.',
  reference:
    'Fernandez-Hernandez et al., Sinusoidal Initialization, Time for a New Start, NeurIPS 2025, arXiv:2505.12909',
  options,
  needsSamples: () => false,
  iterative: false,
  secondOrder: false,
  applicability,
  async run(problem, { fan, gain }, control) {
    const entries: EntryOf = (inputs, outputs) => {
      const variance = gain ** 2 / (fan === 'fanIn' ? inputs : (inputs + outputs) / 2);
      const amplitude = Math.sqrt(variance / waveVariance(inputs, outputs));
      return (input, output) => amplitude * wave(input, output, inputs, outputs);
    };
    return redrawKernels(problem, (param, layer) => fillMatrices(layer, param, entries), control);
  },
});
