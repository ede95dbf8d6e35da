/** Rectifiers that are layers: ReLU, LeakyReLU, PReLU, ELU, ThresholdedReLU. */
import { type ConfigReader, show } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { knownExtent, misfit, oneInput, showShape } from './misfit.ts';
import { weightParam } from './params.ts';

export interface ReluConfig {
  /** null: no upper bound. */
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;
}

export interface PreluConfig {
  readonly alpha: Initializer;
  /** Axes along which alpha is shared; 1 is the first axis after the batch axis. */
  readonly sharedAxes: readonly number[];
}

const shapeOnly = {
  params: () => [],
  outputShape: (_config: unknown, inputs: Parameters<LayerSpec['outputShape']>[1]) => oneInput(inputs),
} satisfies Pick<LayerSpec, 'params' | 'outputShape'>;

export const relu: LayerSpec<ReluConfig> = {
  classNames: ['ReLU'],
  parse: (config) => ({
    maxValue: (config.raw('max_value') ?? null) === null ? null : config.number('max_value', undefined, { min: 0 }),
    negativeSlope: config.number('negative_slope', 0, { min: 0 }),
    threshold: config.number('threshold', 0, { min: 0 }),
  }),
  ...shapeOnly,
};

export const leakyRelu: LayerSpec<{ readonly slope: number }> = {
  classNames: ['LeakyReLU'],
  // Keras 3 writes negative_slope, Keras 2 and tfjs alpha.
  parse: (config) => ({ slope: config.number('negative_slope', config.number('alpha', 0.3, { min: 0 }), { min: 0 }) }),
  ...shapeOnly,
};

export const elu: LayerSpec<{ readonly alpha: number }> = {
  classNames: ['ELU'],
  parse: (config) => ({ alpha: config.number('alpha', 1, { min: 0 }) }),
  ...shapeOnly,
};

export const thresholdedRelu: LayerSpec<{ readonly theta: number }> = {
  classNames: ['ThresholdedReLU'],
  parse: (config) => ({ theta: config.number('theta', 1, { min: 0 }) }),
  ...shapeOnly,
};

function readSharedAxes(config: ConfigReader): number[] {
  const value = config.raw('shared_axes') ?? [];
  const list = Array.isArray(value) ? value : [value];
  const valid = list.every((axis) => Number.isSafeInteger(axis) && (axis as number) > 0);
  return valid ? (list as number[]) : config.fail('shared_axes', `must be positive axes, got ${show(value)}`);
}

export const prelu: LayerSpec<PreluConfig> = {
  classNames: ['PReLU'],
  parse: (config) => ({ alpha: config.initializer('alpha_initializer', 'zeros'), sharedAxes: readSharedAxes(config) }),
  params({ alpha, sharedAxes }, inputs) {
    const input = oneInput(inputs);
    const outside = sharedAxes.find((axis) => axis > input.length);
    if (outside !== undefined) return misfit(`has no axis ${outside} (shared_axes) in ${showShape(input)}`);
    const shape = input.map((_, index) => (sharedAxes.includes(index + 1) ? 1 : knownExtent(input, index)));
    return [weightParam('alpha', shape, alpha)];
  },
  outputShape: shapeOnly.outputShape,
};
