/** Where references to uploads and URLs lead, for whoever runs a job. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { uploadIdOf } from '../../contract/references.ts';
import { createTemporary, ensureFolder } from '../../durable-files.ts';
import { AppError } from '../../errors.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { guardDisk } from '../../storage/disk-errors.ts';
import { openRemote, type RemoteContext } from '../../storage/remote/fetch-remote.ts';
import type { RemotePolicy } from '../../storage/remote/policy.ts';
import { spool } from '../../storage/spool.ts';
import { type OpenedUpload, withUpload } from './open-upload.ts';
import type { UploadRecords } from './records.ts';

export interface ResolveDependencies {
  readonly contents: Pick<ContentStore, 'locate'>;
  readonly records: UploadRecords;
  readonly remote: RemotePolicy;
  /** For downloads, which stay only as long as they are used. */
  readonly workDir: string;
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

export function createResolver({ contents, records, remote, workDir }: ResolveDependencies): Resolver {
  return async (ref, use, context = {}) => {
    if (/^https?:/i.test(ref)) return withDownload(ref, remote, workDir, use, context);
    const id = uploadIdOf(ref);
    const record = id === null ? null : await records.get(id, null);
    if (record === null) throw new AppError('DATASET_NOT_FOUND', `${ref.slice(0, 200)}: there is no such upload`);
    return withUpload(contents, record, use);
  };
}

/** The download belongs to its caller alone, so that nobody can remove it while it is read. */
async function withDownload<T>(
  url: string,
  remote: RemotePolicy,
  workDir: string,
  use: (opened: OpenedUpload) => Promise<T>,
  context: RemoteContext,
): Promise<T> {
  const { signal } = context;
  const { stream, fileName } = await openRemote(url, remote, context);
  stream.on('error', () => {});
  let folder = '';
  try {
    const file = await guardDisk('the work folder', async () => {
      await ensureFolder(workDir);
      folder = await createTemporary(workDir);
      const target = path.join(folder, 'download');
      await spool(stream, target, { maxBytes: remote.maxBytes, ...(signal ? { signal } : {}) });
      return target;
    });
    return await use({ path: file, fileName });
  } finally {
    stream.destroy();
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  }
}
