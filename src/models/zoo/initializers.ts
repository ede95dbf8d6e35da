/**
 * The initialisers of the published networks, in a form that has the same distribution in every framework.
 *
 * The published code draws from normal distributions without truncation. In tfjs, `VarianceScaling` with distribution "normal" is truncated (without
 * the variance correction of Keras), and "untruncated_normal" exists only in Keras. Shapes are known here, so that the standard
 * deviation is computed and written as a plain RandomNormal or RandomUniform, which are the same everywhere.
 */
import type { JsonObject } from '../../json.ts';

export const zeros: JsonObject = { class_name: 'Zeros', config: {} };
export const ones: JsonObject = { class_name: 'Ones', config: {} };

/** N(0, stddev^2). */
export function normal(stddev: number): JsonObject {
  return { class_name: 'RandomNormal', config: { mean: 0, stddev, seed: null } };
}

/** U(-limit, limit). */
export function uniform(limit: number): JsonObject {
  return { class_name: 'RandomUniform', config: { minval: -limit, maxval: limit, seed: null } };
}

/** He et al. 2015: N(0, 2 / fan); the published networks use the fan out, kernel area x filters. */
export function heNormal(fan: number): JsonObject {
  return normal(Math.sqrt(2 / fan));
}

/** PyTorch's default for kernels and biases of Linear and Conv: U(-1/sqrt(fanIn), 1/sqrt(fanIn)). */
export function torchDefault(fanIn: number): JsonObject {
  return uniform(1 / Math.sqrt(fanIn));
}

/** Glorot and Bengio 2010: U(-limit, limit), limit = gain sqrt(6 / (fanIn + fanOut)). */
export function xavierUniform(fanIn: number, fanOut: number, gain = 1): JsonObject {
  return uniform(gain * Math.sqrt(6 / (fanIn + fanOut)));
}
