/** What a dataset can be fetched from: https:// under the guard of addresses, s3:// under the list of places. */
import { checkBucketUrl } from './bucket-policy.ts';
import { openRemote, type RemoteContext, type RemoteFile } from './fetch-remote.ts';
import { checkRemoteUrl, type RemotePolicy } from './policy.ts';

export const isDataUrl = (ref: string): boolean => /^(https?|s3):/i.test(ref);

const isBucketUrl = (url: string) => /^s3:/i.test(url);

/** @throws REMOTE_REFUSED */
export function checkDataUrl(url: string, policy: RemotePolicy): void {
  if (isBucketUrl(url)) checkBucketUrl(url, policy);
  else checkRemoteUrl(url, policy);
}

/** The client of buckets is loaded with the first of them. Throws REMOTE_REFUSED, REMOTE_FAILED, CANCELLED. */
export async function openDataUrl(url: string, policy: RemotePolicy, context: RemoteContext): Promise<RemoteFile> {
  if (!isBucketUrl(url)) return openRemote(url, policy, context);
  const { openBucketObject } = await import('./bucket-objects.ts');
  return openBucketObject(url, policy, context);
}
