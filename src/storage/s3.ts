/**
 * Published folders in an S3 bucket.
 *
 *   blobs/<key>.json                 the manifest: written last and only if absent, it IS the publication
 *   files/<key>/<upload>/<name>      the files of one upload; those that no manifest names are debris
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { describeFiles } from '../durable-files.ts';
import {
  type BlobFile,
  type BlobStore,
  checkKey,
  checkRange,
  fenced,
  findFile,
  notFound,
  taken,
} from './blob-store.ts';
import { decodeManifest, encodeManifest } from './manifest.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { tryBucket } from './s3-verify.ts';

export interface S3BlobStoreOptions {
  /** Files without a manifest may be an upload under way; the sweep takes them when they are older. Default: a day. */
  readonly abandonedAfterMs?: number;
}

interface Publication {
  readonly upload: string;
  readonly files: BlobFile[];
}

const manifestOf = (key: string) => `blobs/${checkKey(key)}.json`;
const folderOf = (key: string, upload: string) => `files/${key}/${upload}/`;

export function createS3BlobStore(
  bucket: S3Bucket,
  { abandonedAfterMs = 24 * 3600 * 1000 }: S3BlobStoreOptions = {},
): BlobStore {
  const find = async (key: string): Promise<Publication | null> => {
    const text = await bucket.getText(manifestOf(key));
    if (text === null) return null;
    // The upload's id is the first line, the manifest the second.
    const [upload = '', manifest = ''] = text.split('\n');
    return { upload, files: decodeManifest(manifest, key) };
  };

  const removeFiles = async (folder: string) => {
    const names: string[] = [];
    for await (const { name } of bucket.list(folder)) names.push(name);
    await bucket.remove(names);
  };

  return {
    name: bucket.name,
    async put(key, folder, admit) {
      const upload = `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}`;
      const manifest = manifestOf(key);
      if (await bucket.exists(manifest)) throw taken(key);
      try {
        const files = await describeFiles(folder);
        const text = encodeManifest(files, new Date());
        for (const file of files)
          await bucket.putFile(folderOf(key, upload) + file.path, path.join(folder, file.path), file);
        if (admit && !(await admit())) throw fenced(key);
        // A refused write may be the repetition of one that succeeded but whose answer was lost: then the manifest that is there equals the one that was sent.
        if (!(await bucket.putNew(manifest, `${upload}\n${text}`)) && (await find(key))?.upload !== upload)
          throw taken(key);
        return decodeManifest(text, key);
      } catch (error) {
        // Best effort: the sweep takes what cannot be removed now. A manifest that was written after all keeps its files.
        if ((await find(key).catch(() => ({ upload })))?.upload !== upload)
          await removeFiles(folderOf(key, upload)).catch(() => {});
        throw error;
      }
    },
    async list(key) {
      return (await find(key))?.files ?? null;
    },
    async stat(key, name) {
      return (await find(key))?.files.find((file) => file.name === name) ?? null;
    },
    async open(key, name, range) {
      const publication = await find(key);
      const file = findFile(publication?.files ?? null, key, name);
      checkRange(file, range);
      const stream = await bucket.open(folderOf(key, publication?.upload ?? '') + name, range);
      if (stream === null) throw notFound(key, name);
      return stream;
    },
    async remove(key) {
      await bucket.remove([manifestOf(key)]);
      await removeFiles(`files/${key}/`);
    },
    async *keys() {
      for await (const { name } of bucket.list('blobs/')) yield name.slice('blobs/'.length, -'.json'.length);
    },
    async sweep() {
      const debris: string[] = [];
      const current = new Map<string, string | undefined>();
      for await (const { name, modifiedAt } of bucket.list('files/')) {
        const [, key = '', upload] = name.split('/');
        if (Date.now() - modifiedAt.getTime() < abandonedAfterMs) continue;
        if (!current.has(key)) current.set(key, (await find(key))?.upload);
        if (current.get(key) !== upload) debris.push(name);
      }
      await bucket.remove(debris);
    },
    check: () => tryBucket(bucket),
  };
}
