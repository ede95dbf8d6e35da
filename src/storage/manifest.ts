/** The record of a publication, kept beside its files: digests are computed once, names are looked up and never become paths by themselves. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
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

const schema = Type.Object({
  publishedAt: Type.String(),
  files: Type.Array(
    Type.Object({
      path: Type.String(),
      bytes: Type.Integer({ minimum: 0 }),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    }),
  ),
});

/** Reads what `encodeManifest` wrote under `key`. Throws STORE_CORRUPT. */
export function decodeManifest(text: string, key: string): BlobFile[] {
  const manifest = parse(text);
  const modifiedAt = new Date(manifest?.publishedAt ?? Number.NaN);
  if (manifest === null || Number.isNaN(modifiedAt.getTime())) {
    const message = `the manifest of ${key} is damaged: its files cannot be served; delete it, or restore the store from a backup`;
    throw new AppError('STORE_CORRUPT', message);
  }
  return manifest.files.map(({ path, bytes, sha256 }) => ({ name: path, bytes, sha256, modifiedAt }));
}

function parse(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text);
    return Value.Check(schema, value) ? value : null;
  } catch {
    return null;
  }
}
