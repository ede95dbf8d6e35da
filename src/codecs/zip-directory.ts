/**
 * The central directory of a zip file, with the zip64 records that numpy writes.
 *
 * Format: PKWARE APPNOTE 6.3.10, sections 4.3.12 to 4.3.16 and 4.5.3.
 */
import { malformed, type Origin } from './byte-source.ts';
import type { FileSource } from './file-source.ts';

export interface ZipEntry {
  readonly name: string;
  readonly compressedSize: number;
  /** As the directory promises; counted while reading. */
  readonly size: number;
  readonly crc32: number;
  readonly deflated: boolean;
  /** Position of its local header. */
  readonly offset: number;
}

const endBytes = 22;
const maxCommentBytes = 0xffff;
const locatorBytes = 20;
const maxDirectoryBytes = 2 ** 24;
const signatures = { entry: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;

interface Extent {
  entries: number;
  offset: number;
  size: number;
}

/** All entries in the order of their data. Throws the origin's code when the directory is damaged, or an entry encrypted or oddly compressed. */
export async function readDirectory(file: FileSource, origin: Origin): Promise<ZipEntry[]> {
  const { entries: count, offset, size } = await findDirectory(file, origin);
  if (size > maxDirectoryBytes || offset + size > file.size) {
    malformed(origin, `the zip directory (${size} bytes at ${offset}) does not lie in the file of ${file.size} bytes`);
  }
  const bytes = await file.readAt(offset, size);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, length } = parseEntry(bytes.subarray(at), origin);
    entries.push(entry);
    at += length;
  }
  const names = new Set(entries.map(({ name }) => name));
  if (names.size < entries.length) malformed(origin, 'the zip directory names an entry twice');
  return entries.sort((a, b) => a.offset - b.offset);
}

async function findDirectory(file: FileSource, origin: Origin): Promise<Extent> {
  const length = Math.min(file.size, endBytes + maxCommentBytes);
  const tailStart = file.size - length;
  const tail = await file.readAt(tailStart, length);
  const view = viewOf(tail);
  for (let at = length - endBytes; at >= 0; at--) {
    if (view.getUint32(at, true) !== signatures.end || view.getUint16(at + 20, true) !== length - at - endBytes)
      continue;
    const extent = {
      entries: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const needs64 = extent.entries === 0xffff || extent.size === 0xffffffff || extent.offset === 0xffffffff;
    return needs64 ? findDirectory64(file, tailStart + at, origin) : extent;
  }
  return malformed(origin, 'truncated: the directory at the end of the zip file is missing');
}

async function findDirectory64(file: FileSource, endPosition: number, origin: Origin): Promise<Extent> {
  const start = endPosition - locatorBytes;
  if (start < 0) malformed(origin, 'the zip64 locator is missing');
  const locator = viewOf(await file.readAt(start, locatorBytes));
  if (locator.getUint32(0, true) !== signatures.locator64) malformed(origin, 'the zip64 locator is missing');
  const position = toNumber(locator.getBigUint64(8, true));
  if (position + 56 > file.size) malformed(origin, 'the zip64 directory record lies outside the file');
  const end = viewOf(await file.readAt(position, 56));
  if (end.getUint32(0, true) !== signatures.end64) malformed(origin, 'the zip64 directory record is missing');
  const [entries, size, offset] = [32, 40, 48].map((at) => toNumber(end.getBigUint64(at, true)));
  return { entries: entries ?? 0, size: size ?? 0, offset: offset ?? 0 };
}

function parseEntry(bytes: Uint8Array, origin: Origin): { entry: ZipEntry; length: number } {
  const view = viewOf(bytes);
  if (bytes.byteLength < 46 || view.getUint32(0, true) !== signatures.entry) {
    malformed(origin, 'the zip directory is damaged or lists more entries than it holds');
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => view.getUint16(at, true)) as [
    number,
    number,
    number,
  ];
  const length = 46 + nameLength + extraLength + commentLength;
  if (length > bytes.byteLength) malformed(origin, 'the zip directory is truncated');
  const name = new TextDecoder().decode(bytes.subarray(46, 46 + nameLength));
  const method = view.getUint16(10, true);
  if (view.getUint16(8, true) & 1) malformed(origin, `entry ${JSON.stringify(name)} is encrypted`);
  const isUnix = view.getUint8(5) === 3;
  if (isUnix && (view.getUint16(40, true) & 0xf000) === 0xa000)
    malformed(origin, `entry ${JSON.stringify(name)} is a link; links are refused, pack the files themselves`);
  if (method !== 0 && method !== 8) {
    malformed(origin, `entry ${JSON.stringify(name)} uses zip method ${method}; stored and deflated are read`);
  }
  const extra = bytes.subarray(46 + nameLength, 46 + nameLength + extraLength);
  const wide = [view.getUint32(24, true), view.getUint32(20, true), view.getUint32(42, true)] as const;
  const [size, compressedSize, offset] = resolve64(wide, extra, name, origin);
  const entry = { name, compressedSize, size, crc32: view.getUint32(16, true), deflated: method === 8, offset };
  if (!entry.deflated && compressedSize !== size)
    malformed(origin, `stored entry ${JSON.stringify(name)} has two sizes`);
  return { entry, length };
}

/** Fields that read 0xFFFFFFFF stand, in this order, in the zip64 extra field (id 1). */
function resolve64(
  fields: readonly [number, number, number],
  extra: Uint8Array,
  name: string,
  origin: Origin,
): [number, number, number] {
  const view = viewOf(extra);
  let at = 0;
  while (at + 4 <= extra.byteLength && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  at += 4;
  return fields.map((field) => {
    if (field !== 0xffffffff) return field;
    if (at + 8 > extra.byteLength) malformed(origin, `entry ${JSON.stringify(name)} lacks its zip64 sizes`);
    at += 8;
    return toNumber(view.getBigUint64(at - 8, true));
  }) as [number, number, number];
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Above 2^53 a size or offset lies outside every file anyway. */
const toNumber = (value: bigint) => Number(value);
