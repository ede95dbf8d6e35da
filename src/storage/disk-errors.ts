/** Refusals of the disk as errors of this project: a later try may succeed, and no message holds a path of the server. */
import { AppError } from '../errors.ts';
import { unavailable } from './blob-store.ts';

/** Refusals that a disk gives, in words; what a network stream that is being stored throws has other codes and passes. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EAGAIN: 'it is busy',
  EBUSY: 'it is busy',
  EDQUOT: 'the quota is used up',
  EEXIST: 'something else is in the way',
  EFBIG: 'the file is too large for it',
  EHOSTDOWN: 'its server is away',
  EINVAL: 'it refuses the operation',
  EIO: 'the disk has an error',
  EISDIR: 'a folder is where a file should be',
  ELOOP: 'its links form a loop',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'a name is too long for it',
  ENFILE: 'too many files are open',
  ENODEV: 'its device is gone',
  ENOENT: 'a folder or file of it is missing',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file is where a folder should be',
  ENOTEMPTY: 'something else is in the way',
  ENXIO: 'its device is gone',
  EPERM: 'permission is denied',
  EROFS: 'the disk is read-only',
  ESTALE: 'its server has forgotten the file',
  ETXTBSY: 'it is busy',
};

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Runs an action of the store `name`. Throws STORE_UNAVAILABLE when the disk refuses, everything else as it is. */
export async function guardDisk<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof AppError ? error : (diskRefusal(name, error) ?? error);
  }
}

/** STORE_UNAVAILABLE for a refusal of the disk; null for any other error. */
export function diskRefusal(name: string, error: unknown): AppError | null {
  const code = codeOf(error);
  const reason = reasons[code];
  return reason === undefined ? null : unavailable(name, `${reason} (${code})`, error);
}

export const nullIfMissing = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};
