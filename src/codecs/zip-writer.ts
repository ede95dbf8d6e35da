/**
 * Writes zip files without compression, as `numpy.savez` does. Every date is 1980-01-01, so that equal content gives equal bytes. Sizes and positions
 * beyond 4 GiB, and more than 65,534 entries, are written as zip64.
 *
 * Format: PKWARE APPNOTE 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3.
 */
import { crc32 } from './crc32.ts';

export interface ZipContent {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

/** The values of 32-bit and 16-bit fields that refer to the zip64 record. */
const [wide32, wide16] = [0xffffffff, 0xffff];
/** 1980-01-01 00:00:00, the earliest date of the format. */
const date = (1 << 5) | 1;
const utf8Names = 1 << 11;
const [version, version64] = [20, 45];

interface Written {
  readonly name: Uint8Array;
  readonly size: number;
  readonly checksum: number;
  readonly offset: number;
}

/** The file as chunks; the memory of the contents is not copied. */
export function* encodeZip(contents: readonly ZipContent[]): Generator<Uint8Array> {
  const entries: Written[] = [];
  let offset = 0;
  for (const { name, chunks } of contents) {
    const entry: Written = {
      name: new TextEncoder().encode(name),
      size: chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
      checksum: chunks.reduce((before, chunk) => crc32(chunk, before), 0),
      offset,
    };
    entries.push(entry);
    const local = encodeLocal(entry);
    yield local;
    yield* chunks;
    offset += local.byteLength + entry.size;
  }
  const directory = entries.map(encodeEntry);
  const size = directory.reduce((sum, { byteLength }) => sum + byteLength, 0);
  yield* directory;
  yield* encodeEnd(entries.length, size, offset);
}

function encodeLocal({ name, size, checksum }: Written): Uint8Array {
  // A local header in zip64 form must contain both sizes.
  const extra = size >= wide32 ? extra64([size, size]) : new Uint8Array(0);
  const [bytes, view] = block(0x04034b50, 30, name, extra);
  describe(view, 4, { name, size, checksum }, extra.byteLength);
  return bytes;
}

function encodeEntry({ name, size, checksum, offset }: Written): Uint8Array {
  const large = [...(size >= wide32 ? [size, size] : []), ...(offset >= wide32 ? [offset] : [])];
  const extra = large.length > 0 ? extra64(large) : new Uint8Array(0);
  const [bytes, view] = block(0x02014b50, 46, name, extra);
  view.setUint16(4, version, true);
  describe(view, 6, { name, size, checksum }, extra.byteLength);
  view.setUint32(42, Math.min(offset, wide32), true);
  return bytes;
}

function* encodeEnd(count: number, size: number, offset: number): Generator<Uint8Array> {
  if (count >= wide16 || size >= wide32 || offset >= wide32) {
    const [record, view] = block(0x06064b50, 56);
    setWide(view, 4, 44);
    view.setUint16(12, version64, true);
    view.setUint16(14, version64, true);
    for (const [at, value] of [count, count, size, offset].entries()) setWide(view, 24 + 8 * at, value);
    yield record;
    const [locator, place] = block(0x07064b50, 20);
    setWide(place, 8, offset + size);
    place.setUint32(16, 1, true);
    yield locator;
  }
  const [end, view] = block(0x06054b50, 22);
  view.setUint16(8, Math.min(count, wide16), true);
  view.setUint16(10, Math.min(count, wide16), true);
  view.setUint32(12, Math.min(size, wide32), true);
  view.setUint32(16, Math.min(offset, wide32), true);
  yield end;
}

/** A record of `length` bytes that begins with its signature, followed by `parts`. */
function block(signature: number, length: number, ...parts: readonly Uint8Array[]): [Uint8Array, DataView] {
  const bytes = new Uint8Array(length + parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  let at = length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return [bytes, view];
}

/** The zip64 extra field: those of size, compressed size and offset that exceed 32 bits, in this order. */
function extra64(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 8 * values.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 1, true);
  view.setUint16(2, 8 * values.length, true);
  for (const [at, value] of values.entries()) setWide(view, 4 + 8 * at, value);
  return bytes;
}

/** Writes the fields that local headers and directory entries share: version, flags, method, time, date, checksum, sizes, lengths of name and extra field. */
function describe(view: DataView, at: number, entry: Omit<Written, 'offset'>, extraBytes: number): void {
  view.setUint16(at, extraBytes > 0 ? version64 : version, true);
  view.setUint16(at + 2, utf8Names, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, entry.checksum, true);
  view.setUint32(at + 14, Math.min(entry.size, wide32), true);
  view.setUint32(at + 18, Math.min(entry.size, wide32), true);
  view.setUint16(at + 22, entry.name.byteLength, true);
  view.setUint16(at + 24, extraBytes, true);
}

const setWide = (view: DataView, at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
