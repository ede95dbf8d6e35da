/**
 * Chunk indexes that are arrays: fixed arrays (datasets that cannot grow) and extensible arrays (datasets that grow along one axis).
 *
 * Format: HDF5 File Format Specification 3.0, VII.C "Fixed Array Index", VII.D "Extensible Array Index".
 */
import { type Context, type Cursor, damaged, maxMetadataBytes } from './context.ts';

export interface ArrayElement {
  /** Number of the chunk. */
  readonly position: number;
  /** Null for a chunk that was not written. */
  readonly address: number | null;
  /** Size of the chunk as stored; null where chunks have no filters. */
  readonly bytes: number | null;
  readonly mask: number;
}

interface Elements {
  readonly bytes: number;
  parse(cursor: Cursor, position: number): ArrayElement;
}

function elementsOf(context: Context, bytes: number, hasFilters: boolean): Elements {
  const sizeBytes = bytes - context.offsetBytes - 4;
  if (bytes !== context.offsetBytes && (!hasFilters || sizeBytes < 1 || sizeBytes > 8))
    damaged(context, 'an index of chunks has odd elements');
  return {
    bytes,
    parse: (cursor, position) => {
      const address = cursor.address();
      if (bytes === context.offsetBytes) return { position, address, bytes: null, mask: 0 };
      return { position, address, bytes: cursor.unsigned(sizeBytes), mask: cursor.unsigned(4) };
    },
  };
}

const checksumBytes = 4;

/** The elements of the fixed array whose header is at `address`, in order. Throws the origin's code. */
export async function* walkFixedArray(
  context: Context,
  address: number,
  hasFilters: boolean,
): AsyncGenerator<ArrayElement> {
  const head = await context.read(address, 8 + context.lengthBytes + context.offsetBytes, 'an index of chunks');
  head.expect('FAHD');
  head.version(0);
  head.skip(1);
  const elements = elementsOf(context, head.unsigned(1), hasFilters);
  const pageBits = head.unsigned(1);
  const count = head.length();
  const block = head.address();
  if (block === null) return;
  const prefixBytes = 6 + context.offsetBytes;
  (await context.read(block, 4, 'an index of chunks')).expect('FADB');
  yield* walkBlock(context, {
    start: block + prefixBytes,
    first: 0,
    count,
    perPage: 2 ** pageBits,
    elements,
    hasBitmap: true,
  });
}

interface Block {
  /** Address after the prefix of the block. */
  readonly start: number;
  /** Number of the first chunk of the block. */
  readonly first: number;
  readonly count: number;
  /** Number of elements per page; larger blocks are divided into pages. */
  readonly perPage: number;
  readonly elements: Elements;
  /** True when the pages are preceded by a bitmap of the pages that were written. */
  readonly hasBitmap: boolean;
}

/** The elements of a block. The bytes of pages that were not written are undefined; the bitmap marks the written pages. */
async function* walkBlock(
  context: Context,
  { start, first, count, perPage, elements, hasBitmap }: Block,
  written?: (page: number) => boolean,
): AsyncGenerator<ArrayElement> {
  if (count * elements.bytes > Math.min(context.size, maxMetadataBytes))
    damaged(context, `an index of ${count} chunks`);
  if (count <= perPage) {
    const cursor = await context.read(start, count * elements.bytes, 'an index of chunks');
    for (let i = 0; i < count; i++) yield elements.parse(cursor, first + i);
    return;
  }
  const pages = Math.ceil(count / perPage);
  const bitmapBytes = hasBitmap ? Math.ceil(pages / 8) : 0;
  const bitmap = (await context.read(start, bitmapBytes, 'an index of chunks')).bytes;
  const isWritten = written ?? ((page: number) => (((bitmap[page >> 3] ?? 0) >> (7 - (page & 7))) & 1) === 1);
  let at = start + bitmapBytes + checksumBytes;
  for (let page = 0; page < pages; page++) {
    const inPage = Math.min(perPage, count - page * perPage);
    if (isWritten(page)) {
      const cursor = await context.read(at, inPage * elements.bytes, 'an index of chunks');
      for (let i = 0; i < inPage; i++) yield elements.parse(cursor, first + page * perPage + i);
    }
    at += inPage * elements.bytes + checksumBytes;
  }
}

