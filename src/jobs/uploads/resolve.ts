/** Turns references to uploads and URLs into local files, for the process that runs a job. */
import { access, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { uploadIdOf } from '../../contract/references.ts';
import { createTemporary, ensureFolder } from '../../durable-files.ts';
import { AppError } from '../../errors.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { guardDisk } from '../../storage/disk-errors.ts';
import { isDataUrl } from '../../storage/remote/data-url.ts';
import { createDownloadCache, type DownloadCache } from '../../storage/remote/download-cache.ts';
import type { RemoteContext } from '../../storage/remote/fetch-remote.ts';
import type { RemotePolicy } from '../../storage/remote/policy.ts';
import { expandShards } from '../../storage/remote/shards.ts';
import { type OpenedUpload, withUpload } from './open-upload.ts';
import type { UploadRecords } from './records.ts';

export interface ResolveDependencies {
  readonly contents: Pick<ContentStore, 'locate'>;
  readonly records: UploadRecords;
  readonly remote: RemotePolicy;
  /** For downloads, which stay only as long as they are used. */
  readonly workDir: string;
  /** Of downloads that are kept for the next who asks for them. */
  readonly cacheBytes: number;
}

/**
 * Calls `use` with the file or folder that `ref` names; it may be gone afterwards.
 *
 * The job was accepted with this reference: whose upload it is was decided then.
 *
 * @throws DATASET_NOT_FOUND, REMOTE_REFUSED, REMOTE_FAILED, DATASET_TOO_LARGE; what `use` throws
 */
export type Resolver = <T>(
  ref: string,
  use: (opened: OpenedUpload) => Promise<T>,
  context?: RemoteContext,
) => Promise<T>;

export function createResolver({ contents, records, remote, workDir, cacheBytes }: ResolveDependencies): Resolver {
  const downloads = createDownloadCache({ folder: path.join(workDir, 'downloads'), policy: remote, cacheBytes });
  return async (ref, use, context = {}) => {
    if (isDataUrl(ref)) return withDownload(ref, downloads, { workDir, maxBytes: remote.maxBytes }, use, context);
    const id = uploadIdOf(ref);
    const record = id === null ? null : await records.get(id, null);
    if (record === null) throw new AppError('DATASET_NOT_FOUND', `${ref.slice(0, 200)}: there is no such upload`);
    return withUpload(contents, record, use);
  };
}

/** The files belong to their caller alone, so that nobody can remove them while they are read. */
async function withDownload<T>(
  ref: string,
  downloads: DownloadCache,
  { workDir, maxBytes }: { readonly workDir: string; readonly maxBytes: number },
  use: (opened: OpenedUpload) => Promise<T>,
  context: RemoteContext,
): Promise<T> {
  const urls = expandShards(ref);
  const folder = await guardDisk('the work folder', async () => {
    await ensureFolder(workDir);
    return createTemporary(workDir);
  });
  try {
    const file = path.join(folder, 'download');
    const [only = '', ...others] = urls;
    if (others.length === 0) {
      const { fileName } = await downloads.fetch(only, file, context);
      return await use({ path: file, fileName });
    }
    let left = maxBytes;
    for (const url of urls) {
      const { fileName, bytes } = await downloads.fetch(url, file, context);
      left -= bytes;
      if (left < 0)
        throw new AppError(
          'DATASET_TOO_LARGE',
          `${ref.slice(0, 200)}: the files have more than the ${maxBytes} bytes allowed`,
        );
      await nameShard(file, path.join(folder, fileName), url);
    }
    return await use({ path: folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Throws REMOTE_REFUSED for two files of one name. */
async function nameShard(file: string, named: string, url: string): Promise<void> {
  const isTaken = await access(named).then(
    () => true,
    () => false,
  );
  if (isTaken) throw new AppError('REMOTE_REFUSED', `${url.slice(0, 200)}: another file of the list has the same name`);
  await guardDisk('the work folder', () => rename(file, named));
}
