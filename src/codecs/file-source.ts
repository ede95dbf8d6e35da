/** A file as a byte source that computes the SHA-256 of everything read, so that one pass gives content and digest. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import { type ByteSource, fill, malformed, type Origin, skip } from './byte-source.ts';

/** Largest chunk of bytes that is hashed at once, so that the event loop is not blocked for long. */
const maxChunkBytes = 2 ** 22;

export interface FileSource extends ByteSource {
  readonly size: number;
  /** Position of the next byte. */
  position(): number;
  /** Bytes at a position; neither the sequential position nor the digest change. */
  readAt(position: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the rest and returns the SHA-256 of the whole file, in hex. May be called once. */
  sha256(): Promise<string>;
}

/** Opens a regular file. Throws DATASET_NOT_FOUND or WEIGHTS_NOT_FOUND. */
export async function openFileSource(path: string, origin: Origin): Promise<FileSource> {
  try {
    // `stat` comes before `open`, because opening a named pipe waits for a writer.
    const stats = await stat(path);
    if (!stats.isFile()) return malformed(origin, 'is not a regular file');
    return createFileSource(await open(path, 'r'), stats.size, origin);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = origin.code === 'DATASET_MALFORMED' ? 'DATASET_NOT_FOUND' : 'WEIGHTS_NOT_FOUND';
    throw new AppError(code, `${origin.name}: the file cannot be opened; does it exist and may it be read?`, { cause });
  }
}

function createFileSource(handle: FileHandle, size: number, origin: Origin): FileSource {
  const hash = createHash('sha256');
  let at = 0;
  let closed = false;

  const readChunk = (position: number): ByteSource['pull'] => {
    return async (target) => {
      const { bytesRead } = await handle.read(target, 0, Math.min(target.byteLength, maxChunkBytes), position);
      return bytesRead;
    };
  };

  const pullNext: ByteSource['pull'] = async (target) => {
    const bytesRead = await readChunk(at)(target);
    hash.update(target.subarray(0, bytesRead));
    at += bytesRead;
    return bytesRead;
  };
  // A decompressor that ended early may still be reading a chunk. Pulls are serialised, so that the digest covers the bytes in file order.
  let last: Promise<unknown> = Promise.resolve();

  const source: FileSource = {
    size,
    position: () => at,
    pull(target) {
      const pulled = last.then(() => pullNext(target));
      last = pulled.catch(() => undefined);
      return pulled;
    },
    bound: () => Math.max(0, size - at),
    async readAt(position, length) {
      const bytes = new Uint8Array(length);
      let filled = 0;
      const pull: ByteSource['pull'] = async (target) => {
        const bytesRead = await readChunk(position + filled)(target);
        filled += bytesRead;
        return bytesRead;
      };
      await fill({ ...source, pull }, bytes);
      if (filled < length) malformed(origin, `truncated: ended at byte ${position + filled}`);
      return bytes;
    },
    async sha256() {
      await skip(source, Number.POSITIVE_INFINITY);
      return hash.digest('hex');
    },
    async close() {
      if (closed) return;
      closed = true;
      await handle.close();
    },
  };
  return source;
}
