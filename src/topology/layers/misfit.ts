/** Errors for inputs that do not fit a layer, and helpers that add the layer's name to them. */
import { AppError } from '../../errors.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { Shape } from '../topology.ts';

/** A shape for messages, with the batch axis: [?, 28, 28, 1]. */
export const showShape = (shape: Shape): string => `[${['?', ...shape.map((extent) => extent ?? '?')].join(', ')}]`;

/** Throws LAYER_INVALID without the layer's name, which `inLayer` adds. */
export function misfit(problem: string): never {
  throw new AppError('LAYER_INVALID', problem);
}

/** Runs `params` or `outputShape` of a specification, and adds the layer's name to LAYER_INVALID. */
export function inLayer<T>(config: ConfigReader, compute: () => T): T {
  try {
    return compute();
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'LAYER_INVALID' && thrown.problems.length === 0) {
      return config.fail('input', thrown.message);
    }
    throw thrown;
  }
}

/** The input of a layer with a single input, whose rank (without the batch axis) must be one of `ranks`. */
export function oneInput(inputs: readonly Shape[], ...ranks: number[]): Shape {
  const [shape] = inputs;
  if (shape === undefined || inputs.length !== 1) return misfit(`must be one tensor, got ${inputs.length}`);
  if (ranks.length > 0 && !ranks.includes(shape.length)) {
    return misfit(
      `must have ${ranks.map((rank) => rank + 1).join(' or ')} axes (batch first), got ${showShape(shape)}`,
    );
  }
  return shape;
}

/** The extent of an axis, which must be known because parameters depend on it; negative axes count from the end. */
export function knownExtent(shape: Shape, axis: number): number {
  const extent = shape.at(axis);
  if (extent === undefined) return misfit(`has no axis ${axis} in ${showShape(shape)}`);
  return extent ?? misfit(`must have a known extent at axis ${axis}, got ${showShape(shape)}`);
}
