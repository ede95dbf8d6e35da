/** Which objects of buckets may be read: the credentials are those of the service, so only places that its operator names. */
import { AppError } from '../../errors.ts';
import type { RemotePolicy } from './policy.ts';

/** @throws REMOTE_REFUSED for what is no s3://BUCKET/KEY, and for places that DATASET_S3 does not name */
export function checkBucketUrl(
  url: string,
  { buckets }: RemotePolicy,
): { readonly bucket: string; readonly key: string } {
  const refuse = (reason: string) => new AppError('REMOTE_REFUSED', `${url.slice(0, 200)}: ${reason}`);
  const allowed = buckets?.allowed ?? [];
  if (allowed.length === 0)
    throw refuse(
      's3:// references are off here; the operator names BUCKET or BUCKET/PREFIX in DATASET_S3, or upload the file',
    );
  const [, bucket = '', key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([^\p{Cc}]{1,1024})$/u.exec(url) ?? [];
  const parts = key.split('/');
  // Some servers resolve such keys as paths, out of the prefix that is allowed.
  if (key === '' || parts.some((part) => part === '' || part === '.' || part === '..'))
    throw refuse('is no s3://BUCKET/KEY of one object; several are a list, s3://BUCKET/train-{00000..00004}.parquet');
  if (!allowed.some((place) => `${bucket}/${key}`.startsWith(`${place.replace(/\/+$/, '')}/`)))
    throw refuse('is not among the places that DATASET_S3 allows; ask the operator, or upload the file');
  return { bucket, key };
}
