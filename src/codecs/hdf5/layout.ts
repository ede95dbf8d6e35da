/**
 * The storage layout of a dataset: in its header, contiguous, or in chunks with an index.
 *
 * Format: HDF5 File Format Specification 3.0, IV.A.2.i "Data Layout Message".
 */
import { type Context, type Cursor, damaged, unsupported } from './context.ts';

export type ChunkIndex =
  | { readonly kind: 'btree1' | 'btree2' | 'fixed-array' | 'extensible-array' | 'implicit' }
  | { readonly kind: 'single'; readonly bytes: number | null; readonly mask: number };

export type Layout =
  | { readonly kind: 'compact'; readonly data: Uint8Array }
  /** The address is null when nothing was written. */
  | { readonly kind: 'contiguous'; readonly address: number | null }
  | {
      readonly kind: 'chunked';
      readonly address: number | null;
      /** Number of elements of a chunk along each axis. */
      readonly chunkShape: readonly number[];
      readonly index: ChunkIndex;
    };

/** Throws the origin's code for virtual datasets, which are parts of other files. */
export function parseLayout(cursor: Cursor, rank: number, context: Context): Layout {
  const version = cursor.version(1, 2, 3, 4, 5);
  if (version < 3) return parseOld(cursor, context);
  const kind = cursor.unsigned(1);
  if (kind === 0) return { kind: 'compact', data: cursor.take(cursor.unsigned(2)) };
  if (kind === 1) return { kind: 'contiguous', address: cursor.address() };
  if (kind === 3)
    return unsupported(context, 'is a virtual dataset, whose data lies in other files; write the data itself');
  if (kind !== 2) return damaged(context, `a layout of class ${kind}`);
  if (version >= 4) return parseChunked(cursor, rank, context);
  const axes = cursor.unsigned(1) - 1;
  const address = cursor.address();
  return { kind: 'chunked', address, chunkShape: extents(cursor, axes, 4, rank, context), index: { kind: 'btree1' } };
}

function extents(cursor: Cursor, axes: number, bytes: number, rank: number, context: Context): number[] {
  if (axes !== rank) damaged(context, `chunks of ${axes} axes in a dataset of ${rank}`);
  const shape = Array.from({ length: axes }, () => cursor.unsigned(bytes));
  if (shape.includes(0)) damaged(context, 'chunks of no extent');
  return shape;
}

function parseOld(cursor: Cursor, context: Context): Layout {
  const axes = cursor.unsigned(1);
  const kind = cursor.unsigned(1);
  cursor.skip(5);
  const address = kind === 0 ? null : cursor.address();
  const sizes = Array.from({ length: axes }, () => cursor.unsigned(4));
  if (kind === 0) return { kind: 'compact', data: cursor.take(cursor.unsigned(4)) };
  if (kind === 1) return { kind: 'contiguous', address };
  if (kind !== 2 || sizes.slice(0, -1).includes(0)) return damaged(context, `a layout of class ${kind}`);
  return { kind: 'chunked', address, chunkShape: sizes.slice(0, -1), index: { kind: 'btree1' } };
}

const indexKinds = [null, 'single', 'implicit', 'fixed-array', 'extensible-array', 'btree2'] as const;
/** Bytes of the parameters that the index repeats in its own header. */
const parameterBytes = { implicit: 0, 'fixed-array': 1, 'extensible-array': 5, btree2: 6 } as const;

function parseChunked(cursor: Cursor, rank: number, context: Context): Layout {
  const flags = cursor.unsigned(1);
  const axes = cursor.unsigned(1) - 1;
  const bytes = cursor.unsigned(1);
  const chunkShape = extents(cursor, axes, bytes, rank, context);
  cursor.skip(bytes);
  const kind = indexKinds[cursor.unsigned(1)] ?? damaged(context, 'an unknown index of chunks');
  if (kind === 'single') {
    const filtered = (flags & 2) !== 0;
    const index = { kind, bytes: filtered ? cursor.length() : null, mask: filtered ? cursor.unsigned(4) : 0 };
    return { kind: 'chunked', address: cursor.address(), chunkShape, index };
  }
  cursor.skip(parameterBytes[kind]);
  return { kind: 'chunked', address: cursor.address(), chunkShape, index: { kind } };
}
