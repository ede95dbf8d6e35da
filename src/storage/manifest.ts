/** The record of a publication, kept beside its files: digests are computed once, names are looked up and never become paths by themselves. */
import type { FileDescription } from '../durable-files.ts';
import { AppError } from '../errors.ts';
import { type BlobFile, isPlainName } from './blob-store.ts';

interface Manifest {
  readonly publishedAt: string;
  readonly files: readonly FileDescription[];
}

/** @throws INVALID_INPUT for a name that could leave the folder on another system */
export function encodeManifest(files: readonly FileDescription[], publishedAt: Date): string {
  const odd = files.find(({ path }) => !isPlainName(path));
  if (odd) throw new AppError('INVALID_INPUT', `${JSON.stringify(odd.path)} is no name for a published file`);
  const manifest: Manifest = { publishedAt: publishedAt.toISOString(), files };
  return JSON.stringify(manifest);
}

/** Reads what `encodeManifest` wrote. */
export function decodeManifest(text: string): BlobFile[] {
  const { publishedAt, files } = JSON.parse(text) as Manifest;
  const modifiedAt = new Date(publishedAt);
  return files.map(({ path, bytes, sha256 }) => ({ name: path, bytes, sha256, modifiedAt }));
}
