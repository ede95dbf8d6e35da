/** A file or folder as the recognition of formats sees it: names, first bytes, and what lies in it. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fill, type Origin } from '../codecs/byte-source.ts';
import { openFileSource } from '../codecs/file-source.ts';
import { gunzip, isGzip } from '../codecs/inflate.ts';
import { isTar, readTar } from '../codecs/tar.ts';
import { isZip } from '../codecs/zip.ts';
import { readDirectory } from '../codecs/zip-directory.ts';
import { AppError } from '../errors.ts';
import { compareCodePoints } from './parts.ts';

export interface Candidate {
  readonly path: string;
  /** As shown in errors. */
  readonly label: string;
  /** Base name in lower case, without '.gz'. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'zip' | 'tar';
  /** Paths of the files in it, relative, by code point: of a folder and a zip all, of a tar the first ones; empty for a file. */
  readonly members: readonly string[];
  /** The first bytes, decompressed if the file is gzip; empty for a folder. */
  readonly head: Uint8Array;
  readonly isGzip: boolean;
}

/** Room for a tar header, a JSON line and the magic numbers of every format. */
const headBytes = 4096;
const maxFolderFiles = 2_000_000;
const maxDepth = 16;
/** Enough to distinguish class folders from shards; a whole archive is read once, by its reader. */
const listedTarEntries = 64;

/**
 * Collects what recognition looks at.
 *
 * @param confinedTo links of a folder may not lead out of this one; without it they may lead anywhere
 * @throws DATASET_NOT_FOUND, DATASET_MALFORMED, DATASET_INVALID for links that leave, DATASET_TOO_LARGE for folders without end
 */
export async function examine(
  filePath: string,
  label: string,
  fileName = path.basename(filePath),
  confinedTo?: string,
): Promise<Candidate> {
  const name = fileName
    .toLowerCase()
    .replace(/\.gz$/, '')
    .replace(/\.tgz$/, '.tar');
  if ((await stat(filePath)).isDirectory()) {
    const members = await listFolder(filePath, label, confinedTo === undefined ? null : await realpath(confinedTo));
    return { path: filePath, label, name, kind: 'folder', members, head: new Uint8Array(0), isGzip: false };
  }
  return { path: filePath, label, name, ...(await examineFile(filePath, label)) };
}

/** Hidden files and what operating systems leave behind are no data. */
const isLitter = (name: string) =>
  name.startsWith('.') || name === '__MACOSX' || /^(thumbs\.db|desktop\.ini)$/i.test(name);

/** True for a path in which no folder and no file is hidden or litter. */
export const isData = (relativePath: string) => !relativePath.split('/').some(isLitter);

async function listFolder(root: string, label: string, confinedTo: string | null): Promise<string[]> {
  const files: string[] = [];
  const walk = async (folder: string, depth: number): Promise<void> => {
    if (depth > maxDepth)
      throw new AppError('DATASET_INVALID', `${label}: ${folder} lies deeper than ${maxDepth} folders`);
    for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
      if (isLitter(entry.name)) continue;
      const relative = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const isFolder = entry.isSymbolicLink() ? await followLink(relative) : entry.isDirectory();
      if (isFolder) await walk(relative, depth + 1);
      else files.push(relative);
      if (files.length > maxFolderFiles)
        throw new AppError('DATASET_TOO_LARGE', `${label}: holds more than ${maxFolderFiles} files`);
    }
  };
  const followLink = async (relative: string): Promise<boolean> => {
    const target = await realpath(path.join(root, relative)).catch(() => null);
    const isOutside = confinedTo !== null && target !== null && path.relative(confinedTo, target).startsWith('..');
    if (target === null || isOutside)
      throw new AppError(
        'DATASET_INVALID',
        `${label}: ${relative} is a link that leads out of the data; put the file itself there`,
      );
    return (await stat(target)).isDirectory();
  };
  await walk('', 0);
  return files.sort(compareCodePoints);
}

async function examineFile(filePath: string, label: string): Promise<Omit<Candidate, 'path' | 'label' | 'name'>> {
  const origin: Origin = { name: label, code: 'DATASET_MALFORMED' };
  const file = await openFileSource(filePath, origin);
  const start = await file.readAt(0, Math.min(headBytes, file.size));
  const compressed = isGzip(start);
  const source = compressed ? gunzip(file, Number.MAX_SAFE_INTEGER, origin) : file;
  try {
    const bytes = new Uint8Array(headBytes);
    const head = compressed ? bytes.subarray(0, await fill(source, bytes)) : start;
    if (!compressed && isZip(head)) {
      const members = (await readDirectory(file, origin))
        .map((entry) => entry.name)
        .filter((name) => !name.endsWith('/'));
      return { kind: 'zip', members: members.filter(isData).sort(compareCodePoints), head, isGzip: false };
    }
    if (isTar(head)) return { kind: 'tar', members: await listTar(filePath, origin), head, isGzip: compressed };
    return { kind: 'file', members: [], head, isGzip: compressed };
  } finally {
    await source.close();
    await file.close();
  }
}

async function listTar(filePath: string, origin: Origin): Promise<string[]> {
  const file = await openFileSource(filePath, origin);
  const source = isGzip(await file.readAt(0, 2)) ? gunzip(file, Number.MAX_SAFE_INTEGER, origin) : file;
  const members: string[] = [];
  try {
    for await (const { name } of readTar(source, origin)) {
      const member = name.replace(/^(\.\/)+/, '');
      if (isData(member)) members.push(member);
      if (members.length >= listedTarEntries) break;
    }
    return members;
  } finally {
    await source.close();
    await file.close();
  }
}

/** The place of a member of a folder. */
export const memberPath = ({ path: root }: Pick<Candidate, 'path'>, member: string) => path.join(root, member);
/** A member as errors name it. */
export const memberLabel = ({ label }: Pick<Candidate, 'label'>, member: string) => `${label}/${member}`;

const latin1 = new TextDecoder('latin1');
const signature = (head: Uint8Array, length: number) => latin1.decode(head.subarray(0, length));
/** True when the content begins with these characters, one a byte. */
export const startsWith = ({ head }: Pick<Candidate, 'head'>, text: string) => signature(head, text.length) === text;
