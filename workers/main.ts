/** The worker process: npm run worker. */
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { loadConfig } from '../src/config/config.ts';
import { AppError, toAppError } from '../src/errors.ts';
import { endWithParent } from '../src/local/end-with-parent.ts';
import { chooseDevices, type Device, holdGpu, listGpus } from './devices.ts';
import { startWorker } from './worker.ts';

/** Time after DRAIN_SECONDS for the last writes to Redis and the end of the children, in milliseconds. */
const closeMarginMs = 10_000;
const defaultRedisUrl = 'redis://127.0.0.1:6379';

async function main(): Promise<void> {
  const config = loadConfig();
  const log = pino({ level: config.logLevel, name: 'worker' });
  const gpus = await listGpus();
  const devices = chooseDevices(config.devices, gpus, config.allowCpu);
  await holdAll(devices, gpus);
  const worker = await startWorker(config, devices, config.redisUrl ?? defaultRedisUrl, log);
  log.info({ devices: devices.map(({ name }) => name), healthPort: worker.healthPort }, 'working');
  const grace = closeWithGrace(
    { delay: config.drainSeconds * 1000 + closeMarginMs, logger: false },
    async ({ signal, err }) => {
      if (err) log.fatal({ err }, 'the worker fails');
      log.info({ signal }, 'draining');
      await worker.close();
      log.info({}, 'closed');
    },
  );
  void worker.spent.then((reason) => {
    log.info({ reason }, 'its work is done');
    grace.close();
  });
}

async function holdAll(devices: readonly Device[], gpus: Awaited<ReturnType<typeof listGpus>>): Promise<void> {
  for (const { name, gpu } of devices) {
    const uuid = gpus.find(({ index }) => index === gpu)?.uuid;
    if (uuid !== undefined && (await holdGpu(uuid)) === null) {
      throw new AppError(
        'BACKEND_UNAVAILABLE',
        `${name} is held by another worker process of this machine; give each its own with DEVICES`,
      );
    }
  }
}

endWithParent();

try {
  await main();
} catch (thrown) {
  const error = toAppError(thrown);
  console.error(`${error.code}: ${error.message}`);
  if (error.code === 'INTERNAL') console.error(error.cause);
  process.exit(error.code === 'INTERNAL' ? 70 : 2);
}
