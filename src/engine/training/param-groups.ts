/** Weight decay and learning-rate factors of parameters. */
import type { Param } from '../../topology/topology.ts';

export interface ParamSettings {
  /** Factor on the learning rate. */
  readonly rateFactor: number;
  readonly weightDecay: number;
}

/** Settings by parameter. */
export type ParamGroups = (param: Param) => ParamSettings;

/** The same settings for all parameters. */
export const uniformGroups =
  (weightDecay: number): ParamGroups =>
  () => ({ rateFactor: 1, weightDecay });

/** No decay for gains and offsets of normalisation layers, as in the published trainings of networks with batch normalisation. */
export const normalizationUndecayed =
  (weightDecay: number): ParamGroups =>
  ({ key }) => ({ rateFactor: 1, weightDecay: /(^|\/)(gamma|beta|scale)$/.test(key) ? 0 : weightDecay });

/** Scalars and biases have a tenth of the rate, and everything decays, as in the published trainings of networks without normalisation. */
export const slowBiases =
  (weightDecay: number, rateFactor = 0.1): ParamGroups =>
  ({ group }) => ({ rateFactor: group === 'bias' ? rateFactor : 1, weightDecay });

/** The same settings with each parameter's rate multiplied by its factor; parameters without a factor keep their rate. */
export const multiplied = (groups: ParamGroups, factors: Readonly<Record<string, number>> = {}): ParamGroups => {
  const byName = new Map(Object.entries(factors));
  return (param) => {
    const settings = groups(param);
    return { ...settings, rateFactor: settings.rateFactor * (byName.get(param.name) ?? 1) };
  };
};
