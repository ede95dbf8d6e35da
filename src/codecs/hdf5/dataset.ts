/** Reads the elements of a dataset. Sizes are checked before memory is allocated, and whatever cannot be read exactly is refused. */
import { AppError } from '../../errors.ts';
import { sizeOf } from '../../ndarray.ts';
import { malformed, memorySource, type Origin } from '../byte-source.ts';
import { arrays, type Elements, type ElementType, elementTypes, readElements, storedBytes } from '../elements.ts';
import { type Chunk, readChunks } from './chunks.ts';
import type { Context } from './context.ts';
import { type Hdf5Type, parseDataspace, parseDatatype } from './datatype.ts';
import { type Filter, parseFilters, undoFilters, unknownFilters } from './filters.ts';
import { createGlobalHeap } from './heaps.ts';
import { type Layout, parseLayout } from './layout.ts';
import { findMessage, type Message, messageTypes } from './object-header.ts';
import { readTexts } from './texts.ts';

export interface DatasetHeader {
  readonly type: Hdf5Type;
  readonly shape: readonly number[];
  readonly maxShape: readonly (number | null)[];
  readonly filters: readonly Filter[];
  readonly layout: Layout;
  /** The bytes of elements that were not written; null for zeros. */
  readonly fill: Uint8Array | null;
}

/** Null when the object is not a dataset. Throws the origin's code, with the name of the dataset, for data in other files. */
export async function readDatasetHeader(context: Context, messages: readonly Message[]): Promise<DatasetHeader | null> {
  const find = (type: number) => findMessage(context, messages, type);
  const [space, type, layout] = [
    await find(messageTypes.dataspace),
    await find(messageTypes.datatype),
    await find(messageTypes.layout),
  ];
  if (space === null || type === null || layout === null) return null;
  if (messages.some((message) => message.type === messageTypes.external))
    malformed(
      context.origin,
      'keeps its data in another file (external storage), which is never followed; store the data itself',
    );
  const { shape, maxShape } = parseDataspace(space, context);
  if (shape === null) malformed(context.origin, 'is a dataset without elements');
  const filters = await find(messageTypes.filters);
  return {
    type: parseDatatype(type, context),
    shape,
    maxShape,
    filters: filters === null ? [] : parseFilters(filters),
    layout: parseLayout(layout, shape.length, context),
    fill: await fillOf(context, messages),
  };
}

async function fillOf(context: Context, messages: readonly Message[]): Promise<Uint8Array | null> {
  const cursor = await findMessage(context, messages, messageTypes.fill);
  if (cursor === null) return null;
  const version = cursor.version(1, 2, 3);
  if (version === 3) return cursor.unsigned(1) & 0x20 ? cursor.take(cursor.unsigned(4)) : null;
  cursor.skip(2);
  const isDefined = cursor.unsigned(1) === 1;
  if (version === 2 && !isDefined) return null;
  const size = cursor.left() >= 4 ? cursor.unsigned(4) : 0;
  return isDefined && size > 0 && size <= cursor.left() ? cursor.take(size) : null;
}

interface Store {
  /** Stores `data`, the elements of a box of shape `box` at `offset`, into the array. */
  put(data: Uint8Array, offset: readonly number[], box: readonly number[]): Promise<void>;
}

/**
 * All numbers, row-major. Integers wider than 32 bits are stored as int32 if they fit; float16 and float64 become float32.
 *
 * @throws the origin's code; DATASET_TOO_LARGE beyond `maxBytes` of memory, before the allocation
 */
export async function readNumbers(context: Context, header: DatasetHeader, maxBytes: number): Promise<Elements> {
  const { type, shape, fill } = header;
  if (type.kind !== 'number') return malformed(context.origin, `holds ${wordsFor(type)}, not numbers`);
  const element: ElementType = elementTypes[type.code];
  const count = sizeOf(shape);
  checkSize(storedBytes(element, count), shape, maxBytes, context.origin);
  const decode = (bytes: Uint8Array, length: number) =>
    readElements(memorySource(bytes), element, type.littleEndian, length, context.origin);
  const result: Elements = new arrays[element.storage](count);
  if (fill?.some((byte) => byte !== 0)) result.fill((await decode(fill, 1))[0] ?? 0);
  await visitData(context, header, {
    async put(data, offset, box) {
      const part = await decode(data, sizeOf(box));
      copyBox(box, offset, shape, 1, (from, to, length) => result.set(part.subarray(from, from + length), to));
    },
  });
  return result;
}

