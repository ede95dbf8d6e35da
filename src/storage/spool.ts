/** A stream into a file, measured and hashed on the way. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.ts';
import type { PutOptions, StoredContent } from './content-store.ts';

/**
 * Writes a file that must not exist yet.
 *
 * @throws UPLOAD_TOO_LARGE past `maxBytes`, CANCELLED, the errors of the stream and of the disk; a part of the file may be left then
 */
export async function spool(
  stream: Readable,
  file: string,
  { maxBytes, signal }: PutOptions,
): Promise<Omit<StoredContent, 'path'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes)
        throw new AppError('UPLOAD_TOO_LARGE', `the upload is larger than the ${maxBytes} bytes allowed`);
      hash.update(chunk);
      yield chunk;
    }
  }
  const sink = createWriteStream(file, { flags: 'wx' });
  try {
    await pipeline(stream, measured, sink, signal ? { signal } : {});
  } catch (error) {
    // A stream that is destroyed while its file is being opened makes the file all the same, a moment later: after the caller has cleaned up.
    if (!sink.closed) await once(sink, 'close');
    if (signal?.aborted) throw new AppError('CANCELLED', 'the upload was cancelled', { cause: error });
    throw error;
  }
  return { sha256: hash.digest('hex'), bytes };
}
