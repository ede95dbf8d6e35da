/** Parts of the configuration in the form that lower layers take. */
import path from 'node:path';
import type { RetryPolicy } from '../contract/retry-policy.ts';
import type { SpillOptions } from '../datasets/index.ts';
import { AppError } from '../errors.ts';
import type { RemotePolicy } from '../storage/remote/policy.ts';
import type { Config } from './config.ts';
import { s3Server, workFolder } from './stores.ts';

const maxRetrySeconds = 604_800;

/** How attempts are repeated where a job does not say so itself. */
export function retryPolicy(config: Config): RetryPolicy {
  return {
    maxAttempts: config.maxAttempts,
    initialMs: config.retryInitialSeconds * 1000,
    factor: config.retryFactor,
    maxMs: config.retryMaxSeconds * 1000,
    nonRetryable: [...config.nonRetryable],
  };
}

/** Which URLs datasets may come from, as src/storage/remote takes it. */
export function remotePolicy(config: Config): RemotePolicy {
  return {
    wording: {
      what: 'dataset URLs',
      enabled: 'DATASET_URLS',
      privateHosts: 'DATASET_URL_PRIVATE_HOSTS',
      instead: '; upload the file instead',
    },
    enabled: config.datasetUrls,
    hosts: config.datasetUrlHosts,
    privateHosts: config.datasetUrlPrivateHosts,
    ports: config.datasetUrlPorts,
    buckets: { ...s3Server(config), allowed: config.datasetS3 },
    maxBytes: config.maxDownloadBytes,
    timeoutMs: config.downloadTimeoutSeconds * 1000,
  };
}

/** Where webhooks may lead. */
export function webhookPolicy(config: Config): RemotePolicy {
  return {
    wording: { what: 'webhooks', enabled: 'WEBHOOKS', privateHosts: 'WEBHOOK_PRIVATE_HOSTS', instead: '' },
    enabled: config.webhooks,
    hosts: config.webhookHosts,
    privateHosts: config.webhookPrivateHosts,
    ports: config.webhookPorts,
    maxBytes: 0,
    timeoutMs: config.webhookTimeoutSeconds * 1000,
  };
}

/** Milliseconds before each further attempt of a delivery. Throws USAGE. */
export function webhookRetryMs({ webhookRetrySeconds }: Pick<Config, 'webhookRetrySeconds'>): number[] {
  return webhookRetrySeconds.map((text) => {
    const seconds = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && seconds <= maxRetrySeconds) return seconds * 1000;
    throw new AppError(
      'USAGE',
      `WEBHOOK_RETRY_SECONDS: ${JSON.stringify(text)} is no number of seconds up to ${maxRetrySeconds}`,
    );
  });
}
/** Where decoded data goes that is too large for memory. */
export const datasetSpill = (config: Pick<Config, 'stateDir' | 'maxDatasetDiskBytes'>): SpillOptions => ({
  folder: path.join(workFolder(config), 'datasets'),
  maxBytes: config.maxDatasetDiskBytes,
});
