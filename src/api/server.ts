/** The API process: npm run api. Reads from top to bottom: configuration, clients, application, listening, an orderly end. */
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import type { Comparisons } from '../comparison/comparisons.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { storageOptions } from '../config/stores.ts';
import { isTerminal } from '../contract/job-status.ts';
import { sweepTemporary } from '../durable-files.ts';
import { toAppError } from '../errors.ts';
import { createLog } from '../http/log.ts';
import { sweepCheckpoints } from '../jobs/checkpoints/sweep.ts';
import { createInspector } from '../jobs/inspect/inspector.ts';
import { createUploadRecords } from '../jobs/uploads/records.ts';
import { sweepContents } from '../jobs/uploads/sweep.ts';
import { endWithParent } from '../local/end-with-parent.ts';
import { createQueueClient, type QueueClient } from '../queue/index.ts';
import { openStores, type Stores, verifyStores } from '../storage/index.ts';
import { createApiServices, httpOptions } from './api-services.ts';
import { createApp } from './app.ts';
import { startDeliveries } from './deliveries.ts';

const defaultRedisUrl = 'redis://127.0.0.1:6379';
const inspection = { idleMs: 60_000, timeoutMs: 600_000 };
const sweepMs = 3_600_000;
const upkeepMs = 10_000;
/** How long the first connection to Redis is waited for. */
const queueMs = 5000;
/** Streams and long polls are cut after this. */
const closeMs = 10_000;

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Without keys only a loopback address may be listened on. */
function listeningHost(config: Config, hasKeys: boolean, log: Logger): string {
  if (hasKeys || isLoopback(config.host)) return config.host;
  log.warn({ host: config.host }, 'no API_KEYS are set: listening on the loopback address only');
  return '127.0.0.1';
}

/** Waits for the connection to Redis, so that the first request finds it. Without Redis the process starts all the same and answers 503. */
async function awaitQueue({ jobs }: Pick<QueueClient, 'jobs'>): Promise<void> {
  for (const end = Date.now() + queueMs; Date.now() < end; await sleep(20)) {
    const isThere = await jobs.ping().then(
      () => true,
      () => false,
    );
    if (isThere) return;
  }
}

function startSweeping(
  { contents, uploads, artifacts, checkpoints }: Stores,
  queue: Pick<QueueClient, 'checkpoints' | 'contentHolds' | 'jobs'>,
  log: Logger,
): NodeJS.Timeout {
  const records = createUploadRecords(uploads);
  const isOver = async (id: string) => {
    const record = await queue.jobs.get(id);
    return record !== null && isTerminal(record.status);
  };
  const sweep = async () => {
    await Promise.all([contents.sweep(), uploads.sweep(), artifacts.sweep(), checkpoints.sweep()]);
    await sweepCheckpoints(checkpoints, { pointersOf: queue.checkpoints, isOver });
    await sweepContents(contents, records, queue.contentHolds);
    // Temporary files of processes that were killed.
    await sweepTemporary(tmpdir());
  };
  const run = () => void sweep().catch((error: unknown) => log.warn({ err: error }, 'the sweep of the store failed'));
  run();
  return setInterval(run, sweepMs).unref();
}

/** Makes the missing jobs of comparisons whose process ended, and removes comparisons whose retention time is over. */
function startUpkeep(comparisons: Comparisons, { jobRetentionSeconds }: Config, log: Logger): NodeJS.Timeout {
  const upkeep = async () => {
    await comparisons.settleAbandoned();
    if (jobRetentionSeconds > 0) await comparisons.sweep(Date.now() - jobRetentionSeconds * 1000);
  };
  const run = () =>
    void upkeep().catch((error: unknown) => log.warn({ err: error }, 'the upkeep of comparisons failed'));
  run();
  return setInterval(run, upkeepMs).unref();
}

endWithParent();

async function main(): Promise<void> {
  const config = loadConfig();
  const log = createLog({ level: config.logLevel, name: 'api' });
  const options = httpOptions(config);
  const stores = await openStores(storageOptions(config));
  await verifyStores(stores, log);
  const queue = createQueueClient(
    { ...config, redisUrl: config.redisUrl ?? defaultRedisUrl, name: 'gradinit-api' },
    log,
  );
  const inspector = createInspector(inspection);
  const services = createApiServices(config, { queue, stores, inspector });
  const app = await createApp(services, options, log);

  const deliveries = startDeliveries(config, queue, log);

  await awaitQueue(queue);
  const host = listeningHost(config, options.keys.length > 0, log);
  const url = await app.listen({ host, port: config.port, listenTextResolver: () => 'accepting connections' });
  if (options.keys.length === 0)
    log.warn({ host }, 'no API_KEYS are set: every process of this machine may use the API');
  log.info({ url: config.publicUrl ?? url, docs: `${url}/docs` }, 'listening');
  const timers = [startSweeping(stores, queue, log), startUpkeep(services.comparisons, config, log)];

  closeWithGrace({ delay: closeMs, logger: false }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'the API fails');
    log.info({ signal }, 'closing');
    timers.forEach(clearInterval);
    await Promise.all([app.close(), deliveries?.close()]);
    inspector.close();
    await queue.close();
    stores.close();
    log.info({}, 'closed');
  });
}

try {
  await main();
} catch (thrown) {
  const error = toAppError(thrown);
  console.error(`${error.code}: ${error.message}`);
  if (error.code === 'INTERNAL') console.error(error.cause);
  process.exit(error.code === 'INTERNAL' ? 70 : 2);
}
