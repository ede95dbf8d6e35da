/**
 * Values of buffers that a file names and does not hold, which is so after an export on the meta device.
 *
 * Only buffers that transformers makes of their shape alone, under names of their own: `position_ids`, which count 0, 1, 2 ... along the last axis, and
 * `token_type_ids`, which are 0.
 */
import { sizeOf } from '../../ndarray.ts';
import type { StoredTensor } from './tensors.ts';

interface KnownBuffer {
  readonly data: Int32Array;
  /** What was taken, in words. */
  readonly notice: string;
}

/** Undefined where the name and the shape do not determine the values. */
export function knownBuffer({ name, meta }: StoredTensor): KnownBuffer | undefined {
  const { hints: shape, type } = meta;
  const length = shape.at(-1);
  if (type.dtype !== 'int32' || length === undefined || shape.slice(0, -1).some((extent) => extent !== 1))
    return undefined;
  const taken = (values: string) =>
    `"${name}" has no values in the file, which was exported on the meta device; ${values} was taken, as transformers makes it`;
  if (/(^|\.)position_ids$/.test(name))
    return { data: Int32Array.from({ length }, (_, at) => at), notice: taken('0, 1, 2 ...') };
  if (/(^|\.)token_type_ids$/.test(name)) return { data: new Int32Array(sizeOf(shape)), notice: taken('0') };
  return undefined;
}
