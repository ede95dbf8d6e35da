/** Whether the server of a bucket keeps what the stores rely on, tried with an object that is gone afterwards. */
import { randomBytes } from 'node:crypto';
import { AppError } from '../errors.ts';
import { ignoredCondition, type S3Bucket } from './s3-bucket.ts';

/**
 * Writes, writes again under the condition that nothing is there, reads, removes.
 *
 * @throws STORE_UNSUITABLE when the server does not keep a promise; STORE_UNAVAILABLE when it cannot be asked
 */
export async function verifyBucket(bucket: S3Bucket): Promise<void> {
  const object = `check/${randomBytes(8).toString('hex')}`;
  try {
    await bucket.putNew(object, 'first');
    if (await bucket.putNew(object, 'second')) throw ignoredCondition(bucket.name);
    if ((await bucket.getText(object)) !== 'first') throw ignoredCondition(bucket.name);
  } finally {
    await bucket.remove([object]);
  }
  if (await bucket.exists(object))
    throw new AppError(
      'STORE_UNSUITABLE',
      `the server of ${bucket.name} answers that it removed an object and keeps it`,
    );
}

/** Resolves when an object can be written and removed. Throws STORE_UNAVAILABLE. */
export async function tryBucket(bucket: S3Bucket): Promise<void> {
  const object = `check/${randomBytes(8).toString('hex')}`;
  await bucket.putNew(object, '');
  await bucket.remove([object]);
}
