/** Where references to uploads and URLs lead, for whoever runs a job. */
import { stat } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { openRemote, type RemoteContext } from '../../storage/remote/fetch-remote.ts';
import type { RemotePolicy } from '../../storage/remote/policy.ts';
import { type OpenedUpload, withUpload } from './open-upload.ts';
import type { UploadRecords } from './records.ts';

export interface ResolveDependencies {
  readonly contents: ContentStore;
  readonly records: UploadRecords;
  readonly remote: RemotePolicy;
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

export function createResolver({ contents, records, remote }: ResolveDependencies): Resolver {
  return async (ref, use, context = {}) => {
    if (/^https?:/i.test(ref)) {
      const { stream, fileName } = await openRemote(ref, remote, context);
      const { signal } = context;
      const stored = await contents.putStream(stream, { maxBytes: remote.maxBytes, ...(signal ? { signal } : {}) });
      // Not removed: another job may be reading the same content. The sweep takes what nobody refers to.
      return use({ path: stored.path, fileName });
    }
    const id = /^dataset:(.*)$/.exec(ref)?.[1];
    const record = id === undefined ? null : await records.get(id, null);
    if (record === null) throw new AppError('DATASET_NOT_FOUND', `${ref.slice(0, 200)}: there is no such upload`);
    return withUpload(contents, record, use);
  };
}

/** Unreferenced contents younger than this may belong to an upload or a run under way. */
const minAgeMs = 24 * 3600 * 1000;

/** Removes contents that no upload refers to: downloads, and what crashed processes left. Returns how many. */
export async function sweepContents(contents: ContentStore, records: UploadRecords, now = Date.now()): Promise<number> {
  const candidates: string[] = [];
  for await (const sha256 of contents.keys()) candidates.push(sha256);
  const kept = new Set((await records.list(null)).flatMap(({ files }) => files.map((file) => file.sha256)));
  let removed = 0;
  for (const sha256 of candidates) {
    if (kept.has(sha256)) continue;
    const located = await contents.locate(sha256);
    const stats = located === null ? null : await stat(located.path).catch(() => null);
    if (stats === null || now - stats.mtimeMs < minAgeMs) continue;
    await contents.remove(sha256);
    removed += 1;
  }
  return removed;
}
