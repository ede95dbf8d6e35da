/** Parts of the configuration as the rooms below take them. */
import type { RetryPolicy } from '../contract/retry-policy.ts';
import type { RemotePolicy } from '../storage/remote/policy.ts';
import type { Config } from './config.ts';

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
    enabled: config.datasetUrls,
    hosts: config.datasetUrlHosts,
    privateHosts: config.datasetUrlPrivateHosts,
    ports: config.datasetUrlPorts,
    maxBytes: config.maxDownloadBytes,
    timeoutMs: config.downloadTimeoutSeconds * 1000,
  };
}
