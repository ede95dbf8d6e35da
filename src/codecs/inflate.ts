/** Decompresses gzip and raw deflate as byte sources, with a limit on the decompressed size. */
import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createInflateRaw } from 'node:zlib';
import { AppError } from '../errors.ts';
import { type ByteSource, malformed, type Origin } from './byte-source.ts';

/** Largest expansion by deflate: 258 bytes per two bits. Source: zlib's technical notes. */
const maxExpansion = 1032;
const chunkBytes = 2 ** 17;

/** True for the first bytes of a gzip file. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** The content of a gzip file. Closing it closes `source`. Throws DATASET_TOO_LARGE beyond `maxBytes`. */
export function gunzip(source: ByteSource, maxBytes: number, origin: Origin): ByteSource {
  return inflating(source, createGunzip({ chunkSize: chunkBytes }), maxBytes, origin);
}

/** The content of a raw deflate stream, as in zip files. Closing and errors are those of `gunzip`. */
export function inflateRaw(source: ByteSource, maxBytes: number, origin: Origin): ByteSource {
  return inflating(source, createInflateRaw({ chunkSize: chunkBytes }), maxBytes, origin);
}

/** Every chunk is newly allocated, because the decompressor reads it in another thread. */
async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  while (true) {
    const chunk = new Uint8Array(chunkBytes);
    const length = await source.pull(chunk);
    if (length === 0) return;
    yield chunk.subarray(0, length);
  }
}

function inflating(source: ByteSource, transform: Transform, maxBytes: number, origin: Origin): ByteSource {
  const input = Readable.from(chunksOf(source), { highWaterMark: 2 });
  // The iterator below receives the errors; the callback is needed so that they are not thrown a second time.
  pipeline(input, transform, () => undefined);
  const output: AsyncIterator<Uint8Array> = transform[Symbol.asyncIterator]();
  let maxBytesLeft = Math.min(Number.MAX_SAFE_INTEGER, source.bound() * maxExpansion);
  let total = 0;
  let rest: Uint8Array = new Uint8Array(0);

  const next = async (): Promise<boolean> => {
    try {
      const { done, value } = await output.next();
      if (done) return false;
      rest = value;
      return true;
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      return malformed(origin, 'the compressed data is damaged or truncated', cause);
    }
  };

  return {
    async pull(target) {
      while (rest.byteLength === 0) if (!(await next())) return 0;
      const chunk = rest.subarray(0, target.byteLength);
      target.set(chunk);
      rest = rest.subarray(chunk.byteLength);
      maxBytesLeft -= chunk.byteLength;
      total += chunk.byteLength;
      if (total > maxBytes) {
        throw new AppError('DATASET_TOO_LARGE', `${origin.name}: holds more than ${maxBytes} bytes when decompressed`);
      }
      return chunk.byteLength;
    },
    bound: () => Math.max(0, maxBytesLeft),
    async close() {
      await output.return?.();
      await source.close();
    },
  };
}
