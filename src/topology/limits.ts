/** Limits of a topology. All of them are checked before memory is allocated. */
import { AppError } from '../errors.ts';
import type { Shape } from './topology.ts';

export interface TopologyLimits {
  /** Number of layers, those of nested models included. */
  readonly maxLayers: number;
  /** Number of applications of layers; each call of a nested model multiplies those of its layers. */
  readonly maxNodes: number;
  readonly maxNestedModels: number;
  /** Number of elements of all parameters. */
  readonly maxParameters: number;
  /** Number of output elements of one layer for one sample; TensorFlow's indexes have 32 bits. */
  readonly maxOutputElements: number;
}

export const defaultLimits: TopologyLimits = {
  maxLayers: 20_000,
  maxNodes: 100_000,
  maxNestedModels: 64,
  maxParameters: 1e9,
  maxOutputElements: 2 ** 31 - 1,
};

/** Throws MODEL_TOO_LARGE with `message`. */
export function tooLarge(message: string, details: Record<string, unknown> = {}): never {
  throw new AppError('MODEL_TOO_LARGE', message, { details });
}

/** Number of elements of a shape, with unknown extents counted as 1; Infinity beyond 2^53. */
export function countElements(shape: Shape): number {
  let product = 1;
  for (const extent of shape) {
    product *= extent ?? 1;
    if (!Number.isSafeInteger(product)) return Infinity;
  }
  return product;
}
