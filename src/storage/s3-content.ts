/**
 * Uploads in an S3 bucket, with a local store as the cache that files are read from.
 *
 *   content/<sha256>
 */
import { AppError } from '../errors.ts';
import { type ContentStore, checkDigest, putStream } from './content-store.ts';
import type { S3Bucket } from './s3-bucket.ts';

const objectOf = (sha256: string) => `content/${checkDigest(sha256)}`;

/** `cache` may be lost at any time; nothing is in it that is not in the bucket, except uploads under way. */
export function createS3ContentStore(bucket: S3Bucket, cache: ContentStore): ContentStore {
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
          return received.keep();
        },
      };
    },
    async locate(sha256) {
      const cached = await cache.locate(sha256);
      if (cached) return cached;
      const stream = await bucket.open(objectOf(sha256));
      if (stream === null) return null;
      const content = await putStream(cache, stream, { maxBytes: Number.MAX_SAFE_INTEGER });
      if (content.sha256 === sha256) return content;
      await cache.remove(content.sha256);
      throw new AppError('STORE_UNAVAILABLE', `${bucket.name} holds other bytes than ${sha256} under that name`);
    },
    async remove(sha256) {
      await bucket.remove([objectOf(sha256)]);
      await cache.remove(sha256);
    },
    async *entries() {
      for await (const { name, modifiedAt } of bucket.list('content/'))
        yield { sha256: name.slice('content/'.length), modifiedAt };
    },
    sweep: () => cache.sweep(),
    async check() {
      await Promise.all([bucket.check(), cache.check()]);
    },
  };
}
