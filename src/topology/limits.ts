/** What a topology may be at most. Everything is counted before anything is allocated. */
import { AppError } from '../errors.ts';
import type { Shape } from './topology.ts';

export interface TopologyLimits {
  /** Layers, those of nested models included. */
  readonly maxLayers: number;
  /** Applications of layers; nested models that are called several times multiply them. */
  readonly maxNodes: number;
  readonly maxNestedModels: number;
  /** Elements of all parameters together. */
  readonly maxParameters: number;
  /** Elements that one layer may put out for one sample; TensorFlow indexes with 32 bits. */
  readonly maxOutputElements: number;
}

export const defaultLimits: TopologyLimits = {
  maxLayers: 20_000,
  maxNodes: 100_000,
  maxNestedModels: 64,
  maxParameters: 1e9,
  maxOutputElements: 2 ** 31 - 1,
};

/** Throws MODEL_TOO_LARGE. */
export function tooLarge(message: string, details: Record<string, unknown> = {}): never {
  throw new AppError('MODEL_TOO_LARGE', message, { details });
}

/** Elements of a shape, unknown extents counted once; Infinity where the product is no exact integer any more. */
export function countElements(shape: Shape): number {
  let product = 1;
  for (const extent of shape) {
    product *= extent ?? 1;
    if (!Number.isSafeInteger(product)) return Infinity;
  }
  return product;
}
