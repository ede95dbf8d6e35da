/** Reads a zip file in one pass from start to end. Sizes are counted, not trusted; entries may not overlap. */
import { type ByteSource, limit, malformed, type Origin, readBytes, skip } from './byte-source.ts';
import { crc32 } from './crc32.ts';
import type { FileSource } from './file-source.ts';
import { inflateRaw } from './inflate.ts';
import { readDirectory, type ZipEntry } from './zip-directory.ts';

export type { ZipEntry };

/** True for the first bytes of a zip file, an empty one included. */
export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

export interface ZipReading {
  readonly maxBytes: number;
  /** Selects the entries to be read; the others are skipped. */
  choose(entries: readonly ZipEntry[]): readonly ZipEntry[];
  /** Reads one entry completely. Called in the order of the file. */
  visit(entry: ZipEntry, content: ByteSource): Promise<void>;
}

/** Reads the selected entries. Throws the origin's code for damaged or inconsistent files; DATASET_TOO_LARGE beyond `maxBytes` in one entry. */
export async function readZip(file: FileSource, reading: ZipReading, origin: Origin): Promise<void> {
  const chosen = new Set(reading.choose(await readDirectory(file, origin)));
  const entries = [...chosen].sort((a, b) => a.offset - b.offset);
  for (const entry of entries) {
    await goToData(file, entry, origin);
    await visitEntry(file, entry, reading, origin);
  }
}

/** Moves to the first byte of the entry's data. The sizes in the local header may be absent, so that only its length fields are used. */
async function goToData(file: FileSource, entry: ZipEntry, origin: Origin): Promise<void> {
  const name = JSON.stringify(entry.name);
  if (entry.offset < file.position()) malformed(origin, `entry ${name} overlaps the one before it`);
  await skip(file, entry.offset - file.position());
  const header = await readBytes(file, 30, `the header of entry ${name}`, origin);
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) !== 0x04034b50) malformed(origin, `entry ${name} has no header at byte ${entry.offset}`);
  await skip(file, view.getUint16(26, true) + view.getUint16(28, true));
  if (entry.compressedSize > file.bound())
    malformed(origin, `truncated: entry ${name} reaches beyond the end of the file`);
}

async function visitEntry(file: FileSource, entry: ZipEntry, reading: ZipReading, origin: Origin): Promise<void> {
  const name = JSON.stringify(entry.name);
  const packed = limit(file, entry.compressedSize);
  const content = entry.deflated ? inflateRaw(packed, reading.maxBytes, origin) : packed;
  const checked = checksummed(content);
  try {
    await reading.visit(entry, checked.source);
    // A deflate stream of an empty entry still has an end marker, which `visit` has not read.
    await checked.source.pull(new Uint8Array(1));
  } finally {
    await content.close();
  }
  if (packed.left() > 0) malformed(origin, `entry ${name} holds bytes behind its content`);
  if (checked.length() !== entry.size) {
    malformed(origin, `entry ${name} promises ${entry.size} bytes and holds ${checked.length()}`);
  }
  if (checked.crc32() !== entry.crc32) malformed(origin, `entry ${name} is damaged: its checksum does not match`);
}

function checksummed(content: ByteSource): { source: ByteSource; crc32(): number; length(): number } {
  let checksum = 0;
  let length = 0;
  const source: ByteSource = {
    ...content,
    async pull(target) {
      const pulled = await content.pull(target);
      checksum = crc32(target.subarray(0, pulled), checksum);
      length += pulled;
      return pulled;
    },
  };
  return { source, crc32: () => checksum, length: () => length };
}
