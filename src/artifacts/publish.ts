/** Publishes an artifact folder atomically: the folder appears complete, or not at all. */
import { access, constants, lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  createTemporary,
  describeFile,
  describeFiles,
  ensureFolder,
  type FileDescription,
  listFiles,
  sweepTemporary,
  sync,
  syncTree,
  temporaryPath,
} from '../durable-files.ts';
import { AppError } from '../errors.ts';
import type { ArtifactContent, ArtifactFormat } from './format.ts';
import { encodeReport } from './report.ts';

const reportName = 'report.json';
const classesName = 'classes.json';

export interface PublishOptions {
  /** True: an earlier artifact at the target is replaced. A folder that holds anything else is never replaced. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes the content in every format, classes.json where the data has classes, and report.json with size and sha256 of each file, into a temporary
 * folder beside `outDir`; then fsyncs the files and renames the folder. After an error or the death of the process, `outDir` never holds part of an
 * artifact. (Overwriting takes two renames, between which `outDir` does not exist.)
 *
 * @returns a description of every file, report.json included
 * @throws OUTPUT_UNWRITABLE when `outDir` is taken or cannot be written; CANCELLED; the errors of a format's `write`
 */
export async function publishArtifacts(
  outDir: string,
  formats: readonly ArtifactFormat[],
  content: ArtifactContent,
  options: PublishOptions = {},
): Promise<FileDescription[]> {
  const target = path.resolve(outDir);
  await checkOutput(target, options);
  const temporary = await writable(target, () => createTemporary(path.dirname(target)));
  try {
    const files = await writable(target, () => writeAll(temporary, formats, content, options.signal));
    await writable(target, () => moveInto(temporary, target, options));
    return files;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Checks, before any work is done, that `publishArtifacts` could write to `outDir`: creates its parent folders and removes what dead processes left
 * in the nearest one.
 *
 * @throws OUTPUT_UNWRITABLE
 */
export async function checkOutput(outDir: string, { overwrite = false }: PublishOptions = {}): Promise<void> {
  const target = path.resolve(outDir);
  const parent = path.dirname(target);
  await writable(target, async () => {
    await ensureFolder(parent);
    await access(parent, constants.W_OK | constants.X_OK);
    await sweepTemporary(parent);
  });
  const stats = await lstat(target).catch(() => null);
  if (stats === null) return;
  if (!stats.isDirectory()) throw unwritable(target, 'exists and is not a folder; choose another path');
  if ((await readdir(target)).length === 0) return;
  const foreign = await foreignFile(target);
  if (foreign !== null) throw unwritable(target, `holds ${foreign}, which is not of an artifact; choose another path`);
  if (!overwrite) throw unwritable(target, 'already holds an artifact; choose another path or ask for overwriting');
}

async function writeAll(
  folder: string,
  formats: readonly ArtifactFormat[],
  content: ArtifactContent,
  signal?: AbortSignal,
) {
  for (const format of formats) {
    throwIfCancelled(signal);
    await format.write(folder, content);
  }
  throwIfCancelled(signal);
  if (content.classes)
    await writeFile(
      path.join(folder, classesName),
      encodeReport({ ...content.classes, classes: [...content.classes.classes] }),
      { flag: 'wx' },
    );
  const files = await describeFiles(folder);
  const report = path.join(folder, reportName);
  await writeFile(report, encodeReport({ ...content.report, files: files.map((file) => ({ ...file })) }), {
    flag: 'wx',
  });
  await syncTree(folder);
  throwIfCancelled(signal);
  return [...files, await describeFile(report, reportName)];
}

/** Renames to the target. A rename replaces only an empty folder, so that anything written to the target since it was checked is kept. */
async function moveInto(temporary: string, target: string, { overwrite = false }: PublishOptions): Promise<void> {
  const parent = path.dirname(target);
  const stale = await temporaryPath(parent);
  if (overwrite) {
    await checkOutput(target, { overwrite });
    await rename(target, stale).catch(unlessMissing);
  }
  try {
    await rename(temporary, target);
  } catch (error) {
    if (overwrite) await rename(stale, target).catch(unlessMissing);
    throw error;
  }
  await sync(parent);
  await rm(stale, { recursive: true, force: true });
}

const unlessMissing = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ENOENT') throw error;
};

/** The path of a file in the folder that its report.json does not list; null when the folder holds one artifact and nothing else. */
async function foreignFile(folder: string): Promise<string | null> {
  const files = await listFiles(folder);
  const report: unknown = await readFile(path.join(folder, reportName), 'utf8')
    .then((text) => JSON.parse(text))
    .catch(() => null);
  const listed = typeof report === 'object' && report !== null && 'files' in report ? report.files : [];
  const ours = new Set<unknown>(
    Array.isArray(listed) ? listed.map((file: { path?: unknown } | null) => file?.path) : [],
  );
  if (Array.isArray(listed) && listed.length > 0) ours.add(reportName);
  return files.find((file) => !ours.has(file)) ?? (files.length === 0 ? 'folders' : null);
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new AppError('CANCELLED', 'cancelled while the artifact was written; nothing was left behind');
}

const unwritable = (target: string, problem: string, cause?: unknown) =>
  new AppError('OUTPUT_UNWRITABLE', `output folder ${target} ${problem}`, cause === undefined ? {} : { cause });

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'cannot be written: permission denied',
  EPERM: 'cannot be written: permission denied',
  EROFS: 'lies on a read-only disk',
  ENOSPC: 'does not fit: the disk is full',
  EDQUOT: 'does not fit: the quota is used up',
  ENOTDIR: 'has a file where a folder should be in its path',
  EEXIST: 'appeared while the artifact was made; choose another path',
  ENOTEMPTY: 'appeared while the artifact was made; choose another path',
  EBUSY: 'is a mount point; choose a folder inside it',
  ENAMETOOLONG: 'has too long a name',
};

/** Runs an action and converts errors of the file system to OUTPUT_UNWRITABLE; an AppError is thrown unchanged. */
async function writable<T>(target: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (error instanceof AppError || !/^E[A-Z]+$/.test(code)) throw error;
    throw unwritable(target, reasons[code] ?? `cannot be written: ${code}`, error);
  }
}
