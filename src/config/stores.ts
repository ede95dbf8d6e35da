/** What a configuration says about stores, in the form in which src/storage takes it. */
import path from 'node:path';
import type { StorageOptions } from '../storage/index.ts';
import type { Config } from './config.ts';

/** Where artifacts and uploads lie. */
export function storageOptions(config: Config): StorageOptions {
  const { stateDir, artifactStore, s3Bucket, s3Endpoint, s3Region, s3Prefix, s3PathStyle } = config;
  if (artifactStore === 'local' || s3Bucket === null) return { stateDir };
  const endpoint = s3Endpoint === null ? {} : { endpoint: s3Endpoint };
  const forcePathStyle = s3PathStyle === 'auto' ? s3Endpoint !== null : s3PathStyle === 'true';
  const s3 = { bucket: s3Bucket, region: s3Region, prefix: s3Prefix, ...endpoint, forcePathStyle };
  return { stateDir, s3, maxCacheBytes: config.s3CacheBytes };
}

/** Where files are written first. On the disk of a local store publishing them is a rename. */
export const workFolder = ({ stateDir }: Pick<Config, 'stateDir'>): string => path.join(stateDir, 'work');
