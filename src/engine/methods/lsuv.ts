/**
 * LSUV, layer-sequential unit variance: orthonormal kernels; then each layer's output is scaled to unit variance on one batch, from front to back.
 *
 *   W orthonormal, b = 0;   for each layer in order: W <- W / std(W x)   until |std - 1| <= tolerance or maxTries times
 *
 * std is over all elements of the layer's output on the batch, before its activation; the network runs in inference mode (dropout off, moving
 * statistics) and residual graphs in topological order (../search/unit-variance.ts: O(L), because the results of earlier layers are kept).
 * Defaults: tolerance 0.1 and 10 tries as in the paper and the authors' package; one batch of 128. Inputs should have unit variance.
 * Layers that are not linear in a kernel (recurrent ones) keep their orthonormal kernels and are listed; attention is scaled by its output
 * projection. No bias is shifted (an early version of the authors' code subtracted the mean).
 *
 * Mishkin, Matas: All you need is a good init. ICLR 2016, arXiv:1511.06422 (algorithm 1).
 */
import { Type } from 'typebox';
import { AppError } from '../../errors.ts';
import { defineMethod } from './method.ts';
import { drawOrthogonalKernel, needsKernel, redrawKernels } from './redraw.ts';

const options = Type.Object(
  {
    batchSize: Type.Integer({ minimum: 2, maximum: 1_000_000, default: 128, description: 'Samples of the one batch.' }),
    tolerance: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: 0.1,
      description: 'How far from the target a standard deviation may be.',
    }),
    maxTries: Type.Integer({ minimum: 1, maximum: 1000, default: 10, description: 'Scalings of one layer at most.' }),
    targetStd: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e6,
      default: 1,
      description: 'Standard deviation of every output before its activation.',
    }),
  },
  { additionalProperties: false },
);

export const lsuv = defineMethod({
  name: 'lsuv',
  summary:
    'Orthonormal kernels scaled front to back until each layer has outputs of unit variance on one batch; biases zero.',
  reference: 'Mishkin and Matas, All you need is a good init, ICLR 2016, arXiv:1511.06422',
  options,
  needsSamples: () => true,
  iterative: false,
  refusesGraphs: 'walks',
  secondOrder: false,
  applicability: needsKernel,
  async run(problem, { batchSize, tolerance, maxTries, targetStd }, control) {
    const { samples, topology, seed } = problem;
    if (!samples) throw new AppError('DATASET_NOT_FOUND', 'lsuv needs a dataset');
    const [{ sampleStream }, { scaleToUnitVariance }] = await Promise.all([
      import('../feeding/batch-stream.ts'),
      import('../search/unit-variance.ts'),
    ]);
    const orthonormal = await redrawKernels(
      problem,
      (param, layer) => drawOrthogonalKernel(layer, param, 1, seed),
      control,
    );
    const batch = sampleStream(problem, samples, batchSize).next();
    const targets = { target: targetStd, tolerance, maxTries };
    const { weights, layers, skipped } = await scaleToUnitVariance(
      topology,
      orthonormal.weights,
      batch,
      targets,
      control.signal,
    );
    const missed = layers.filter(({ std }) => Math.abs(std - targetStd) > tolerance).map(({ layer }) => layer);
    return { weights, skipped, findings: { batchSize, layers, missed } };
  },
});
