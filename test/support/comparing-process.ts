/** An API process that is killed while it creates the jobs of a comparison. */
import { createApiServices } from '../../src/api/api-services.ts';
import { loadConfig } from '../../src/config/config.ts';
import { storageOptions } from '../../src/config/stores.ts';
import { createInspector } from '../../src/jobs/inspect/inspector.ts';
import { createQueueClient } from '../../src/queue/index.ts';
import { openStores } from '../../src/storage/index.ts';

const [url = '', stateDir = '', input = ''] = process.argv.slice(2);
const config = loadConfig({ REDIS_URL: url, STATE_DIR: stateDir });
const stores = await openStores(storageOptions(config));
const queue = createQueueClient({ ...config, redisUrl: url, name: 'victim' }, { warn: () => {}, info: () => {} });
await queue.ready();
let made = 0;
const jobs: typeof queue.jobs = {
  ...queue.jobs,
  createCell: (...args) => {
    if (made === 2) process.kill(process.pid, 'SIGKILL');
    made += 1;
    return queue.jobs.createCell(...args);
  },
};
const inspector = createInspector({ idleMs: 1000, timeoutMs: 10_000 });
const { comparisons } = createApiServices(config, { queue: { ...queue, jobs }, stores, inspector });
await comparisons.create({ input: JSON.parse(input), owner: '', visibleOwner: null, idempotencyKey: 'once' });
