/**
 * Uploads on a local disk.
 *
 *   ROOT/<first two digits>/<sha256>    the bytes, read-only
 *   ROOT/.gradinit-tmp...               uploads under way
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createTemporary, ensureFolder, sweepTemporary, sync, temporaryPath } from '../durable-files.ts';
import { AppError } from '../errors.ts';
import { type ContentStore, checkDigest, type PutOptions, type StoredContent } from './content-store.ts';
import { guardDisk, nullIfMissing } from './disk-errors.ts';

export interface LocalContentStoreOptions {
  /** Created when absent. Must not hold anything else. */
  readonly root: string;
}

export function createLocalContentStore({ root }: LocalContentStoreOptions): ContentStore {
  const name = `folder ${root}`;
  const folderOf = (sha256: string) => path.join(root, sha256.slice(0, 2));
  const pathOf = (sha256: string) => path.join(folderOf(sha256), sha256);

  /** The file becomes visible under its digest; a second one of equal bytes simply takes the place of the first. */
  async function keep(temporary: string, sha256: string): Promise<void> {
    await chmod(temporary, 0o444);
    await sync(temporary);
    await ensureFolder(folderOf(sha256));
    await rename(temporary, pathOf(sha256));
    await sync(folderOf(sha256));
    await sync(root);
  }

  return {
    name,
    async putStream(stream, options) {
      // A connection may break before anything reads from it: an error that nobody listens to would end the process.
      stream.on('error', () => {});
      let temporary = '';
      try {
        await guardDisk(name, () => ensureFolder(root));
        temporary = await temporaryPath(root);
        const { sha256, bytes } = await guardDisk(name, () => spool(stream, temporary, options));
        await guardDisk(name, () => keep(temporary, sha256));
        return { sha256, bytes, path: pathOf(sha256) };
      } finally {
        stream.destroy();
        if (temporary) await rm(temporary, { force: true });
      }
    },
    async locate(sha256) {
      const file = pathOf(checkDigest(sha256));
      const stats = await guardDisk(name, () => stat(file).catch(nullIfMissing));
      return stats === null ? null : { sha256, bytes: stats.size, path: file };
    },
    async remove(sha256) {
      await guardDisk(name, () => rm(pathOf(checkDigest(sha256)), { force: true }));
    },
    async *keys() {
      const folders = (await guardDisk(name, () => readdir(root).catch(nullIfMissing))) ?? [];
      for (const folder of folders.filter((entry) => /^[0-9a-f]{2}$/.test(entry))) {
        yield* await guardDisk(name, () => readdir(path.join(root, folder)));
      }
    },
    async sweep() {
      await guardDisk(name, () => sweepTemporary(root));
    },
    async check() {
      await guardDisk(name, async () => {
        await ensureFolder(root);
        await rm(await createTemporary(root), { recursive: true });
      });
    },
  };
}

async function spool(
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
