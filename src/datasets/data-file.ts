/** Opens one file of a dataset: decompressed if it is gzip, hashed while it is read, closed whatever happens. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { type ByteSource, type Origin, skip } from '../codecs/byte-source.ts';
import { type FileSource, openFileSource } from '../codecs/file-source.ts';
import { gunzip, isGzip } from '../codecs/inflate.ts';

export interface DataFile {
  /** The content, decompressed. */
  readonly content: ByteSource;
  /** The file itself, for formats with a directory at their end. Not to be mixed with `content`. */
  readonly file: FileSource;
  readonly origin: Origin;
  readonly isGzip: boolean;
}

export interface Hashed<T> {
  readonly value: T;
  readonly name: string;
  readonly sha256: string;
}

/** Runs `read` on the open file, then hashes what is left of it. `maxBytes` caps the decompressed content. */
export async function readDataFile<T>(
  filePath: string,
  label: string,
  maxBytes: number,
  read: (file: DataFile) => Promise<T>,
): Promise<Hashed<T>> {
  const origin: Origin = { name: label, code: 'DATASET_MALFORMED' };
  const file = await openFileSource(filePath, origin);
  let content: ByteSource = file;
  try {
    const compressed = isGzip(await file.readAt(0, Math.min(2, file.size)));
    if (compressed) content = gunzip(file, maxBytes, origin);
    const value = await read({ content, file, origin, isGzip: compressed });
    // To the end of the gzip data, where the checksum is.
    if (compressed) await skip(content, Number.POSITIVE_INFINITY);
    return { value, name: path.basename(filePath), sha256: await file.sha256() };
  } finally {
    await content.close();
    await file.close();
  }
}

/** One digest for several files: that of the lines `sha256sum` prints for them, sorted by name. */
export function combineDigests(files: readonly Hashed<unknown>[]): string {
  const lines = files.map(({ name, sha256 }) => ({ name, line: `${sha256}  ${name}\n` }));
  lines.sort((a, b) => (a.name < b.name ? -1 : 1));
  const hash = createHash('sha256');
  for (const { line } of lines) hash.update(line);
  return hash.digest('hex');
}
