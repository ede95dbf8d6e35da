/** x[key]: slices, single indices, new axes and an ellipsis, as Python writes them. */
import { isJsonObject, type Json, show } from '../../json.ts';
import type { ConfigReader } from '../config-reader.ts';
import { misfit } from '../layers/misfit.ts';
import type { Extent, Extents } from './extents.ts';
import type { OperationSpec } from './operation-spec.ts';

export type KeyEntry =
  | { readonly kind: 'slice'; readonly start: number | null; readonly stop: number | null; readonly step: number }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'new-axis' }
  | { readonly kind: 'rest' };

export interface GetItemAttributes {
  readonly key: readonly KeyEntry[];
}

const isBound = (value: unknown): value is number | null | undefined =>
  value === undefined || value === null || Number.isSafeInteger(value);

function readSlice(slice: { [key: string]: Json }, fail: (problem: string) => never): KeyEntry {
  const { start, stop, step } = slice;
  if (!isBound(start) || !isBound(stop) || !isBound(step) || step === 0)
    return fail(`has the slice ${show(slice)}; bounds must be whole numbers`);
  return { kind: 'slice', start: start ?? null, stop: stop ?? null, step: step ?? 1 };
}

function readEntry(value: Json, fail: (problem: string) => never): KeyEntry {
  if (value === null) return { kind: 'new-axis' };
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { kind: 'index', at: value };
  if (isJsonObject(value)) {
    const inner = isJsonObject(value.config) ? value.config : undefined;
    if (value.class_name === '__slice__' && inner) return readSlice(inner, fail);
    if (value.class_name === '__ellipsis__') return { kind: 'rest' };
    if (!Object.hasOwn(value, 'class_name')) {
      if (Object.hasOwn(value, 'start')) return readSlice(value, fail);
      if (value.type === 'Ellipsis') return { kind: 'rest' };
    }
  }
  return fail(`has the index ${show(value)}; indices are whole numbers, slices, None and ...`);
}

function readKey(config: ConfigReader): KeyEntry[] {
  const value = config.raw('key') ?? null;
  const list = Array.isArray(value) ? value : [value];
  return list.map((entry) => readEntry(entry, (problem) => config.fail('key', problem)));
}

/** One step for each axis of x and each new axis, the ellipsis and what is left out at the end written out. */
export function expandKey(key: readonly KeyEntry[], rank: number): KeyEntry[] {
  const taken = key.filter(({ kind }) => kind === 'slice' || kind === 'index').length;
  const ellipses = key.filter(({ kind }) => kind === 'rest').length;
  if (taken > rank || ellipses > 1) return misfit(`is indexed along ${taken} axes, it has ${rank}`);
  const whole: KeyEntry[] = Array.from({ length: rank - taken }, () => ({
    kind: 'slice',
    start: null,
    stop: null,
    step: 1,
  }));
  const complete: readonly KeyEntry[] = ellipses === 1 ? key : [...key, { kind: 'rest' }];
  return complete.flatMap((entry) => (entry.kind === 'rest' ? whole : [entry]));
}

export const isWhole = (entry: KeyEntry): boolean =>
  entry.kind === 'slice' && (entry.start ?? 0) === 0 && entry.stop === null && entry.step === 1;

/** The indices that a slice takes of an axis, as Python counts them: first index, number, step. */
export function sliceRange(
  entry: KeyEntry & { kind: 'slice' },
  extent: number,
): { first: number; count: number; step: number } {
  const { step } = entry;
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
  const bound = (value: number | null, fallback: number) =>
    value === null ? fallback : Math.min(high, Math.max(low, value < 0 ? value + extent : value));
  const [start, stop] = [bound(entry.start, step > 0 ? 0 : extent - 1), bound(entry.stop, step > 0 ? extent : -1)];
  return { first: start, count: Math.max(0, Math.ceil((stop - start) / step)), step };
}

function itemExtents(key: readonly KeyEntry[], x: Extents): Extents {
  let axis = 0;
  return expandKey(key, x.length).flatMap((entry): Extent[] => {
    if (entry.kind === 'new-axis') return [1];
    const extent = x[axis++] as Extent;
    if (isWhole(entry)) return [extent];
    if (extent === 'n')
      return misfit('is indexed along the batch: samples are not mixed; begin the key with a whole slice');
    if (entry.kind === 'index') {
      const inside = extent === null || (entry.at < extent && entry.at >= -extent);
      return inside ? [] : misfit(`has no index ${entry.at} along an axis of ${extent}`);
    }
    if (extent === null) return [null];
    const { count } = sliceRange(entry as KeyEntry & { kind: 'slice' }, extent);
    return count > 0 ? [count] : misfit(`is empty after the slice along an axis of ${extent}`);
  });
}

export const getItem: OperationSpec<GetItemAttributes> = {
  operands: ['x'],
  parse: (config) => ({ key: readKey(config) }),
  shape: ({ key }, operands) => itemExtents(key, operands.one('x')),
};
