/** What an array that carries no description is taken for: shared by npz and npy. */
import type { NpyArray } from '../codecs/npy.ts';
import { columnOf } from './column.ts';
import type { RawInput, RawTargets, Role } from './dataset-format.ts';

/** Rank 3 and bytes are images, other integers are ids, the rest are features. */
function roleOf({ shape, elements, kind }: NpyArray): Role {
  if (kind === 'bool') return 'values';
  if (shape.length === 4 || (elements instanceof Uint8Array && shape.length > 1)) return 'image';
  return kind === 'integer' ? 'ids' : 'values';
}

export function toInput(name: string, array: NpyArray): RawInput {
  const shape = array.shape.length === 1 ? [...array.shape, 1] : array.shape;
  const role = roleOf(array);
  const range = role === 'image' && array.elements instanceof Uint8Array ? ([0, 255] as const) : null;
  return { name, column: columnOf(shape, array.elements), role, range, channelsFirst: false };
}

export function toTargets({ shape, elements, kind }: NpyArray): RawTargets {
  return { column: columnOf(shape, elements), integer: kind !== 'float', classes: null };
}
