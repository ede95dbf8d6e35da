/**
 * Configuration by environment: one table, its only reader. README's table is made from it (`configTable`).
 *
 * A variable that is empty counts as not set. All bad variables are reported at once.
 */

import path from 'node:path';
import { AppError, toAppError } from '../errors.ts';
import { redisTarget } from '../queue/redis-url.ts';
import { remoteVariables } from './remote-variables.ts';
import { flag, integer, list, oneOf, optionalText, seconds, text, type Variable } from './variables.ts';
import { workerVariables } from './worker-variables.ts';

const mebi = 2 ** 20;
const gibi = 2 ** 30;
const day = 86_400;

const variables = {
  // The HTTP server
  host: text(
    'HOST',
    '127.0.0.1',
    'Address that the API listens on. Without API_KEYS only a loopback address is accepted.',
  ),
  port: integer('PORT', 8080, 'Port of the API; 0 picks a free one.', { maximum: 65_535 }),
  publicUrl: optionalText(
    'PUBLIC_URL',
    'Base of the links in answers, e.g. https://gradinit.example.com. Default: the Host header of the request.',
  ),
  trustProxy: flag('TRUST_PROXY', false, 'Believe the X-Forwarded-* headers; only behind a proxy that sets them.'),
  apiKeys: list(
    'API_KEYS',
    [],
    'Bearer tokens, comma-separated: NAME:SCOPES:sha256:HEX, scopes joined by + out of jobs:read, jobs:write, admin. See `gradinit key`.',
  ),
  corsOrigins: list(
    'CORS_ORIGINS',
    [],
    'Origins whose pages may use the API from a browser, e.g. https://app.example.com. Default: none.',
  ),
  maxConnections: integer('MAX_CONNECTIONS', 10_000, 'Connections that are open at the same time; more are refused.', {
    minimum: 1,
  }),
  requestsPerMinute: integer('REQUESTS_PER_MINUTE', 0, 'Rate limit for each key (or address without keys); 0: none.'),
  requestTimeoutSeconds: seconds(
    'REQUEST_TIMEOUT_SECONDS',
    60,
    'A request whose head and body take longer is dropped; uploads have UPLOAD_TIMEOUT_SECONDS.',
  ),
  uploadTimeoutSeconds: seconds('UPLOAD_TIMEOUT_SECONDS', 3600, 'An upload that takes longer is dropped.'),
  maxWaitSeconds: seconds('MAX_WAIT_SECONDS', 60, 'Longest `?wait=` of a long poll.'),

  // Limits
  maxBodyBytes: integer('MAX_BODY_BYTES', 18 * mebi, 'Largest JSON body; an inline topology may take 16 MiB of it.', {
    minimum: 1024,
  }),
  maxUploadBytes: integer('MAX_UPLOAD_BYTES', 8 * gibi, 'Largest upload.', { minimum: 1 }),
  maxDatasetBytes: integer(
    'MAX_DATASET_BYTES',
    4 * gibi,
    'What a dataset may take in memory once decoded; what is larger goes on with MAX_DATASET_DISK_BYTES.',
    { minimum: 1 },
  ),
  maxDatasetDiskBytes: integer(
    'MAX_DATASET_DISK_BYTES',
    64 * gibi,
    'What a dataset beyond MAX_DATASET_BYTES may take on disk, below STATE_DIR, while it is used; 0: it is refused.',
  ),
  maxParameters: integer('MAX_PARAMETERS', 1_000_000_000, 'Largest model.', { minimum: 1 }),
  maxQueuedJobsPerKey: integer('MAX_QUEUED_JOBS_PER_KEY', 10_000, 'Jobs of one key that may wait at the same time.', {
    minimum: 1,
  }),
  maxQueueSeconds: seconds(
    'MAX_QUEUE_SECONDS',
    7 * day,
    'Longest and default time in the queue; then the job is expired.',
  ),
  maxRunSeconds: seconds(
    'MAX_RUN_SECONDS',
    day,
    'Longest and default time from the first start to the end; then the job is expired.',
  ),

  maxPausedSeconds: seconds('MAX_PAUSED_SECONDS', 7 * day, 'Longest time in pause; then the job is expired.'),

  // Queue
  redisUrl: optionalText(
    'REDIS_URL',
    'Redis >= 6.2 or Valkey: redis://HOST:PORT, unix://, redis+sentinel://HOST:PORT,.../NAME, redis+cluster://HOST:PORT,...; rediss for TLS. Default: `npm start` runs a Valkey of its own, the parts alone use redis://127.0.0.1:6379.',
  ),
  queuePrefix: text(
    'QUEUE_PREFIX',
    '{gradinit}',
    'First part of every key in Redis; the braces keep them on one node of a cluster.',
  ),
  redisTimeoutSeconds: seconds('REDIS_TIMEOUT_SECONDS', 2, 'The API answers 503 when Redis takes longer.'),
  idempotencySeconds: seconds('IDEMPOTENCY_SECONDS', day, 'How long an Idempotency-Key is remembered.'),
  jobRetentionSeconds: seconds(
    'JOB_RETENTION_SECONDS',
    7 * day,
    'Finished jobs, their events and artifacts are removed after this; 0: never.',
    { minimum: 0 },
  ),
  eventsPerJob: integer('EVENTS_PER_JOB', 2000, 'Events kept for each job, about.', { minimum: 10 }),

  // Storage
  stateDir: text('STATE_DIR', '.state', 'Folder for artifacts, uploads and the data of the embedded Valkey.'),
  dataRoot: optionalText('DATA_ROOT', 'Folder that file: references may read. Default: file: references are refused.'),
  artifactStore: oneOf(
    'ARTIFACT_STORE',
    ['local', 's3'],
    'local',
    'Where artifacts and uploads lie: under STATE_DIR (shared by API and workers) or in a bucket.',
  ),
  s3Bucket: optionalText(
    'S3_BUCKET',
    'Bucket of the s3 store. Credentials come from the usual AWS_ variables, files or roles.',
  ),
  s3Endpoint: optionalText('S3_ENDPOINT', 'URL of an S3-compatible server. Default: AWS.'),
  s3Region: text('S3_REGION', 'us-east-1', 'Region of the bucket.'),
  s3Prefix: text('S3_PREFIX', '', 'Prepended to every key of the bucket.'),
  s3PathStyle: oneOf(
    'S3_PATH_STYLE',
    ['auto', 'true', 'false'],
    'auto',
    'Bucket in the path instead of the host name, as most S3-compatible servers want it; auto: when S3_ENDPOINT is set.',
  ),

  s3CacheBytes: integer(
    'S3_CACHE_BYTES',
    20 * gibi,
    'Uploads of the bucket that a process keeps under STATE_DIR to read them; those used longest ago go first.',
  ),

  ...remoteVariables,

  ...workerVariables,

  logLevel: oneOf(
    'LOG_LEVEL',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'info',
    'Least severe log line that is written.',
  ),
} as const satisfies Record<string, Variable<unknown>>;

