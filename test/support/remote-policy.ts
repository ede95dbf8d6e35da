import type { RemotePolicy } from '../../src/storage/remote/policy.ts';

/** The default policy for dataset URLs, with small limits. */
export const remotePolicy = (rest: Partial<RemotePolicy> = {}): RemotePolicy => ({
  wording: { what: 'dataset URLs', enabled: 'DATASET_URLS', privateHosts: 'DATASET_URL_PRIVATE_HOSTS', instead: '' },
  enabled: true,
  hosts: [],
  privateHosts: [],
  ports: ['443'],
  maxBytes: 10_000,
  timeoutMs: 5000,
  ...rest,
});
