/**
 * Folders and files that appear atomically: they are written under a temporary name that identifies the writing process, fsynced, and renamed.
 *
 *   .gradinit-tmp.<pid>.<start>.<place>.<random>
 *
 * A process is identified by its id and start time (ids are reused; in containers at every restart) within a place, which is the host and its process
 * namespace.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const prefix = '.gradinit-tmp.';

/**
 * Whether a process of another machine (on a shared disk) still lives cannot be determined; its files are removed after a day, longer than any
 * publication takes.
 */
const foreignAgeMs = 24 * 3600 * 1000;

/** The start time of a process in clock ticks since boot; null when it has ended, also as a zombie. */
async function processStart(pid: number | 'self'): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  // The command name may contain any character, so that parsing begins after the last ')'. From there proc(5) numbers the fields from 3, the state;
  // the start time is field 22.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

async function place(): Promise<string> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return createHash('sha256').update(`${hostname()} ${namespace}`).digest('hex').slice(0, 8);
}

/** Creates a folder and its parents. The `recursive` option of Node's mkdir loops for ever where the system answers ENOENT to any creation, as /proc does. */
export async function ensureFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || path.dirname(folder) === folder) throw error;
    await ensureFolder(path.dirname(folder));
    await mkdir(folder).catch((again) => {
      if (again.code !== 'EEXIST') throw again;
    });
  }
}

/** An unused temporary path in `parent` that belongs to this process. Nothing is created. */
export async function temporaryPath(parent: string): Promise<string> {
  const owner = [process.pid, (await processStart('self')) ?? '0', await place()].join('.');
  return path.join(parent, `${prefix}${owner}.${randomBytes(6).toString('hex')}`);
}

/**
 * Creates a temporary folder in `parent` with the default permissions. mkdtemp would make it, and after the rename the artifact, unreadable for other
 * users.
 */
export async function createTemporary(parent: string): Promise<string> {
  const folder = await temporaryPath(parent);
  await mkdir(folder);
  return folder;
}

/** Bytes that a trial write needs: enough to allocate a block, because an empty folder can be created even on a full disk. */
const trialBytes = 65_536;

/** Resolves when bytes can be written to `folder` and read back. Throws the error of the file system. */
export async function tryWriting(folder: string): Promise<void> {
  await ensureFolder(folder);
  const file = await temporaryPath(folder);
  try {
    await writeFile(file, Buffer.alloc(trialBytes, 1), { flag: 'wx', flush: true });
  } finally {
    await rm(file, { force: true });
  }
}

/** True for the name of a temporary file or folder of a living or dead process; listings leave it out. */
export const isTemporary = (name: string) => name.startsWith(prefix);

/**
 * Removes the temporary files and folders of dead processes from `parent`; those of living processes stay.
 *
 * @returns the names that were removed
 */
export async function sweepTemporary(parent: string): Promise<string[]> {
  const names = (await readdir(parent).catch(() => [])).filter(isTemporary);
  const removed: string[] = [];
  for (const name of names) {
    if (!(await isAbandoned(parent, name))) continue;
    await rm(path.join(parent, name), { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

async function isAbandoned(parent: string, name: string): Promise<boolean> {
  const [pid, start, where] = name.slice(prefix.length).split('.');
  if (where === (await place())) return (await processStart(Number(pid))) !== start;
  const stats = await lstat(path.join(parent, name)).catch(() => null);
  return stats !== null && Date.now() - stats.mtimeMs > foreignAgeMs;
}

/** Fsyncs a file or folder, so that its content survives a power failure. */
export async function sync(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Fsyncs every file and folder below `folder`, and `folder` itself last. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name);
    await (entry.isDirectory() ? syncTree(child) : sync(child));
  }
  await sync(folder);
}

export interface FileDescription {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 in lower-case hex. */
  readonly sha256: string;
}

/** Size and digest of one file; `name` becomes its path in the description. */
export async function describeFile(file: string, name: string): Promise<FileDescription> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.byteLength;
    }
  });
  return { path: name, bytes, sha256: hash.digest('hex') };
}

/** Paths of all files below `folder`, relative, with `/`, sorted. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files
    .map((entry) =>
      path
        .relative(folder, path.join(entry.parentPath ?? entry.path, entry.name))
        .split(path.sep)
        .join('/'),
    )
    .sort();
}

/** Describes every file below `folder`, sorted by path. */
export async function describeFiles(folder: string): Promise<FileDescription[]> {
  const descriptions: FileDescription[] = [];
  for (const name of await listFiles(folder)) descriptions.push(await describeFile(path.join(folder, name), name));
  return descriptions;
}
