/**
 * Kraehenbuehl's data-dependent initialisation, within layers: every channel has the same mean and unit variance on real data.
 *
 *   W ~ N(0, 1 / fanIn), b = 0;   front to back, for every output channel c before its activation:  W[.., c] /= std_c,  b[c] = shift - mean_c / std_c
 *
 * Like LSUV, but per channel and with the bias (../search/channel-normalization.ts). `shift` is the mean of the channels; a small positive value
 * keeps more rectifiers active. Only dense layers and convolutions are normalised; kernels of other layers are drawn and listed in `skipped`, and a
 * network without any is refused. The second part of the paper, which balances the rates of change between layers of networks without shortcuts, is
 * not implemented: GradInit and grad-cosine do that by gradients. Before a batch normalisation the rule has no effect, which a note reports.
 *
 * Kraehenbuehl, Doersch, Donahue, Darrell: Data-dependent Initializations of Convolutional Neural Networks. ICLR 2016, arXiv:1511.06856 (algorithm 1).
 */
import { Type } from 'typebox';
import { isLinear, outputKernels } from '../../topology/structure/output-kernel.ts';
import type { Topology } from '../../topology/topology.ts';
import { type Applicability, defineMethod } from './method.ts';
import { drawBy, redrawKernels } from './redraw.ts';
import { dataOf } from './requirements.ts';

const options = Type.Object(
  {
    batchSize: Type.Integer({
      minimum: 2,
      maximum: 1_000_000,
      default: 256,
      description: 'Samples that means and deviations are taken over.',
    }),
    shift: Type.Number({
      minimum: -100,
      maximum: 100,
      default: 0,
      description: 'Mean of every channel before its activation.',
    }),
  },
  { additionalProperties: false },
);

function applicability(topology: Topology): Applicability {
  if (!topology.layers.some((layer) => isLinear(layer) && outputKernels(layer).length > 0))
    return { applicable: false, reason: 'the topology has no trained dense layer or convolution' };
  return topology.layers.some(({ className }) => className.startsWith('BatchNormalization'))
    ? { applicable: true, note: 'batch normalisation undoes what this method does to the layers before it' }
    : { applicable: true };
}

export const kraehenbuehl = defineMethod({
  name: 'kraehenbuehl',
  summary: 'Every channel scaled and shifted, front to back, to one mean and unit variance on a batch.',
  reference:
    'Kraehenbuehl et al., Data-dependent Initializations of Convolutional Neural Networks, ICLR 2016, arXiv:1511.06856',
  options,
  needsSamples: () => true,
  iterative: false,
  refusesGraphs: 'walks',
  secondOrder: false,
  applicability,
  async run(problem, { batchSize, shift }, control) {
    const { samples } = dataOf(problem, 'kraehenbuehl');
    const [{ sampleStream }, { normalizeChannels }] = await Promise.all([
      import('../feeding/batch-stream.ts'),
      import('../search/channel-normalization.ts'),
    ]);
    const drawn = await redrawKernels(
      problem,
      (param) =>
        drawBy(param, { kind: 'variance-scaling', scale: 1, mode: 'fanIn', distribution: 'normal' }, problem.seed),
      control,
    );
    const batch = sampleStream(problem, samples, batchSize).next();
    const { weights, layers, skipped } = await normalizeChannels(
      problem.topology,
      drawn.weights,
      batch,
      shift,
      control.signal,
    );
    return { weights, skipped, findings: { batchSize, layers } };
  },
});
