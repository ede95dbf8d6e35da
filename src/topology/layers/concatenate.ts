/** Concatenate: concatenates the inputs along an axis. */
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { readAxis, resolveAxis } from './axes.ts';
import { misfit, showShape } from './misfit.ts';

export interface ConcatenateConfig {
  /** As configured: negative axes count from the end, 0 is the batch axis. */
  readonly axis: number;
}

/** True when the shapes agree in all axes except `skipped`. */
function agree(a: Shape, b: Shape, skipped: number): boolean {
  if (a.length !== b.length) return false;
  return a.every((extent, index) => index === skipped || extent === null || b[index] === null || extent === b[index]);
}

export const concatenate: LayerSpec<ConcatenateConfig> = {
  classNames: ['Concatenate'],
  parse: (config) => ({ axis: readAxis(config, 'axis', -1) }),
  params: () => [],
  outputShape({ axis }, inputs) {
    const [first] = inputs;
    if (first === undefined || inputs.length < 2) return misfit(`must be at least 2 tensors, got ${inputs.length}`);
    const index = resolveAxis(first, axis) - 1;
    const other = inputs.find((input) => !agree(first, input, index));
    if (other) return misfit(`shapes ${showShape(first)} and ${showShape(other)} differ beyond the axis ${axis}`);
    const extents = inputs.map((input) => input[index] ?? null);
    const total = extents.reduce<number | null>(
      (sum, extent) => (sum === null || extent === null ? null : sum + extent),
      0,
    );
    return first.map((extent, position) => (position === index ? total : extent));
  },
};
