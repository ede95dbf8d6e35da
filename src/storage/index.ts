/** Opens the stores that a configuration asks for: a folder, or an S3 bucket with the folder as its cache. */
import path from 'node:path';
import { AppError } from '../errors.ts';
import type { BlobStore } from './blob-store.ts';
import type { ContentStore } from './content-store.ts';
import { createLocalBlobStore } from './local.ts';
import { createLocalContentStore } from './local-content.ts';
import type { S3Options } from './s3-bucket.ts';

export interface StorageOptions {
  /** Absolute. Artifacts and uploads get folders of their own in it. */
  readonly stateDir: string;
  readonly s3?: S3Options;
  /** Of contents of the bucket that lie on this machine to be read; about. Default: no limit. */
  readonly maxCacheBytes?: number;
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
  /**
   * Asks the server of a bucket once for the promises that the stores rely on.
   *
   * @throws STORE_UNSUITABLE, STORE_UNAVAILABLE
   */
  verify(): Promise<void>;
  close(): void;
}

export async function openStores({
  stateDir,
  s3,
  maxCacheBytes = Number.POSITIVE_INFINITY,
}: StorageOptions): Promise<Stores> {
  const contents = createLocalContentStore({ root: path.join(stateDir, 'contents') });
  if (s3 === undefined) {
    const folder = (name: string) => createLocalBlobStore({ root: path.join(stateDir, name) });
    return {
      artifacts: folder('artifacts'),
      checkpoints: folder('checkpoints'),
      contents,
      uploads: folder('uploads'),
      verify: async () => {},
      close: () => {},
    };
  }
  // Loaded only here: the SDK takes a third of a second.
  const [{ createS3Bucket }, { createS3BlobStore }, { createS3ContentStore }, { verifyBucket }] = await Promise.all([
    import('./s3-bucket.ts'),
    import('./s3.ts'),
    import('./s3-content.ts'),
    import('./s3-verify.ts'),
  ]);
  const bucket = createS3Bucket(s3);
  const below = (folder: string) => createS3Bucket({ ...s3, prefix: `${s3.prefix ?? ''}${folder}/` });
  const [uploads, checkpoints] = [below('uploads'), below('checkpoints')];
  return {
    artifacts: createS3BlobStore(bucket),
    checkpoints: createS3BlobStore(checkpoints),
    contents: createS3ContentStore(bucket, contents, maxCacheBytes),
    uploads: createS3BlobStore(uploads),
    verify: () => verifyBucket(bucket),
    close() {
      for (const opened of [bucket, uploads, checkpoints]) opened.close();
    },
  };
}

/** A store that is away now may be back: only one that can never be used keeps a process from starting. Throws STORE_UNSUITABLE. */
export async function verifyStores(
  { verify }: Pick<Stores, 'verify'>,
  log: { warn(details: object, message: string): void },
): Promise<void> {
  await verify().catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'STORE_UNSUITABLE') throw error;
    log.warn({ err: error }, 'the store cannot be used now');
  });
}

export type { BlobFile, BlobStore, ByteRange } from './blob-store.ts';
export type { ContentStore, StoredContent } from './content-store.ts';
export type { S3Options } from './s3-bucket.ts';
