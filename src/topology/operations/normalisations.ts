/** Operations that bring samples to a common scale: layer and root-mean-square normalisation, vectors of length 1. */
import type { ConfigReader } from '../config-reader.ts';
import { broadcastExtents, sampleAxes } from './extents.ts';
import { type OperationSpec, readAxisList } from './operation-spec.ts';

export interface NormAttributes {
  readonly axes: readonly number[];
  readonly epsilon: number;
}

/** Keras' `backend.epsilon()`, which it takes for null. */
const kerasEpsilon = 1e-7;

const readEpsilon = (config: ConfigReader) => config.number('epsilon', kerasEpsilon, { min: 0 });

const norm = (operands: readonly string[]): OperationSpec<NormAttributes> => ({
  operands,
  parse(config) {
    if (config.boolean('rms_scaling', false)) config.fail('rms_scaling', 'must be false; use rms_norm');
    return { axes: readAxisList(config) ?? [-1], epsilon: readEpsilon(config) };
  },
  shape({ axes }, arguments_) {
    const x = arguments_.one('x');
    sampleAxes(axes, x);
    return x;
  },
});

export interface NormalizeAttributes {
  readonly axes: readonly number[];
  readonly order: number;
  readonly epsilon: number;
}

const normalize: OperationSpec<NormalizeAttributes> = {
  operands: ['x'],
  parse: (config) => ({
    axes: readAxisList(config) ?? [-1],
    order: config.number('order', 2, { min: 1, max: 64 }),
    epsilon: config.number('epsilon', kerasEpsilon, { min: 0 }),
  }),
  shape({ axes }, operands) {
    sampleAxes(axes, operands.one('x'));
    return operands.one('x');
  },
};

const batchNormalization: OperationSpec<{ readonly axis: number; readonly epsilon: number }> = {
  operands: ['x', 'mean', 'variance', 'offset', 'scale'],
  parse: (config) => ({ axis: config.integer('axis', -1), epsilon: config.number('epsilon', 1e-3, { min: 0 }) }),
  shape({ axis }, operands) {
    sampleAxes([axis], operands.one('x'));
    return broadcastExtents(operands.one('x'));
  },
};

export const normalisations = {
  layer_norm: norm(['x', 'gamma', 'beta']),
  rms_norm: norm(['x', 'scale']),
  normalize,
  batch_normalization: batchNormalization,
} as const satisfies Record<string, OperationSpec<unknown>>;
