/** Opens the stores that a configuration asks for: a folder, or an S3 bucket with the folder as its cache. */
import path from 'node:path';
import type { BlobStore } from './blob-store.ts';
import type { ContentStore } from './content-store.ts';
import { createLocalBlobStore } from './local.ts';
import { createLocalContentStore } from './local-content.ts';
import type { S3Options } from './s3-bucket.ts';

export interface StorageOptions {
  /** Absolute. Artifacts and uploads get folders of their own in it. */
  readonly stateDir: string;
  readonly s3?: S3Options;
}

export interface Stores {
  /** What jobs published, by job id. */
  readonly artifacts: BlobStore;
  /** What clients uploaded, by sha256. */
  readonly contents: ContentStore;
  /** How far running jobs have got. */
  readonly checkpoints: BlobStore;
  /** What is known of each upload. */
  readonly uploads: BlobStore;
  close(): void;
}

export async function openStores({ stateDir, s3 }: StorageOptions): Promise<Stores> {
  const contents = createLocalContentStore({ root: path.join(stateDir, 'contents') });
  if (s3 === undefined) {
    const folder = (name: string) => createLocalBlobStore({ root: path.join(stateDir, name) });
    return {
      artifacts: folder('artifacts'),
      checkpoints: folder('checkpoints'),
      contents,
      uploads: folder('uploads'),
      close: () => {},
    };
  }
  // Loaded only here: the SDK takes a third of a second.
  const [{ createS3Bucket }, { createS3BlobStore }, { createS3ContentStore }] = await Promise.all([
    import('./s3-bucket.ts'),
    import('./s3.ts'),
    import('./s3-content.ts'),
  ]);
  const bucket = createS3Bucket(s3);
  const below = (folder: string) => createS3Bucket({ ...s3, prefix: `${s3.prefix ?? ''}${folder}/` });
  const [uploads, checkpoints] = [below('uploads'), below('checkpoints')];
  return {
    artifacts: createS3BlobStore(bucket),
    checkpoints: createS3BlobStore(checkpoints),
    contents: createS3ContentStore(bucket, contents),
    uploads: createS3BlobStore(uploads),
    close() {
      for (const opened of [bucket, uploads, checkpoints]) opened.close();
    },
  };
}

export type { BlobFile, BlobStore, ByteRange } from './blob-store.ts';
export type { ContentStore, StoredContent } from './content-store.ts';
export type { S3Options } from './s3-bucket.ts';
