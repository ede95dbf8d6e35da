/**
 * Digest and size of a topology's JSON text. A text may have megabytes, and one request needs both several times, so that those of the latest texts
 * are cached.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export interface TopologyDigest {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Length in bytes as UTF-8. */
  readonly bytes: number;
}

/** Most characters of all cached texts together. */
const maxCachedCharacters = 32 * 2 ** 20;
const digests = new LRUCache<string, TopologyDigest>({
  maxSize: maxCachedCharacters,
  sizeCalculation: (_, text) => text.length + 1,
});

/** SHA-256 and size of a topology's JSON text. */
export function topologyDigest(text: string): TopologyDigest {
  const known = digests.get(text);
  if (known !== undefined) return known;
  const bytes = Buffer.from(text);
  const digest = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.byteLength };
  digests.set(text, digest);
  return digest;
}
