/**
 * Published folders on a disk that the API and the workers share.
 *
 *   ROOT/<key>/blob.json      the manifest
 *   ROOT/<key>/files/...      the files
 *   ROOT/.gradinit-tmp...     publications and removals under way
 */
import { constants, copyFile, link, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  createTemporary,
  describeFiles,
  ensureFolder,
  isTemporary,
  sweepTemporary,
  sync,
  syncTree,
  temporaryPath,
  tryWriting,
} from '../durable-files.ts';
import { AppError } from '../errors.ts';
import {
  type Admit,
  type BlobFile,
  type BlobStore,
  checkKey,
  checkRange,
  fenced,
  findFile,
  notFound,
  taken,
} from './blob-store.ts';
import { guardDisk, nullIfMissing } from './disk-errors.ts';
import { decodeManifest, encodeManifest } from './manifest.ts';

export interface LocalBlobStoreOptions {
  /** Created when absent. Must not hold anything else. */
  readonly root: string;
}

const manifestName = 'blob.json';

export function createLocalBlobStore({ root }: LocalBlobStoreOptions): BlobStore {
  const name = 'the store of artifacts';
  const guard = <T>(action: () => Promise<T>) => guardDisk(name, action);

  const list = async (key: string): Promise<BlobFile[] | null> => {
    const file = path.join(root, checkKey(key), manifestName);
    const text = await guard(() => readFile(file, 'utf8').catch(nullIfMissing));
    return text === null ? null : decodeManifest(text, key);
  };

  return {
    name,
    list,
    async put(key, folder, admit) {
      checkKey(key);
      await guard(() => publish(root, key, folder, admit));
      return (await list(key)) ?? [];
    },
    async stat(key, file) {
      return (await list(key))?.find((candidate) => candidate.name === file) ?? null;
    },
    async open(key, file, range) {
      checkRange(findFile(await list(key), key, file), range);
      // Opened before it is answered: a later removal cannot cut the download short.
      const handle = await guard(() => open(path.join(root, key, 'files', file)).catch(nullIfMissing));
      if (handle === null) throw notFound(key, file);
      return handle.createReadStream(range);
    },
    async remove(key) {
      checkKey(key);
      await guard(async () => {
        const removed = await temporaryPath(root);
        await rename(path.join(root, key), removed).catch(nullIfMissing);
        await rm(removed, { recursive: true, force: true });
      });
    },
    async *keys() {
      for (const entry of (await guard(() => readdir(root).catch(nullIfMissing))) ?? [])
        if (!isTemporary(entry)) yield entry;
    },
    async sweep() {
      await guard(() => sweepTemporary(root));
    },
    async check() {
      await guard(() => tryWriting(root));
    },
  };
}

async function publish(root: string, key: string, folder: string, admit: Admit | undefined): Promise<void> {
  await ensureFolder(root);
  const temporary = await createTemporary(root);
  try {
    await linkTree(folder, path.join(temporary, 'files'));
    const files = await describeFiles(path.join(temporary, 'files'));
    await writeFile(path.join(temporary, manifestName), encodeManifest(files, new Date()));
    await syncTree(temporary);
    if (admit && !(await admit())) throw fenced(key);
    await rename(temporary, path.join(root, key)).catch((error) => {
      throw error.code === 'ENOTEMPTY' || error.code === 'EEXIST' ? taken(key, error) : error;
    });
    await sync(root);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Hard links where both lie on one disk, copies elsewhere. Plain files and folders only. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isFile()) await link(source, target).catch(() => copyFile(source, target, constants.COPYFILE_EXCL));
    else throw new AppError('INVALID_INPUT', `${source} is neither a file nor a folder and cannot be published`);
  }
}
