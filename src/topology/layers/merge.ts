/** Add, Subtract, Multiply, Average, Maximum, Minimum: elementwise, with broadcasting of extents of 1 and of missing leading axes. */
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { misfit, showShape } from './misfit.ts';

/** The broadcast shape of two operands. Missing axes are inserted after the batch axis, as in both frameworks. */
function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const padded = (shape: Shape): Shape => [...Array.from({ length: rank - shape.length }, () => 1), ...shape];
  const other = padded(b);
  return padded(a).map((extent, axis) => {
    const opposite = other[axis] ?? null;
    if (extent === 1 || extent === opposite) return opposite;
    if (opposite === 1) return extent;
    // One extent is known only with the data: the result is the known one, or the layer fails when it runs.
    if (extent === null || opposite === null) return extent ?? opposite;
    return misfit(`shapes ${showShape(a)} and ${showShape(b)} do not broadcast together`);
  });
}

function merge(className: string, inputCount?: number): LayerSpec<null> {
  return {
    classNames: [className],
    parse: () => null,
    params: () => [],
    outputShape(_config, inputs) {
      const fits = inputCount === undefined ? inputs.length >= 2 : inputs.length === inputCount;
      if (!fits) return misfit(`must be ${inputCount ?? 'at least 2'} tensors, got ${inputs.length}`);
      return inputs.reduce(broadcast);
    },
  };
}

export const add = merge('Add');
export const subtract = merge('Subtract', 2);
export const multiply = merge('Multiply');
export const average = merge('Average');
export const maximum = merge('Maximum');
export const minimum = merge('Minimum');