/** All texts, row-major. Throws the errors of `readNumbers`. */
export async function readStrings(context: Context, header: DatasetHeader, maxBytes: number): Promise<string[]> {
  const { type, shape } = header;
  if (type.kind !== 'string' && type.kind !== 'fixed-string')
    return malformed(context.origin, `holds ${wordsFor(type)}, not text`);
  const size = sizeOf(shape) * type.bytes;
  checkSize(size, shape, maxBytes, context.origin);
  const whole = new Uint8Array(size);
  await visitData(context, header, {
    async put(data, offset, box) {
      copyBox(box, offset, shape, type.bytes, (from, to, length) => whole.set(data.subarray(from, from + length), to));
    },
  });
  return readTexts(whole, type, context, createGlobalHeap(context));
}

const wordsFor = (type: Hdf5Type) => (type.kind === 'other' ? type.name : type.kind === 'number' ? 'numbers' : 'text');

function checkSize(bytes: number, shape: readonly number[], maxBytes: number, origin: Origin): void {
  if (bytes <= maxBytes) return;
  throw new AppError(
    'DATASET_TOO_LARGE',
    `${origin.name}: an array of shape [${shape}] takes ${bytes} bytes in memory, more than the limit leaves (${maxBytes})`,
  );
}

/** Bytes of a contiguous dataset that are read at once: little memory compared with the array. */
const pieceBytes = 2 ** 22;

async function visitData(context: Context, header: DatasetHeader, store: Store): Promise<void> {
  const { layout, shape, type, filters } = header;
  const count = sizeOf(shape);
  if (count === 0) return;
  if (layout.kind === 'compact') {
    if (layout.data.byteLength < count * type.bytes) malformed(context.origin, 'is shorter than its shape');
    return store.put(
      layout.data.subarray(0, count * type.bytes),
      shape.map(() => 0),
      shape,
    );
  }
  if (layout.kind === 'contiguous') return visitContiguous(context, header, layout.address, store);
  const unknown = unknownFilters(filters);
  if (unknown.length > 0)
    malformed(
      context.origin,
      `is stored with the filter ${unknown.map(({ name }) => name).join(', ')}, which is not read; write it with compression="gzip" or none`,
    );
  const chunkBytes = sizeOf(layout.chunkShape) * type.bytes;
  const space = { layout, shape, maxShape: header.maxShape, chunkBytes, hasFilters: filters.length > 0 };
  for await (const chunk of readChunks(context, space))
    await visitChunk(context, header, chunk, layout.chunkShape, store);
}

async function visitContiguous(
  context: Context,
  { shape, type }: DatasetHeader,
  address: number | null,
  store: Store,
): Promise<void> {
  if (address === null) return;
  const [rows = 1, ...rest] = shape;
  const rowBytes = sizeOf(rest) * type.bytes;
  const rowsPerPiece = Math.max(1, Math.floor(pieceBytes / rowBytes));
  // Reading zero bytes at the end position fails for a truncated file, before memory is allocated for the first chunk.
  await context.read(address + rows * rowBytes, 0, 'the data of the array');
  for (let row = 0; row < rows; row += rowsPerPiece) {
    const count = Math.min(rowsPerPiece, rows - row);
    const { bytes } = await context.read(address + row * rowBytes, count * rowBytes, 'the data of the array');
    await store.put(
      bytes,
      shape.length === 0 ? [] : [row, ...rest.map(() => 0)],
      shape.length === 0 ? [] : [count, ...rest],
    );
  }
}

async function visitChunk(
  context: Context,
  { filters, type, shape }: DatasetHeader,
  chunk: Chunk,
  box: readonly number[],
  store: Store,
): Promise<void> {
  // After a dataset was shrunk, chunks beyond its shape stay in the index.
  if (chunk.offset.some((start, axis) => start >= (shape[axis] ?? 0))) return;
  const length = sizeOf(box) * type.bytes;
  const { bytes } = await context.read(chunk.address, chunk.bytes, 'a chunk');
  await store.put(await undoFilters(bytes, filters, chunk.mask, length, context), chunk.offset, box);
}

/** Calls `copy` for every contiguous run of elements of a box that lies inside `shape`, with source, target and length in multiples of `unit`. */
function copyBox(
  box: readonly number[],
  offset: readonly number[],
  shape: readonly number[],
  unit: number,
  copy: (from: number, to: number, length: number) => void,
): void {
  const inside = box.map((extent, axis) => Math.min(extent, (shape[axis] ?? 0) - (offset[axis] ?? 0)));
  const last = box.length - 1;
  const visit = (axis: number, from: number, to: number) => {
    if (axis >= last) {
      copy(
        from * (box[last] ?? 1) * unit,
        (to * (shape[last] ?? 1) + (offset[last] ?? 0)) * unit,
        (inside[last] ?? 1) * unit,
      );
      return;
    }
    for (let i = 0; i < (inside[axis] ?? 0); i++)
      visit(axis + 1, from * (box[axis] ?? 1) + i, to * (shape[axis] ?? 1) + (offset[axis] ?? 0) + i);
  };
  visit(0, 0, 0);
}
