/** What a configuration says about stores, in the form in which src/storage takes it. */
import path from 'node:path';
import type { StorageOptions } from '../storage/index.ts';
import type { S3Server } from '../storage/s3-bucket.ts';
import type { Config } from './config.ts';

/** The server of buckets. */
export function s3Server({ s3Endpoint, s3Region, s3PathStyle }: Config): S3Server {
  const endpoint = s3Endpoint === null ? {} : { endpoint: s3Endpoint };
  const forcePathStyle = s3PathStyle === 'auto' ? s3Endpoint !== null : s3PathStyle === 'true';
  return { region: s3Region, ...endpoint, forcePathStyle };
}

/** Where artifacts and uploads lie. */
export function storageOptions(config: Config): StorageOptions {
  const { stateDir, artifactStore, s3Bucket, s3Prefix } = config;
  if (artifactStore === 'local' || s3Bucket === null) return { stateDir };
  const s3 = { bucket: s3Bucket, prefix: s3Prefix, ...s3Server(config) };
  return { stateDir, s3, maxCacheBytes: config.s3CacheBytes };
}

/** Where files are written first. On the disk of a local store publishing them is a rename. */
export const workFolder = ({ stateDir }: Pick<Config, 'stateDir'>): string => path.join(stateDir, 'work');
