/**
 * Downloads that are kept: a file that was fetched with an ETag is asked for with it, and fetched again only when the server has another one.
 *
 * A caller gets a name of its own for the file, so that what is read cannot go away when the cache makes room.
 */
import { createHash } from 'node:crypto';
import { link, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTemporary, ensureFolder } from '../../durable-files.ts';
import { guardDisk } from '../disk-errors.ts';
import { spool } from '../spool.ts';
import { openDataUrl } from './data-url.ts';
import type { RemoteContext } from './fetch-remote.ts';
import type { RemotePolicy } from './policy.ts';

export interface DownloadCacheOptions {
  readonly folder: string;
  readonly policy: RemotePolicy;
  /** Files that were used longest ago go when there is more; 0: nothing is kept. */
  readonly cacheBytes: number;
}

export interface DownloadCache {
  /**
   * Puts the file of a URL at `target`, which must not exist, in the same file system as the cache. Returns the name that it has where it came from.
   *
   * @throws REMOTE_REFUSED, REMOTE_FAILED, DATASET_TOO_LARGE, STORE_UNAVAILABLE, CANCELLED
   */
  fetch(
    url: string,
    target: string,
    context?: RemoteContext,
  ): Promise<{ readonly fileName: string; readonly bytes: number }>;
}

interface Entry {
  readonly url: string;
  readonly etag: string;
  readonly fileName: string;
}

export function createDownloadCache({ folder, policy, cacheBytes }: DownloadCacheOptions): DownloadCache {
  const keyOf = (url: string) => path.join(folder, createHash('sha256').update(url).digest('hex'));

  const keep = async (url: string, file: string, etag: string, fileName: string) => {
    const key = keyOf(url);
    const temporary = await createTemporary(folder);
    try {
      await link(file, path.join(temporary, 'data'));
      const entry: Entry = { url, etag, fileName };
      await writeFile(path.join(temporary, 'entry.json'), JSON.stringify(entry));
      await rm(key, { recursive: true, force: true });
      await rename(temporary, key);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    await makeRoom(folder, cacheBytes);
  };

  return {
    async fetch(url, target, context = {}) {
      const known = cacheBytes === 0 ? null : await readEntry(keyOf(url));
      const ifNoneMatch = known === null ? {} : { ifNoneMatch: known.etag };
      const remote = await openDataUrl(url, policy, { ...context, ...ifNoneMatch });
      remote.stream.on('error', () => {});
      try {
        if (remote.isUnchanged && known !== null && (await reuse(keyOf(url), target)))
          return { fileName: known.fileName, bytes: (await stat(target)).size };
        if (remote.isUnchanged)
          return await createDownloadCache({ folder, policy, cacheBytes: 0 }).fetch(url, target, context);
        return await guardDisk('the work folder', async () => {
          await ensureFolder(folder);
          const { signal } = context;
          const { bytes } = await spool(remote.stream, target, {
            maxBytes: policy.maxBytes,
            ...(signal ? { signal } : {}),
          });
          const { etag, fileName } = remote;
          if (etag !== null && bytes <= cacheBytes) await keep(url, target, etag, fileName);
          return { fileName, bytes };
        });
      } finally {
        remote.stream.destroy();
      }
    },
  };
}

async function readEntry(key: string): Promise<Entry | null> {
  try {
    const entry: unknown = JSON.parse(await readFile(path.join(key, 'entry.json'), 'utf8'));
    const isEntry =
      typeof entry === 'object' &&
      entry !== null &&
      ['url', 'etag', 'fileName'].every((name) => typeof Reflect.get(entry, name) === 'string');
    return isEntry ? (entry as Entry) : null;
  } catch {
    return null;
  }
}

/** Resolves to false when the file was removed meanwhile. */
async function reuse(key: string, target: string): Promise<boolean> {
  try {
    await link(path.join(key, 'data'), target);
    const now = new Date();
    await utimes(key, now, now);
    return true;
  } catch {
    return false;
  }
}

/** Files that another process removes meanwhile are counted as empty. */
async function makeRoom(folder: string, maxBytes: number): Promise<void> {
  const entries = [];
  for (const name of await readdir(folder)) {
    if (!/^[0-9a-f]{64}$/.test(name)) continue;
    const key = path.join(folder, name);
    const [used, data] = await Promise.all(
      [stat(key), stat(path.join(key, 'data'))].map((one) => one.catch(() => null)),
    );
    if (used && data) entries.push({ key, usedAt: used.mtimeMs, bytes: data.size });
  }
  entries.sort((a, b) => a.usedAt - b.usedAt);
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  for (const { key, bytes: own } of entries) {
    if (bytes <= maxBytes) return;
    await rm(key, { recursive: true, force: true });
    bytes -= own;
  }
}