export type Config = { readonly [Key in keyof typeof variables]: ReturnType<(typeof variables)[Key]['parse']> };
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration of this process; paths absolute.
 *
 * @throws USAGE naming every variable that is wrong, what it holds and what is expected
 */
export function loadConfig(environment: Environment = process.env): Config {
  const problems: string[] = [];
  const values = Object.entries(variables).map(([key, variable]) => {
    try {
      return [key, variable.parse(environment[variable.name] || undefined)];
    } catch (error) {
      problems.push(`${variable.name} ${error instanceof Error ? error.message : error}`);
      return [key, undefined];
    }
  });
  const config = Object.fromEntries(values) as Config;
  if (problems.length === 0) problems.push(...contradictions(config));
  if (problems.length > 0)
    throw new AppError('USAGE', `the environment is wrong: ${problems.join('; ')}`, { details: { problems } });
  return {
    ...config,
    stateDir: path.resolve(config.stateDir),
    dataRoot: config.dataRoot === null ? null : path.resolve(config.dataRoot),
  };
}

function problemOf(redisUrl: string, prefix: string): string[] {
  try {
    redisTarget(redisUrl, prefix);
    return [];
  } catch (error) {
    return [toAppError(error).message];
  }
}

function contradictions(config: Config): string[] {
  return [
    ...(config.artifactStore === 's3' && config.s3Bucket === null
      ? ['S3_BUCKET is missing: ARTIFACT_STORE is s3']
      : []),
    ...(config.redisUrl === null ? [] : problemOf(config.redisUrl, config.queuePrefix)),
  ];
}

/** What the commands that talk to a service read. */
const clientVariables = {
  url: text('GRADINIT_URL', 'http://127.0.0.1:8080', 'Commands: address of the service.'),
  apiKey: optionalText('GRADINIT_API_KEY', 'Commands: bearer token.'),
} as const satisfies Record<string, Variable<unknown>>;

/** Where the commands find the service. */
export function loadClientConfig(environment: Environment = process.env): { url: string; apiKey: string | null } {
  const read = <T>({ name, parse }: Variable<T>) => parse(environment[name] || undefined);
  return { url: read(clientVariables.url), apiKey: read(clientVariables.apiKey) };
}

/** Rows of the README's table. */
export function configTable(): { name: string; default: string; description: string }[] {
  return [...Object.values(variables), ...Object.values(clientVariables)].map(({ name, shown, description }) => ({
    name,
    default: shown,
    description,
  }));
}

/** The environment of a child process: that of this process with changes; null takes a variable away. */
export function childEnvironment(changes: Readonly<Record<string, string | null>>): Record<string, string> {
  const merged = Object.entries({ ...process.env, ...changes });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
