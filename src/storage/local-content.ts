/**
 * Uploads on a local disk.
 *
 *   ROOT/<first two digits>/<sha256>    the bytes, read-only
 *   ROOT/.gradinit-tmp...               uploads under way
 */
import { chmod, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ensureFolder, sweepTemporary, sync, temporaryPath, tryWriting } from '../durable-files.ts';
import { type ContentStore, checkDigest } from './content-store.ts';
import { guardDisk, nullIfMissing } from './disk-errors.ts';
import { spool } from './spool.ts';

export interface LocalContentStoreOptions {
  /** Created when absent. Must not hold anything else. */
  readonly root: string;
}

export function createLocalContentStore({ root }: LocalContentStoreOptions): ContentStore {
  const name = 'the store of uploads';
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
    async receive(stream, options) {
      // A connection may break before anything reads from it: an error event without a listener would end the process.
      stream.on('error', () => {});
      let temporary = '';
      try {
        await guardDisk(name, () => ensureFolder(root));
        temporary = await temporaryPath(root);
        const { sha256, bytes } = await guardDisk(name, () => spool(stream, temporary, options));
        const keepAs = { sha256, bytes, path: pathOf(sha256) };
        return {
          sha256,
          bytes,
          path: temporary,
          async keep() {
            await guardDisk(name, () => keep(temporary, sha256));
            return keepAs;
          },
          discard: () => guardDisk(name, () => rm(temporary, { force: true })),
        };
      } catch (error) {
        if (temporary) await rm(temporary, { force: true }).catch(() => {});
        throw error;
      } finally {
        stream.destroy();
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
    async *entries() {
      const folders = (await guardDisk(name, () => readdir(root).catch(nullIfMissing))) ?? [];
      for (const folder of folders.filter((entry) => /^[0-9a-f]{2}$/.test(entry))) {
        for (const sha256 of await guardDisk(name, () => readdir(path.join(root, folder)))) {
          const stats = await guardDisk(name, () => stat(pathOf(sha256)).catch(nullIfMissing));
          if (stats !== null) yield { sha256, bytes: stats.size, modifiedAt: stats.mtime };
        }
      }
    },
    async sweep() {
      await guardDisk(name, () => sweepTemporary(root));
    },
    async check() {
      await guardDisk(name, () => tryWriting(root));
    },
  };
}
