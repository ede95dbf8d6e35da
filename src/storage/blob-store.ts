/**
 * What a store of published folders is. One driver per file in this folder; test/storage/blob-store.test.ts holds all of them to the same promises.
 *
 * A folder appears under its key whole, once, and never changes: what is published can be cached for ever.
 */
import type { Readable } from 'node:stream';
import { AppError } from '../errors.ts';

export interface BlobFile {
  /** Path inside the folder, with `/`. */
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** When it was published. */
  readonly modifiedAt: Date;
}

/** Both ends included, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Asked in the last moment before a publication becomes visible: false when a later attempt has taken over. The store cannot know, the queue can.
 */
export type Admit = () => Promise<boolean>;

export interface BlobStore {
  /** For messages and health reports. */
  readonly name: string;
  /**
   * Publishes the files of `folder`, which stays as it is but must not be changed in place afterwards.
   *
   * @throws ATTEMPT_FENCED when `admit` says no; ARTIFACT_EXISTS when the key is taken; STORE_UNAVAILABLE. Nothing is visible then.
   */
  put(key: string, folder: string, admit?: Admit): Promise<BlobFile[]>;
  /** The files under a key, sorted by name; null when nothing is published there. Throws STORE_CORRUPT. */
  list(key: string): Promise<BlobFile[] | null>;
  /** One file; null when it does not exist. */
  stat(key: string, name: string): Promise<BlobFile | null>;
  /**
   * The bytes of a file. The stream must be consumed or destroyed.
   *
   * @throws ARTIFACT_NOT_FOUND; INVALID_INPUT for a range outside the file
   */
  open(key: string, name: string, range?: ByteRange): Promise<Readable>;
  /** Takes all files of a key away at once. Nothing to remove is no error. */
  remove(key: string): Promise<void>;
  /** Every published key, in no order. */
  keys(): AsyncIterable<string>;
  /** Removes what interrupted publications and removals left behind; safe at any time. */
  sweep(): Promise<void>;
  /** Resolves when the store can be used: something was written and removed again. Throws STORE_UNAVAILABLE. */
  check(): Promise<void>;
}

/** Keys are job ids: they become folder names, so they may not be anything else. Throws INVALID_INPUT. */
export function checkKey(key: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(key)) return key;
  throw new AppError(
    'INVALID_INPUT',
    `${JSON.stringify(key).slice(0, 140)} is no key: letters, digits, - and _ (128 at most) are`,
  );
}

/** True for a relative path of plain parts: no `..`, no `.`, no empty part, no NUL, no backslash, not absolute. */
export function isPlainName(name: string): boolean {
  if (name.length > 1024 || /[\0\\]/.test(name)) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The file of that name. Throws ARTIFACT_NOT_FOUND. */
export function findFile(files: readonly BlobFile[] | null, key: string, name: string): BlobFile {
  const file = files?.find((candidate) => candidate.name === name);
  if (file) return file;
  throw notFound(key, name);
}

export const notFound = (key: string, name: string) =>
  new AppError('ARTIFACT_NOT_FOUND', `${key} has no file ${JSON.stringify(name).slice(0, 200)}`);

/** Throws INVALID_INPUT unless the range lies inside the file. */
export function checkRange({ bytes, name }: BlobFile, range: ByteRange | undefined): void {
  if (range === undefined) return;
  const { start, end } = range;
  const valid = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end && end < bytes;
  if (!valid) throw new AppError('INVALID_INPUT', `bytes ${start}-${end} do not lie in ${name}, which has ${bytes}`);
}

export const fenced = (key: string) =>
  new AppError('ATTEMPT_FENCED', `another attempt has taken over ${key}; this one's files were dropped`);

export const taken = (key: string, cause?: unknown) =>
  new AppError('ARTIFACT_EXISTS', `${key} is already published; published files are never replaced`, { cause });

/** A failure of the disk or the network; a later try may succeed. `reason` is told to clients: it names no path and no host. */
export const unavailable = (store: string, reason: string, cause: unknown) =>
  new AppError('STORE_UNAVAILABLE', `${store} cannot be used: ${reason}`, { cause, permanent: false });
