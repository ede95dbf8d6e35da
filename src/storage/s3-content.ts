/**
 * Uploads in an S3 bucket, with a local store as the cache that files are read from.
 *
 *   content/<sha256>
 */
import { AppError } from '../errors.ts';
import { type ContentStore, checkDigest } from './content-store.ts';
import type { S3Bucket } from './s3-bucket.ts';

const objectOf = (sha256: string) => `content/${checkDigest(sha256)}`;

/** `cache` may be lost at any time; nothing is in it that is not in the bucket, except uploads under way. */
export function createS3ContentStore(bucket: S3Bucket, cache: ContentStore): ContentStore {
  return {
    name: bucket.name,
    async putStream(stream, options) {
      const content = await cache.putStream(stream, options);
      const object = objectOf(content.sha256);
      const description = { path: object, bytes: content.bytes, sha256: content.sha256 };
      if (!(await bucket.exists(object))) await bucket.putFile(object, content.path, description);
      return content;
    },
    async locate(sha256) {
      const cached = await cache.locate(sha256);
      if (cached) return cached;
      const stream = await bucket.open(objectOf(sha256));
      if (stream === null) return null;
      const content = await cache.putStream(stream, { maxBytes: Number.MAX_SAFE_INTEGER });
      if (content.sha256 === sha256) return content;
      await cache.remove(content.sha256);
      throw new AppError('STORE_UNAVAILABLE', `${bucket.name} holds other bytes than ${sha256} under that name`);
    },
    async remove(sha256) {
      await bucket.remove([objectOf(sha256)]);
      await cache.remove(sha256);
    },
    async *keys() {
      for await (const { name } of bucket.list('content/')) yield name.slice('content/'.length);
    },
    sweep: () => cache.sweep(),
    async check() {
      await Promise.all([bucket.check(), cache.check()]);
    },
  };
}
