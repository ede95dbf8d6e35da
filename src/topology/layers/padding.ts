/** ZeroPadding1D/2D/3D and Cropping1D/2D/3D: add zeros at, or remove slices from, both ends of the spatial axes. */

import type { Json } from '../../json.ts';
import { type ConfigReader, show } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { Shape } from '../topology.ts';
import { misfit, oneInput, showShape } from './misfit.ts';
import { type DataFormat, joinShape, readDataFormat, splitShape } from './window.ts';

export interface MarginsConfig {
  /** [before, after] per spatial axis. */
  readonly margins: readonly (readonly [number, number])[];
  readonly dataFormat: DataFormat;
}

type Pair = [number, number];

function toPair(value: Json): Pair | undefined {
  const pair = Array.isArray(value) ? value : [value, value];
  const valid = pair.length === 2 && pair.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
  return valid ? (pair as Pair) : undefined;
}

/** Margins: one number for all axes, one number per axis, or [before, after] per axis (for a single axis also without the outer list). */
function readMargins(config: ConfigReader, key: string, rank: 1 | 2 | 3): Pair[] {
  const value = config.raw(key) ?? 1;
  const flatPair = rank === 1 && Array.isArray(value) && value.length === 2;
  const perAxis = Array.isArray(value) && !flatPair ? value : Array.from({ length: rank }, () => value);
  const pairs = perAxis.map(toPair).filter((pair) => pair !== undefined);
  if (perAxis.length === rank && pairs.length === rank) return pairs;
  return config.fail(
    key,
    `must be a whole number >= 0 or [before, after] for each of ${rank} axes, got ${show(value)}`,
  );
}

function margins(key: 'padding' | 'cropping', rank: 1 | 2 | 3, className: string): LayerSpec<MarginsConfig> {
  const grow = (extent: number | null, [before, after]: Pair) => {
    return extent === null ? null : key === 'padding' ? extent + before + after : extent - before - after;
  };
  return {
    classNames: [className],
    parse: (config) => ({ margins: readMargins(config, key, rank), dataFormat: readDataFormat(config) }),
    params: () => [],
    outputShape({ margins, dataFormat }, inputs) {
      const input = oneInput(inputs, rank + 1);
      const { space, channels } = splitShape(input, dataFormat);
      const grown: Shape = space.map((extent, axis) => grow(extent, margins[axis] as Pair));
      if (grown.some((extent) => extent !== null && extent < 1)) {
        return misfit(`${showShape(input)} has nothing left after cropping ${JSON.stringify(margins)}`);
      }
      return joinShape(grown, channels, dataFormat);
    },
  };
}

export const zeroPadding1d = margins('padding', 1, 'ZeroPadding1D');
export const zeroPadding2d = margins('padding', 2, 'ZeroPadding2D');
export const zeroPadding3d = margins('padding', 3, 'ZeroPadding3D');
export const cropping1d = margins('cropping', 1, 'Cropping1D');
export const cropping2d = margins('cropping', 2, 'Cropping2D');
export const cropping3d = margins('cropping', 3, 'Cropping3D');
