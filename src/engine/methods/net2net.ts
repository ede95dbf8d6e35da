/**
 * Net2Net: a larger network initially computes the function of a smaller, trained one.
 *
 *   wider    repeated units, whose outgoing weights are split among them (topology/growth/widen-layer.ts)
 *   deeper   new residual branches end in a zero kernel or gain; other new layers are the identity: kernel 1 at the centre, statistics of
 *            normalisations 0 and 1 - epsilon
 *
 * Layers correspond by name or by order (topology/growth/match-layers.ts). Both networks are then run on the same inputs in inference mode, and the
 * weights are returned only where the outputs agree within `tolerance` relative to the largest one. What cannot be repeated exactly (a layer
 * normalisation over channels of which some are repeated more often, an activation f with f(f(x)) != f(x)) is thus refused, with the difference.
 * In training, new batch normalisations normalise with batch statistics, as usual.
 *
 * Chen, Goodfellow, Shlens: Net2Net: Accelerating Learning via Knowledge Transfer. ICLR 2016, arXiv:1511.05641. Of transformers: Chen et al.,
 * bert2BERT, ACL 2022, arXiv:2110.07143 (function-preserving initialisation).
 */
import { Type } from 'typebox';
import { matchLayers } from '../../topology/growth/match-layers.ts';
import { planGrowth } from '../../topology/growth/plan-growth.ts';
import { defineMethod } from './method.ts';
import { hasTrainableParameter, sourceOf } from './requirements.ts';
import { layerMatching } from './source-options.ts';

const options = Type.Object(
  {
    match: layerMatching,
    asymmetry: Type.Number({
      minimum: 0,
      maximum: 0.99,
      default: 0.5,
      description: 'How far the parts of a split weight differ; 0: equal parts, whose units stay equal.',
    }),
    tolerance: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 1e-3,
      description: 'Largest difference of the outputs of both networks, relative to the largest output.',
    }),
  },
  { additionalProperties: false },
);

export const net2net = defineMethod({
  name: 'net2net',
  summary: 'A wider or deeper network that starts as the function of a smaller trained one (`source`).',
  reference:
    'Chen, Goodfellow and Shlens, Net2Net: Accelerating Learning via Knowledge Transfer, ICLR 2016, arXiv:1511.05641',
  options,
  needsSamples: () => false,
  needsSource: true,
  iterative: false,
  refusesGraphs: 'finds',
  secondOrder: false,
  applicability: hasTrainableParameter,
  checkSource(target, source, { match }) {
    planGrowth(target, source, matchLayers(target, source, match));
  },
  async run(problem, { match, asymmetry, tolerance }, control) {
    const { assertSameFunction } = await import('../search/same-function.ts');
    const source = sourceOf(problem, 'net2net');
    const counterparts = matchLayers(problem.topology, source.topology, match);
    const grow = planGrowth(problem.topology, source.topology, counterparts);
    const { weights, added } = grow(source.weights, problem.weights, { asymmetry, seed: problem.seed });
    const difference = await assertSameFunction({ ...problem, weights }, source, tolerance);
    control.signal.throwIfAborted();
    const layers = Object.fromEntries([...counterparts].map(([name, layer]) => [name, layer.name]));
    return { weights, findings: { counterparts: layers, addedLayers: added, largestDifference: difference } };
  },
});
