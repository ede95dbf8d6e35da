/** The API for one test file: the real application with a real Valkey and a store in a temporary folder. Every answer is checked against its schema. */
import path from 'node:path';
import { createApiServices, httpOptions } from '../../src/api/api-services.ts';
import { createApp } from '../../src/api/app.ts';
import { type Config, type Environment, loadConfig } from '../../src/config/config.ts';
import { storageOptions } from '../../src/config/stores.ts';
import type { App } from '../../src/http/app-types.ts';
import { createLog } from '../../src/http/log.ts';
import type { HttpOptions } from '../../src/http/services.ts';
import { createInspector, type Inspector } from '../../src/jobs/inspect/inspector.ts';
import { createQueueClient, type QueueClient } from '../../src/queue/index.ts';
import { openStores, type Stores } from '../../src/storage/index.ts';
import { atEnd } from './at-end.ts';
import { temporaryFolder } from './temporary.ts';
import { type TestValkey, testValkey } from './valkey.ts';

export interface TestApi {
  readonly app: App;
  readonly config: Config;
  readonly queue: QueueClient;
  readonly stores: Stores;
  readonly inspector: Inspector;
  readonly valkey: TestValkey;
  /** Lines of the log. */
  readonly log: string[];
}

export interface TestApiOptions {
  readonly environment?: Environment;
  readonly http?: Partial<HttpOptions>;
  readonly valkey?: TestValkey;
  /** REDIS_URL to use instead of a new server. The API is then not awaited. */
  readonly url?: string;
}

const noServer = (): never => {
  throw new Error('the API of this test has no server of its own');
};

export async function testApi({ environment = {}, http = {}, valkey, url }: TestApiOptions = {}): Promise<TestApi> {
  const server =
    url === undefined
      ? (valkey ?? (await testValkey()))
      : { url, port: 0, stop: noServer, start: noServer, pause: noServer, resume: noServer };
  const stateDir = path.join(await temporaryFolder(), 'state');
  const config = loadConfig({ STATE_DIR: stateDir, REDIS_URL: server.url, LOG_LEVEL: 'warn', ...environment });
  const lines: string[] = [];
  const log = createLog({
    level: config.logLevel,
    name: 'test',
    destination: { write: (line) => void lines.push(line) },
  });
  const stores = await openStores(storageOptions(config));
  const queue = createQueueClient({ ...config, redisUrl: server.url, name: 'test-api' }, log);
  const inspector = createInspector({ idleMs: 60_000, timeoutMs: 60_000 });
  const services = createApiServices(config, { queue, stores, inspector });
  const app = await createApp(
    services,
    { ...httpOptions(config), maxEventLoopDelayMs: 0, checkResponses: true, ...http },
    log,
  );
  await app.ready();
  if (url === undefined) await until(() => queue.redis.status === 'ready');
  atEnd(async () => {
    await app.close();
    inspector.close();
    await queue.close();
    stores.close();
  });
  return { app, config, queue, stores, inspector, valkey: server, log: lines };
}

/** Waits for a condition; the time limit of the test ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A valid job. */
export const smallJob = {
  model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [16], classes: 10 } },
  dataset: { ref: 'builtin:digits' },
  method: { name: 'gradinit', options: { iterations: 3, batchSize: 32, learningRate: 1e-3 } },
} as const;
