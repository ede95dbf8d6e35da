/** Objects of buckets as datasets, s3://BUCKET/KEY, read with the credentials of the service. */
import { GetObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { timeoutSignal } from '../../time-limit.ts';
import { createS3Client, reasonOf } from '../s3-bucket.ts';
import { checkBucketUrl } from './bucket-policy.ts';
import { capped, explain, failed, type RemoteContext, type RemoteFile } from './fetch-remote.ts';
import type { RemotePolicy } from './policy.ts';

/**
 * Opens an object.
 *
 * @throws REMOTE_REFUSED, REMOTE_FAILED, CANCELLED
 */
export async function openBucketObject(
  url: string,
  policy: RemotePolicy,
  { signal: cancel, ifNoneMatch }: RemoteContext = {},
): Promise<RemoteFile> {
  const { bucket, key } = checkBucketUrl(url, policy);
  const timeout = timeoutSignal(policy.timeoutMs);
  const client = createS3Client(policy.buckets ?? { forcePathStyle: false });
  const fileName = (key.split('/').at(-1) ?? '').slice(0, 200);
  const object = { Bucket: bucket, Key: key, ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch }) };
  const abortSignal = cancel ? AbortSignal.any([cancel, timeout]) : timeout;
  try {
    const { Body, ETag, ContentLength } = await client.send(new GetObjectCommand(object), { abortSignal });
    const body = (Body as AsyncIterable<Buffer> | undefined) ?? [];
    const content = { body, bytes: ContentLength ?? 0, close: () => client.destroy() };
    const stream = capped(url, content, policy, { timeout, signal: cancel });
    return { stream, fileName, etag: ETag ?? null, isUnchanged: false };
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 304 && ifNoneMatch !== undefined) {
      const content = { body: [], bytes: 0, close: () => client.destroy() };
      return {
        stream: capped(url, content, policy, { timeout, signal: cancel }),
        fileName,
        etag: ifNoneMatch,
        isUnchanged: true,
      };
    }
    client.destroy();
    if (status !== undefined) throw failed(url, refusalOf(status), status < 500 && status !== 429, error);
    if (cancel?.aborted || timeout.aborted) throw explain(url, error, cancel, timeout);
    throw failed(url, reasonOf(error), false, error);
  }
}

const refusalOf = (status: number) => {
  if (status === 404) return 'there is no such object';
  if (status === 403) return 'the credentials of the service may not read it (403)';
  return `the store answered ${status}`;
};
