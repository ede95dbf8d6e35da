/** Determines which parameters have a scale, with their groups and bounds, and creates the tensors of a run. */

import { AppError } from '../../errors.ts';
import { isNormalizationClass } from '../../topology/structure/normalization-class.ts';
import type { Layer, Param, Topology } from '../../topology/topology.ts';
import type { Weights } from '../run.ts';
import { type Tensor, tf } from '../tf.ts';

/** Learning rate of one scale, and the interval to which it is clipped. */
export interface ScaleBounds {
  readonly rate: number;
  readonly lower: number;
  readonly upper: number;
}

export interface TunedParam extends Param {
  /** Index among all trainable parameters. */
  readonly index: number;
  readonly bounds: ScaleBounds;
}

export interface ParamPartition {
  /** Every trainable parameter; all of them enter the gradient norm and the simulated step. */
  readonly trainable: readonly Param[];
  /** Statistics and weights of frozen layers, which are constant in every step. */
  readonly fixed: readonly Param[];
  /** Trainable parameters with a scale: those whose norm is greater than zero. */
  readonly tuned: readonly TunedParam[];
  readonly skipped: readonly { readonly parameter: string; readonly reason: string }[];
}

/** ||W||_2 in float64. Throws DIVERGED for a tensor that is not finite. */
export function normOf(data: Float32Array, name: string): number {
  let sum = 0;
  for (const value of data) sum += value * value;
  const norm = Math.sqrt(sum);
  if (!Number.isFinite(norm))
    throw new AppError('DIVERGED', `the initial weights of ${name} are not finite`, { details: { parameter: name } });
  return norm;
}

/** Properties of a parameter that determine its rate and bounds. */
export interface ParamTraits {
  /** True for the gain of a layer normalisation, which the fairseq flavour treats separately. */
  readonly layerNormGain: boolean;
  /** True for the gain of any normalisation, where a small value suppresses the following layers. */
  readonly normalizationGain: boolean;
}

const traitsOf = ({ className }: Layer, { group }: Param): ParamTraits => ({
  layerNormGain: /^LayerNorm(alization)?$/.test(className) && group === 'weight',
  normalizationGain: isNormalizationClass(className) && group === 'weight',
});

/** The trainable and the fixed parameters, in the topology's order. */
export function splitParams(topology: Topology): Pick<ParamPartition, 'trainable' | 'fixed'> {
  const params = topology.layers.flatMap((layer) => layer.params);
  return {
    trainable: params.filter((param) => param.group !== 'none'),
    fixed: params.filter((param) => param.group === 'none'),
  };
}

/** Splits the parameters; `boundsOf` returns rate and bounds of a tuned parameter. */
export function partitionParams(
  topology: Topology,
  weights: Weights,
  boundsOf: (param: Param, traits: ParamTraits) => ScaleBounds,
): ParamPartition {
  const trainable: Param[] = [];
  const fixed: Param[] = [];
  const tuned: TunedParam[] = [];
  const skipped: { parameter: string; reason: string }[] = [];
  for (const layer of topology.layers) {
    for (const param of layer.params) {
      if (param.group === 'none') {
        fixed.push(param);
        continue;
      }
      const index = trainable.push(param) - 1;
      const weight = weights.get(param.name);
      if (!weight) throw new AppError('WEIGHTS_MISMATCH', `the weights have no tensor named ${param.name}`);
      if (normOf(weight.data, param.name) === 0) {
        skipped.push({
          parameter: param.name,
          reason: 'its norm is zero: a scale cannot move it (it still takes part in norm and step)',
        });
      } else {
        tuned.push({ ...param, index, bounds: boundsOf(param, traitsOf(layer, param)) });
      }
    }
  }
  return { trainable, fixed, tuned, skipped };
}

/** Names of the input tensors of trainable and fixed parameters. */
export const weightInput = (index: number) => `w${index}`;
export const fixedInput = (index: number) => `f${index}`;

/** The weights as inputs of a step. The caller owns the tensors. */
export function weightTensors(
  { trainable, fixed }: Pick<ParamPartition, 'trainable' | 'fixed'>,
  weights: Weights,
): Record<string, Tensor> {
  const entries = (params: readonly Param[], inputName: (index: number) => string) =>
    params.map(({ name, shape }, index): [string, Tensor] => {
      const weight = weights.get(name);
      if (!weight) throw new AppError('WEIGHTS_MISMATCH', `the weights have no tensor named ${name}`);
      return [inputName(index), tf.tensor(weight.data, [...shape], 'float32')];
    });
  return Object.fromEntries([...entries(trainable, weightInput), ...entries(fixed, fixedInput)]);
}
