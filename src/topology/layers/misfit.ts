/** How a layer says that its inputs do not fit, and how the caller that knows the layer's name adds it. */
import { AppError } from '../../errors.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { Shape } from '../topology.ts';

/** A shape as messages show it, with the batch axis: [?, 28, 28, 1]. */
export const showShape = (shape: Shape): string => `[${['?', ...shape.map((extent) => extent ?? '?')].join(', ')}]`;

/** Throws LAYER_INVALID; `inLayer` adds the name. */
export function misfit(problem: string): never {
  throw new AppError('LAYER_INVALID', problem);
}

/** Runs `params` or `outputShape` of a spec, and names the layer in the LAYER_INVALID it may throw. */
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

/** The only input of a layer that takes one, of one of the given ranks (batch axis not counted). */
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

/** The extent of an axis that parameters depend on; negative axes count from the end. */
export function knownExtent(shape: Shape, axis: number): number {
  const extent = shape.at(axis);
  if (extent === undefined) return misfit(`has no axis ${axis} in ${showShape(shape)}`);
  return extent ?? misfit(`must have a known extent at axis ${axis}, got ${showShape(shape)}`);
}
