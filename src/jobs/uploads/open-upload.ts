/** Puts the files of an upload where a format can open them, under the names that they had. */
import { rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTemporary } from '../../durable-files.ts';
import { AppError } from '../../errors.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { guardDisk } from '../../storage/disk-errors.ts';
import type { UploadRecord } from './records.ts';

export interface OpenedUpload {
  /** A file, or a folder of several; a file of several has the others beside it. */
  readonly path: string;
  /** Of a single file. */
  readonly fileName?: string;
}

/** A file on this machine, whatever it is called there. */
export interface NamedFile {
  readonly name: string;
  readonly path: string;
}

/**
 * Calls `use` with the place of the files; the place is gone afterwards.
 *
 * @param entry of several files, the one to open; null for all as a folder
 */
export async function withFiles<T>(
  files: readonly NamedFile[],
  entry: string | null,
  use: (opened: OpenedUpload) => Promise<T>,
): Promise<T> {
  const [first] = files;
  if (first !== undefined && files.length === 1) return use({ path: first.path, fileName: first.name });
  const folder = await guardDisk('the temporary folder', () => createTemporary(tmpdir()));
  try {
    await guardDisk('the temporary folder', async () => {
      for (const file of files) await symlink(file.path, path.join(folder, file.name));
    });
    return await use({ path: entry === null ? folder : path.join(folder, entry) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The same with the files of an upload.
 *
 * @throws DATASET_NOT_FOUND when the content has been removed; what `use` throws
 */
export async function withUpload<T>(
  contents: Pick<ContentStore, 'locate'>,
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
  return withFiles(located, entry, use);
}
