/** Weight decay and learning-rate factor of every parameter, as in the published runs (Zhu et al., NeurIPS 2021, released training script). */
import type { TrainingProtocol } from '../contract/training-protocol.ts';
import {
  normalizationUndecayed,
  type ParamGroups,
  slowBiases,
  uniformGroups,
} from '../engine/training/param-groups.ts';
import type { Topology } from '../topology/topology.ts';

const isNormalization = (className: string) => className.endsWith('Normalization');

/**
 * In residual networks without normalisation, all parameters decay and biases have a lower learning rate; in all other networks, the parameters of
 * normalisation layers do not decay.
 */
export function groupsOf(
  topology: Topology,
  { weightDecay, weightDecayGroups }: Pick<TrainingProtocol, 'weightDecay' | 'weightDecayGroups'>,
): ParamGroups {
  if (weightDecayGroups === 'all') return uniformGroups(weightDecay);
  const normalizations = new Set(
    topology.layers.filter(({ className }) => isNormalization(className)).map(({ name }) => name),
  );
  if (weightDecayGroups === 'weights') {
    return ({ group, layer }) => ({
      rateFactor: 1,
      weightDecay: group === 'bias' || normalizations.has(layer) ? 0 : weightDecay,
    });
  }
  const isResidual = topology.layers.some(({ className }) => className === 'Add');
  return isResidual && normalizations.size === 0 ? slowBiases(weightDecay) : normalizationUndecayed(weightDecay);
}
