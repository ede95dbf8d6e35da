/** Which parameters decay and learn how fast. */
import type { Param } from '../../topology/topology.ts';

export interface ParamSettings {
  /** Factor on the learning rate. */
  readonly rateFactor: number;
  readonly weightDecay: number;
}

/** Settings by parameter. */
export type ParamGroups = (param: Param) => ParamSettings;

/** The same for all parameters. */
export const uniformGroups =
  (weightDecay: number): ParamGroups =>
  () => ({ rateFactor: 1, weightDecay });

/** No decay for gains and offsets of normalisation layers, as the published runs train networks with batch normalisation. */
export const normalizationUndecayed =
  (weightDecay: number): ParamGroups =>
  ({ key }) => ({ rateFactor: 1, weightDecay: /(^|\/)(gamma|beta|scale)$/.test(key) ? 0 : weightDecay });

/** Scalar and bias parameters at a tenth of the rate, everything decays: how networks without normalisation are trained there. */
export const slowBiases =
  (weightDecay: number, rateFactor = 0.1): ParamGroups =>
  ({ group }) => ({ rateFactor: group === 'bias' ? rateFactor : 1, weightDecay });

/** The same settings with the rate of every parameter times its factor; parameters without one keep their rate. */
export const multiplied = (groups: ParamGroups, factors: Readonly<Record<string, number>> = {}): ParamGroups => {
  const byName = new Map(Object.entries(factors));
  return (param) => {
    const settings = groups(param);
    return { ...settings, rateFactor: settings.rateFactor * (byName.get(param.name) ?? 1) };
  };
};
