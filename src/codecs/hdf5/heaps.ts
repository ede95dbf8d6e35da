/**
 * The heaps: local (names in old groups), global (text and lists of variable length), fractal (links and attributes in newer files).
 *
 * Format: HDF5 File Format Specification 3.0, III.D "Local Heap", III.E "Global Heap", III.G "Fractal Heap".
 */
import { type Context, type Cursor, createCursor, damaged, maxMetadataBytes, unsupported } from './context.ts';

/** Reads the data segment of a local heap; the result returns the name at an offset. */
export async function readLocalHeap(context: Context, address: number): Promise<(offset: number) => string> {
  const head = await context.read(address, 8 + 2 * context.lengthBytes + context.offsetBytes, 'a local heap');
  head.expect('HEAP');
  head.version(0);
  head.skip(3);
  const size = head.length();
  head.length();
  if (size > maxMetadataBytes) damaged(context, `a local heap of ${size} bytes`);
  const data = await context.read(head.address() ?? damaged(context, 'a local heap has no data'), size, 'a local heap');
  return (offset) => createCursor(data.bytes.subarray(offset), context, 'a local heap').text();
}

export interface GlobalHeap {
  /** The object of a reference, which is a length, the address of a collection and an index. Empty for a null reference. */
  object(length: number, address: number | null, index: number): Promise<Uint8Array>;
}

/** Collections are cached, because consecutive elements usually lie in the same one. */
export function createGlobalHeap(context: Context): GlobalHeap {
  let last: { address: number; objects: Map<number, Uint8Array> } | null = null;
  return {
    async object(length, address, index) {
      if (length === 0 || address === null || address === 0) return new Uint8Array(0);
      if (last?.address !== address) last = { address, objects: await readCollection(context, address) };
      const bytes = last.objects.get(index);
      if (bytes === undefined || bytes.byteLength < length)
        return damaged(context, 'text leads to nothing in the heap');
      return bytes.subarray(0, length);
    },
  };
}

async function readCollection(context: Context, address: number): Promise<Map<number, Uint8Array>> {
  const headBytes = 8 + context.lengthBytes;
  const head = await context.read(address, headBytes, 'a global heap');
  head.expect('GCOL');
  head.version(1);
  head.skip(3);
  const size = head.length();
  if (size < headBytes || size > maxMetadataBytes) damaged(context, `a global heap of ${size} bytes`);
  const body = await context.read(address + headBytes, size - headBytes, 'a global heap');
  const objects = new Map<number, Uint8Array>();
  while (body.left() >= 8 + context.lengthBytes) {
    const index = body.unsigned(2);
    body.skip(6);
    const length = body.length();
    if (index === 0) break;
    objects.set(index, body.take(length));
    body.skip(Math.min(body.left(), (8 - (length % 8)) % 8));
  }
  return objects;
}

interface FractalHeap {
  readonly context: Context;
  readonly flags: number;
  /** Bytes of an offset within the heap, and of the length of an object. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly width: number;
  readonly startBytes: number;
  readonly maxDirectBytes: number;
  readonly root: number;
  /** Number of rows of the root block; 0 when the root is a data block. */
  readonly rootRows: number;
}

export interface ObjectHeap {
  /** The object with this id, in the form in which B-trees store ids. */
  object(id: Cursor): Promise<Uint8Array>;
}

/** Opens the fractal heap whose header is at `address`. Throws the origin's code, also for heaps with filters. */
export async function openFractalHeap(context: Context, address: number): Promise<ObjectHeap> {
  const head = await context.read(address, 22 + 12 * context.lengthBytes + 3 * context.offsetBytes, 'a fractal heap');
  head.expect('FRHP');
  head.version(0);
  head.skip(2);
  const filterBytes = head.unsigned(2);
  if (filterBytes > 0) unsupported(context, 'has compressed lists of links or attributes, which are not read');
  const flags = head.unsigned(1);
  const maxObjectBytes = head.unsigned(4);
  head.skip(10 * context.lengthBytes + 2 * context.offsetBytes);
  const width = head.unsigned(2);
  const startBytes = head.length();
  const maxDirectBytes = head.length();
  const maxHeapBits = head.unsigned(2);
  head.skip(2);
  const root = head.address();
  const rootRows = head.unsigned(2);
  if (
    width === 0 ||
    startBytes === 0 ||
    maxDirectBytes < startBytes ||
    maxDirectBytes > maxMetadataBytes ||
    rootRows > 64
  )
    damaged(context, 'a fractal heap has a wrong header');
  const heap = (found: number): FractalHeap => ({
    context,
    flags,
    offsetBytes: Math.ceil(maxHeapBits / 8),
    lengthBytes: Math.ceil(Math.log2(Math.min(maxDirectBytes, maxObjectBytes) + 1) / 8),
    width,
    startBytes,
    maxDirectBytes,
    root: found,
    rootRows,
  });
  return {
    async object(id) {
      const kind = (id.unsigned(1) >> 4) & 3;
      if (kind === 2) return readTiny(id, context);
      if (kind !== 0)
        return unsupported(context, 'has a link or an attribute beyond the size of its heap, which is not read');
      return readManaged(heap(root ?? damaged(context, 'a fractal heap is empty')), id);
    },
  };
}

/** Objects of up to 16 bytes are stored in the id itself; the length minus one is in its first byte. */
function readTiny(id: Cursor, context: Context): Uint8Array {
  const length = ((id.bytes[id.at() - 1] ?? 0) & 15) + 1;
  if (length > id.left()) unsupported(context, 'has an extended tiny object in a heap, which is not read');
  return id.take(length);
}

async function readManaged(heap: FractalHeap, id: Cursor): Promise<Uint8Array> {
  const offset = id.unsigned(heap.offsetBytes);
  const length = id.unsigned(heap.lengthBytes);
  if (heap.rootRows === 0) return readDirect(heap, heap.root, offset, length);
  return readIndirect(heap, heap.root, heap.rootRows, offset, length);
}

async function readDirect(
  { context }: FractalHeap,
  address: number,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  (await context.read(address, 4, 'a heap block')).expect('FHDB');
  return (await context.read(address + offset, length, 'an object of a heap')).bytes;
}

/** Size of the blocks of a row: the starting size in the first two rows, and twice that of the previous row in each further one. */
const rowBytes = ({ startBytes }: FractalHeap, row: number) => startBytes * 2 ** Math.max(0, row - 1);

async function readIndirect(
  heap: FractalHeap,
  address: number,
  rows: number,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const { context, width } = heap;
  const headBytes = 5 + context.offsetBytes + heap.offsetBytes;
  const block = await context.read(address, headBytes + rows * width * context.offsetBytes, 'a heap block');
  block.expect('FHIB');
  block.skip(headBytes - 4);
  let start = 0;
  for (let row = 0; row < rows; row++) {
    const bytes = rowBytes(heap, row);
    for (let column = 0; column < width; column++, start += bytes) {
      const child = block.address();
      if (offset >= start + bytes) continue;
      if (child === null) return damaged(context, 'an object of a heap lies in no block');
      if (bytes <= heap.maxDirectBytes) return readDirect(heap, child, offset - start, length);
      const childRows = Math.log2(bytes / (heap.startBytes * width)) + 1;
      return readIndirect(heap, child, childRows, offset - start, length);
    }
  }
  return damaged(context, 'an object of a heap lies beyond its blocks');
}
