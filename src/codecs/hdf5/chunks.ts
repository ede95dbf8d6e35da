/** The chunks of a dataset that were written, from each of the six kinds of index. */

import { walkVersion1, walkVersion2 } from './btree.ts';
import { type ArrayElement, walkExtensibleArray, walkFixedArray } from './chunk-arrays.ts';
import { type Context, damaged } from './context.ts';
import type { Layout } from './layout.ts';

export interface Chunk {
  readonly address: number;
  /** Size of the chunk as stored. */
  readonly bytes: number;
  /** Bit mask of the filters that were not applied. */
  readonly mask: number;
  /** Index of the first element of the chunk, along each axis. */
  readonly offset: readonly number[];
}

type Chunked = Extract<Layout, { kind: 'chunked' }>;

export interface ChunkSpace {
  readonly layout: Chunked;
  readonly shape: readonly number[];
  readonly maxShape: readonly (number | null)[];
  /** Size of a chunk without filters. */
  readonly chunkBytes: number;
  readonly hasFilters: boolean;
}

/** In the order of the index. */
export async function* readChunks(context: Context, space: ChunkSpace): AsyncGenerator<Chunk> {
  const { layout, shape, chunkBytes, hasFilters } = space;
  const { address, chunkShape, index } = layout;
  if (address === null) return;
  const rank = shape.length;
  switch (index.kind) {
    case 'btree1':
      for await (const { key, child } of walkVersion1(context, address, 1, 8 + 8 * (rank + 1), (cursor) => {
        const [bytes, mask] = [cursor.unsigned(4), cursor.unsigned(4)];
        const offset = Array.from({ length: rank }, () => cursor.unsigned(8));
        cursor.skip(8);
        return { bytes, mask, offset };
      })) {
        yield { ...key, address: child };
      }
      return;
    case 'single':
      yield { address, bytes: index.bytes ?? chunkBytes, mask: index.mask, offset: shape.map(() => 0) };
      return;
    case 'btree2':
      for await (const { type, record } of walkVersion2(context, address, [10, 11])) {
        const at = record.address();
        const sizeBytes = record.left() - 4 - 8 * rank;
        const [bytes, mask] = type === 11 ? [record.unsigned(sizeBytes), record.unsigned(4)] : [chunkBytes, 0];
        const offset = chunkShape.map((extent) => record.unsigned(8) * extent);
        if (at !== null) yield { address: at, bytes, mask, offset };
      }
      return;
    case 'implicit':
      for (let i = 0, count = countOf(space); i < count; i++)
        yield { address: address + i * chunkBytes, bytes: chunkBytes, mask: 0, offset: offsetOf(space, i) };
      return;
    default: {
      const walk = index.kind === 'fixed-array' ? walkFixedArray : walkExtensibleArray;
      for await (const element of walk(context, address, hasFilters)) yield* chunkOf(context, space, element);
    }
  }
}

function* chunkOf(
  context: Context,
  space: ChunkSpace,
  { position, address, bytes, mask }: ArrayElement,
): Generator<Chunk> {
  if (address === null) return;
  const offset = offsetOf(space, position);
  if (offset.some((start) => !Number.isFinite(start))) damaged(context, 'a chunk lies outside of its dataset');
  yield { address, bytes: bytes ?? space.chunkBytes, mask, offset };
}

/** Number of chunks along each axis, for the largest shape that the dataset may grow to; null along an unlimited axis. */
function grid({ layout: { chunkShape }, maxShape }: ChunkSpace): (number | null)[] {
  return maxShape.map((extent, axis) => (extent === null ? null : Math.ceil(extent / (chunkShape[axis] ?? 1))));
}

const countOf = (space: ChunkSpace) => grid(space).reduce((product: number, extent) => product * (extent ?? 0), 1);

/** Offset of the chunk at `position`, in row-major order of the grid; an unlimited axis counts as the first one. */
function offsetOf(space: ChunkSpace, position: number): number[] {
  const extents = grid(space);
  const open = extents.indexOf(null);
  const order = extents.map((_, axis) => axis);
  if (open > 0) order.unshift(...order.splice(open, 1));
  const offset = extents.map(() => 0);
  let rest = position;
  for (const axis of order.reverse()) {
    const extent = extents[axis];
    const step = space.layout.chunkShape[axis] ?? 1;
    if (extent === null || extent === undefined) {
      offset[axis] = rest * step;
      rest = 0;
    } else {
      offset[axis] = (rest % extent) * step;
      rest = Math.floor(rest / extent);
    }
  }
  return offset;
}
