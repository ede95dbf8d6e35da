/**
 * Reads the directory of a zip file with yauzl (zip64, names in other encodings) and adds checks: yauzl trusts the number of entries, and accepts
 * links, duplicate names and encrypted entries.
 */
import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, RandomAccessReader } from 'yauzl';
import { AppError } from '../errors.ts';
import { malformed, type Origin } from './byte-source.ts';
import type { FileSource } from './file-source.ts';

export interface ZipEntry {
  readonly name: string;
  readonly compressedSize: number;
  /** Size according to the directory; readers count the actual bytes. */
  readonly size: number;
  readonly crc32: number;
  readonly deflated: boolean;
  /** Position of the entry's local header. */
  readonly offset: number;
}

/** Largest directory that is read; 100,000 pictures with long names need a few MiB. */
const maxDirectoryBytes = 2 ** 24;
const windowBytes = 2 ** 18;

/** All entries in the order of their data. Throws the origin's code for a damaged directory, an encrypted entry or an unsupported compression. */
export async function readDirectory(file: FileSource, origin: Origin): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  try {
    const zip = await fromRandomAccessReaderPromise(new WindowedReader(file, origin), file.size, {
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: false,
    });
    for await (const entry of zip.eachEntry()) entries.push(checkEntry(entry, origin));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    malformed(origin, explain(cause instanceof Error ? cause.message : ''), cause);
  }
  const names = new Set(entries.map(({ name }) => name));
  if (names.size < entries.length) malformed(origin, 'the zip directory names an entry twice');
  return entries.sort((a, b) => a.offset - b.offset);
}

/** Rewords yauzl's messages like those of the other readers. */
function explain(problem: string): string {
  if (problem.startsWith('End of central directory') || problem.startsWith('Invalid comment length'))
    return 'truncated: the directory at the end of the zip file is missing';
  if (problem.startsWith('invalid central directory') || problem.startsWith('unexpected EOF'))
    return 'the zip directory is damaged or lists more entries than it holds';
  return `the zip directory is damaged: ${problem}`;
}

function checkEntry(entry: Entry, origin: Origin): ZipEntry {
  const name = nameOf(entry);
  const shown = JSON.stringify(name);
  if (entry.generalPurposeBitFlag & 1) malformed(origin, `entry ${shown} is encrypted`);
  const isUnix = entry.versionMadeBy >> 8 === 3;
  if (isUnix && ((entry.externalFileAttributes >>> 16) & 0xf000) === 0xa000)
    malformed(origin, `entry ${shown} is a link; links are refused, pack the files themselves`);
  const { compressionMethod: method, compressedSize, uncompressedSize: size } = entry;
  if (method !== 0 && method !== 8)
    malformed(
      origin,
      `entry ${shown} uses zip method ${method}; stored and deflated are read: pack it again without bzip2, LZMA or zstd`,
    );
  const deflated = method === 8;
  if (!deflated && compressedSize !== size) malformed(origin, `stored entry ${shown} has two sizes`);
  return { name, compressedSize, size, crc32: entry.crc32, deflated, offset: entry.relativeOffsetOfLocalHeader };
}

/**
 * The name as UTF-8 where it is valid UTF-8, even without the flag, which macOS does not set; otherwise as yauzl decodes it, from an extra field or
 * code page 437.
 */
function nameOf({ fileNameRaw, generalPurposeBitFlag, extraFields }: Entry): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(fileNameRaw);
  } catch {
    return getFileNameLowLevel(generalPurposeBitFlag & ~utf8Names, fileNameRaw, extraFields, true);
  }
}

const utf8Names = 1 << 11;

/** Serves yauzl's many small sequential reads from a buffer that is read in one call. */
class WindowedReader extends RandomAccessReader {
  readonly #file: FileSource;
  readonly #origin: Origin;
  #start = 0;
  #window = new Uint8Array(0);
  #readBytes = 0;

  constructor(file: FileSource, origin: Origin) {
    super();
    this.#file = file;
    this.#origin = origin;
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#fill(target.subarray(offset, offset + length), position).then(
      (bytesRead) => callback(null, bytesRead),
      (error: Error) => callback(error),
    );
  }

  async #fill(target: Uint8Array, position: number): Promise<number> {
    const isInside = position >= this.#start && position + target.byteLength <= this.#start + this.#window.byteLength;
    if (!isInside) {
      const length = Math.max(0, Math.min(this.#file.size - position, Math.max(windowBytes, target.byteLength)));
      this.#readBytes += length;
      if (this.#readBytes > maxDirectoryBytes)
        malformed(this.#origin, `the zip directory is larger than ${maxDirectoryBytes} bytes`);
      this.#window = await this.#file.readAt(position, length);
      this.#start = position;
    }
    const found = this.#window.subarray(position - this.#start, position - this.#start + target.byteLength);
    target.set(found);
    return found.byteLength;
  }
}
