/**
 * Uploads in an S3 bucket, with a local store as the cache that files are read from.
 *
 *   content/<sha256>
 */
import { AppError } from '../errors.ts';
import { createCacheLimit } from './cache-limit.ts';
import { type ContentStore, checkDigest, putStream } from './content-store.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { tryBucket } from './s3-verify.ts';

const folder = 'content/';
const objectOf = (sha256: string) => `${folder}${checkDigest(sha256)}`;

/**
 * @param cache may be lost at any time; nothing is in it that is not in the bucket, except uploads under way
 * @param maxCacheBytes about the size to which the cache may grow
 */
export function createS3ContentStore(bucket: S3Bucket, cache: ContentStore, maxCacheBytes: number): ContentStore {
  const limit = createCacheLimit(cache, { maxBytes: maxCacheBytes });
  return {
    name: bucket.name,
    async receive(stream, options) {
      const received = await cache.receive(stream, options);
      const { sha256, bytes, path } = received;
      return {
        ...received,
        async keep() {
          const object = objectOf(sha256);
          if (!(await bucket.exists(object))) await bucket.putFile(object, path, { path: object, bytes, sha256 });
          const content = await received.keep();
          await limit.added(content);
          return content;
        },
      };
    },
    async locate(sha256) {
      const cached = await cache.locate(sha256);
      if (cached) {
        await limit.used(cached);
        return cached;
      }
      const stream = await bucket.open(objectOf(sha256));
      if (stream === null) return null;
      const content = await putStream(cache, stream, { maxBytes: Number.MAX_SAFE_INTEGER });
      await limit.added(content);
      if (content.sha256 === sha256) return content;
      await cache.remove(content.sha256);
      throw new AppError('STORE_CORRUPT', `${bucket.name} holds other bytes than ${sha256} under that name`);
    },
    async remove(sha256) {
      await bucket.remove([objectOf(sha256)]);
      await cache.remove(sha256);
    },
    async *entries() {
      for await (const { name, bytes, modifiedAt } of bucket.list(folder))
        yield { sha256: name.slice(folder.length), bytes, modifiedAt };
    },
    sweep: () => cache.sweep(),
    async check() {
      await Promise.all([tryBucket(bucket), cache.check()]);
    },
  };
}
