/** Variables of what the service fetches from and posts to for clients: remote datasets and webhooks. */
import { flag, integer, list, seconds } from './variables.ts';

const gibi = 2 ** 30;

export const remoteVariables = {
  datasetUrls: flag('DATASET_URLS', true, 'Accept https:// dataset references.'),
  datasetUrlHosts: list('DATASET_URL_HOSTS', [], 'The only hosts that dataset URLs may name. Default: any public one.'),
  datasetUrlPrivateHosts: list(
    'DATASET_URL_PRIVATE_HOSTS',
    [],
    'Hosts that may resolve to private addresses and be reached over http://, as HOST or HOST:PORT.',
  ),
  datasetUrlPorts: list('DATASET_URL_PORTS', ['443'], 'Ports that dataset URLs may name.'),
  datasetS3: list(
    'DATASET_S3',
    [],
    'Places that s3:// dataset references may read with the credentials of the service, as BUCKET or BUCKET/PREFIX; default: none. Server and region are those of the S3_ variables.',
  ),
  maxDownloadBytes: integer('MAX_DOWNLOAD_BYTES', 8 * gibi, 'Largest download of a dataset.', { minimum: 1 }),
  datasetCacheBytes: integer(
    'DATASET_CACHE_BYTES',
    16 * gibi,
    'Downloads that are kept below STATE_DIR and fetched again only when their ETag changes; 0: none.',
  ),
  downloadTimeoutSeconds: seconds('DOWNLOAD_TIMEOUT_SECONDS', 1800, 'A download that takes longer fails.'),

  webhooks: flag('WEBHOOKS', true, 'Announce the ends of jobs to webhooks; the API processes deliver.'),
  webhookHosts: list('WEBHOOK_HOSTS', [], 'The only hosts that webhooks may name. Default: any public one.'),
  webhookPrivateHosts: list(
    'WEBHOOK_PRIVATE_HOSTS',
    [],
    'Hosts of webhooks that may resolve to private addresses and be reached over http://, as HOST or HOST:PORT.',
  ),
  webhookPorts: list('WEBHOOK_PORTS', ['443'], 'Ports that webhooks may name.'),
  webhookTimeoutSeconds: seconds(
    'WEBHOOK_TIMEOUT_SECONDS',
    15,
    'A receiver that takes longer has not taken the message.',
  ),
  webhookRetrySeconds: list(
    'WEBHOOK_RETRY_SECONDS',
    ['5', '300', '1800', '7200', '18000', '36000', '50400', '72000', '86400'],
    'Seconds before the second attempt of a delivery, the third, and so on; after the last one it has failed.',
  ),
} as const;
