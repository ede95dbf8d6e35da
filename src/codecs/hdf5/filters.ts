/**
 * The filters of chunks: deflate, shuffle and fletcher32. All others are refused by name before any data is read.
 *
 * Format: HDF5 File Format Specification 3.0, IV.A.2.l "Data Storage - Filter Pipeline Message".
 */
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { type Context, type Cursor, damaged } from './context.ts';

export interface Filter {
  readonly id: number;
  readonly name: string;
  /** Parameters of the filter. */
  readonly values: readonly number[];
}

/** Names of filters of HDF5 and its registry that occur in practice. */
const names: Readonly<Record<number, string>> = {
  1: 'deflate',
  2: 'shuffle',
  3: 'fletcher32',
  4: 'szip',
  5: 'nbit',
  6: 'scaleoffset',
  307: 'bzip2',
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bitshuffle',
  32013: 'zfp',
  32015: 'zstd',
  32026: 'blosc2',
};

/** The filters in the order in which they were applied. */
export function parseFilters(cursor: Cursor): Filter[] {
  const version = cursor.version(1, 2);
  const count = cursor.unsigned(1);
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => {
    const id = cursor.unsigned(2);
    const nameBytes = version === 1 || id >= 256 ? cursor.unsigned(2) : 0;
    cursor.skip(2);
    const valueCount = cursor.unsigned(2);
    cursor.skip(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes);
    const values = Array.from({ length: valueCount }, () => cursor.unsigned(4));
    if (version === 1 && valueCount % 2 === 1) cursor.skip(4);
    return { id, name: names[id] ?? `number ${id}`, values };
  });
}

/** The filters that this reader cannot reverse. */
export const unknownFilters = (filters: readonly Filter[]) => filters.filter(({ id }) => id < 1 || id > 3);

const inflateAsync = promisify(inflate);

/** Reverses the filters of a chunk, whose original size is `length` bytes. Bit i of `mask` means that filter i was not applied to this chunk. */
export async function undoFilters(
  stored: Uint8Array,
  filters: readonly Filter[],
  mask: number,
  length: number,
  context: Context,
): Promise<Uint8Array> {
  let bytes = stored;
  for (let i = filters.length - 1; i >= 0; i--) {
    const filter = filters[i];
    if (filter === undefined || (mask >>> i) & 1) continue;
    if (filter.id === 1) bytes = await inflated(bytes, length, context);
    else if (filter.id === 2) bytes = unshuffled(bytes, filter.values[0] ?? 1);
    else bytes = checked(bytes, context);
  }
  if (bytes.byteLength !== length) damaged(context, `a chunk holds ${bytes.byteLength} bytes instead of ${length}`);
  return bytes;
}

/** Inflates to `length` bytes, or `length` + 4 where a fletcher32 checksum follows the data. */
async function inflated(bytes: Uint8Array, length: number, context: Context): Promise<Uint8Array> {
  try {
    return await inflateAsync(bytes, { maxOutputLength: length + 4 });
  } catch {
    return damaged(context, 'a compressed chunk cannot be inflated');
  }
}

/** Reverses the shuffle filter, which stores the first bytes of all elements, then the second bytes, and so on; remaining bytes stay at the end. */
function unshuffled(bytes: Uint8Array, elementBytes: number): Uint8Array {
  const count = Math.floor(bytes.byteLength / elementBytes);
  if (elementBytes <= 1 || count <= 1) return bytes;
  const result = new Uint8Array(bytes.byteLength);
  for (let b = 0, from = 0; b < elementBytes; b++) {
    for (let i = 0, to = b; i < count; i++, to += elementBytes) result[to] = bytes[from++] as number;
  }
  result.set(bytes.subarray(count * elementBytes), count * elementBytes);
  return result;
}

/** Verifies and removes the checksum in the last four bytes. Some versions of HDF5 stored its 16-bit halves with swapped bytes, which is accepted too. */
function checked(bytes: Uint8Array, context: Context): Uint8Array {
  if (bytes.byteLength < 4) damaged(context, 'a chunk is shorter than its checksum');
  const content = bytes.subarray(0, -4);
  const sum = fletcher32(content);
  const stored = new DataView(bytes.buffer, bytes.byteOffset + content.byteLength, 4).getUint32(0, true);
  const swapped = (((sum & 0x00ff00ff) << 8) | ((sum >>> 8) & 0x00ff00ff)) >>> 0;
  if (stored !== sum && stored !== swapped) damaged(context, 'a chunk has a wrong checksum (fletcher32)');
  return content;
}

/** The checksum sum2 * 65536 + sum1, from sums of the big-endian 16-bit words modulo 65535. An odd last byte counts as a high byte. */
export function fletcher32(bytes: Uint8Array): number {
  let sum1 = 0;
  let sum2 = 0;
  const fold = (sum: number) => (sum & 0xffff) + (sum >>> 16);
  for (let at = 0; at < bytes.byteLength; ) {
    const end = Math.min(bytes.byteLength, at + 720);
    for (; at < end; at += 2) {
      sum1 += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
      sum2 += sum1;
    }
    sum1 = fold(sum1);
    sum2 = fold(sum2);
  }
  sum1 = fold(sum1);
  sum2 = fold(sum2);
  return ((sum2 << 16) | sum1) >>> 0;
}
