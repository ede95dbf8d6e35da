/** Keeps a cache of contents within a size: those that were used longest ago go first. */
import { utimes } from 'node:fs/promises';
import type { ContentStore, StoredContent } from './content-store.ts';

export interface CacheLimit {
  /** A content of the cache is about to be read. */
  used(content: StoredContent): Promise<void>;
  /** A content came in: others go when there are too many bytes. */
  added(content: StoredContent): Promise<void>;
}

export interface CacheLimitOptions {
  readonly maxBytes: number;
  /** What was used so lately may be about to be opened, by this process or another one that shares the folder; it stays whatever the size. */
  readonly inUseMs?: number;
}

/** The time of the last use is the modification time of the file, so that it outlives the process. */
export function createCacheLimit(
  cache: Pick<ContentStore, 'entries' | 'remove'>,
  { maxBytes, inUseMs = 15 * 60_000 }: CacheLimitOptions,
): CacheLimit {
  /** An estimate between two listings; null before the first. Other processes may have added more. */
  let knownBytes: number | null = null;

  const trim = async () => {
    const entries = [];
    for await (const entry of cache.entries()) entries.push(entry);
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    entries.sort((a, b) => a.modifiedAt.getTime() - b.modifiedAt.getTime());
    for (const entry of entries) {
      if (bytes <= maxBytes || Date.now() - entry.modifiedAt.getTime() < inUseMs) break;
      await cache.remove(entry.sha256);
      bytes -= entry.bytes;
    }
    knownBytes = bytes;
  };

  return {
    async used({ path }) {
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
    },
    async added({ bytes }) {
      knownBytes = knownBytes === null ? Number.POSITIVE_INFINITY : knownBytes + bytes;
      if (knownBytes > maxBytes) await trim();
    },
  };
}
