/** Refusals of the disk as errors of ours. */
import { AppError } from '../errors.ts';
import { unavailable } from './blob-store.ts';

/** Refusals that a disk gives; what a network stream that is being stored throws has other codes and passes. */
const diskCodes = new Set([
  'EACCES',
  'EDQUOT',
  'EFBIG',
  'EIO',
  'EISDIR',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
  'ESTALE',
]);

/** Runs an action of the store `name`. Throws STORE_UNAVAILABLE when the disk refuses, everything else as it is. */
export async function guardDisk<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (error instanceof AppError || !diskCodes.has(code)) throw error;
    throw unavailable(name, error);
  }
}

export const nullIfMissing = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};