interface Extensible {
  readonly context: Context;
  readonly elements: Elements;
  readonly minBlock: number;
  readonly perPage: number;
  readonly offsetBytes: number;
}

/** The elements of the extensible array whose header is at `address`, in order. Throws the origin's code. */
export async function* walkExtensibleArray(
  context: Context,
  address: number,
  hasFilters: boolean,
): AsyncGenerator<ArrayElement> {
  const head = await context.read(address, 12 + 6 * context.lengthBytes + context.offsetBytes, 'an index of chunks');
  head.expect('EAHD');
  head.version(0);
  head.skip(1);
  const elements = elementsOf(context, head.unsigned(1), hasFilters);
  const [maxBits, inIndex, minBlock, minPointers, pageBits] = [1, 1, 1, 1, 1].map(() => head.unsigned(1)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  head.skip(6 * context.lengthBytes);
  const index = head.address();
  if (index === null) return;
  if (minBlock === 0 || minPointers === 0 || maxBits > 64) damaged(context, 'an index of chunks has a wrong header');
  const array: Extensible = {
    context,
    elements,
    minBlock,
    perPage: 2 ** pageBits,
    offsetBytes: Math.ceil(maxBits / 8),
  };
  const superBlocks = 1 + maxBits - Math.log2(minBlock);
  const directSupers = 2 * Math.log2(minPointers);
  const directBlocks = 2 * (minPointers - 1);
  const prefixBytes = 6 + context.offsetBytes;
  const pointers = directBlocks + Math.max(0, superBlocks - directSupers);
  const cursor = await context.read(
    index,
    prefixBytes + inIndex * elements.bytes + pointers * context.offsetBytes,
    'an index of chunks',
  );
  cursor.expect('EAIB');
  cursor.skip(prefixBytes - 4);
  for (let i = 0; i < inIndex; i++) yield elements.parse(cursor, i);
  let first = inIndex;
  for (let level = 0; level < superBlocks; level++) {
    const blocks = 2 ** Math.floor(level / 2);
    const perBlock = 2 ** Math.floor((level + 1) / 2) * minBlock;
    if (level < directSupers) {
      for (let i = 0; i < blocks; i++, first += perBlock) {
        const block = cursor.address();
        if (block !== null) yield* walkDataBlock(array, block, first, perBlock);
      }
      continue;
    }
    const superBlock = cursor.address();
    if (superBlock !== null) yield* walkSuperBlock(array, superBlock, first, blocks, perBlock);
    first += blocks * perBlock;
  }
}

async function* walkSuperBlock(
  array: Extensible,
  address: number,
  first: number,
  blocks: number,
  perBlock: number,
): AsyncGenerator<ArrayElement> {
  const { context } = array;
  const prefixBytes = 6 + context.offsetBytes + array.offsetBytes;
  const pages = perBlock > array.perPage ? perBlock / array.perPage : 0;
  const bitmapBytes = Math.ceil(pages / 8);
  const total = prefixBytes + blocks * (bitmapBytes + context.offsetBytes);
  if (total > maxMetadataBytes) damaged(context, 'an index of chunks is too large');
  const cursor = await context.read(address, total, 'an index of chunks');
  cursor.expect('EASB');
  cursor.skip(prefixBytes - 4);
  const bitmaps = Array.from({ length: blocks }, () => cursor.take(bitmapBytes));
  for (let i = 0; i < blocks; i++) {
    const block = cursor.address();
    const bitmap = bitmaps[i] ?? new Uint8Array(0);
    const isWritten = (page: number) => (((bitmap[page >> 3] ?? 0) >> (7 - (page & 7))) & 1) === 1;
    if (block !== null) yield* walkDataBlock(array, block, first + i * perBlock, perBlock, isWritten);
  }
}

async function* walkDataBlock(
  { context, elements, perPage, offsetBytes }: Extensible,
  address: number,
  first: number,
  count: number,
  isWritten?: (page: number) => boolean,
): AsyncGenerator<ArrayElement> {
  (await context.read(address, 4, 'an index of chunks')).expect('EADB');
  const start = address + 6 + context.offsetBytes + offsetBytes;
  yield* walkBlock(context, { start, first, count, perPage, elements, hasBitmap: false }, isWritten);
}
