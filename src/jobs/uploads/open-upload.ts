/** Puts the files of an upload where a format can open them, under the names that they had. */
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../errors.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import type { UploadRecord } from './records.ts';

export interface OpenedUpload {
  /** A file, or a folder of several; a file of several has the others beside it. */
  readonly path: string;
  /** Of a single file. */
  readonly fileName?: string;
}

/**
 * Calls `use` with the place of the files; the place is gone afterwards.
 *
 * @throws DATASET_NOT_FOUND when the content has been removed; what `use` throws
 */
export async function withUpload<T>(
  contents: ContentStore,
  { id, files, entry }: Pick<UploadRecord, 'id' | 'files' | 'entry'>,
  use: (opened: OpenedUpload) => Promise<T>,
): Promise<T> {
  const located = await Promise.all(
    files.map(async ({ name, sha256 }) => {
      const content = await contents.locate(sha256);
      if (content === null) throw new AppError('DATASET_NOT_FOUND', `dataset:${id}: its file ${name} has been removed`);
      return { name, path: content.path };
    }),
  );
  const [first] = located;
  if (first !== undefined && located.length === 1) return use({ path: first.path, fileName: first.name });
  const folder = await mkdtemp(path.join(tmpdir(), 'gradinit-upload-'));
  try {
    for (const file of located) await symlink(file.path, path.join(folder, file.name));
    return await use({ path: entry === null ? folder : path.join(folder, entry) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
