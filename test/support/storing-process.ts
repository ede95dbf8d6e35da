/** A process that is killed after it has stored a job and before it passes it to BullMQ, the state after the least favourable `kill -9` of the API. */
import { newJobId } from '../../src/contract/job-id.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { connectFailFast, waitUntilReady } from '../../src/queue/connection.ts';
import { createJobStore } from '../../src/queue/job-store.ts';
import { createKeys } from '../../src/queue/keys.ts';
import { digitsJob, recordOf } from './jobs.ts';

const [url = '', prefix = ''] = process.argv.slice(2);
const redis = connectFailFast({ url, prefix, name: 'victim', timeoutMs: 2000 }, console as never);
await waitUntilReady(redis, 5000);
const die = async () => process.kill(process.pid, 'SIGKILL');
const queue = { flush: die, flushJob: die, reconcile: die, withdraw: die, close: die } as never;
const jobs = createJobStore(redis, queue, createKeys(prefix), {
  idempotencySeconds: 60,
  maxQueueSeconds: 60,
  maxPausedSeconds: 3600,
  eventsPerJob: 100,
  maxQueuedJobsPerKey: 100,
});
const spec = parseJobSpec(digitsJob(10));
const id = newJobId();
console.log(id);
await jobs.create(recordOf(id, spec), spec, { key: 'once', bodyHash: 'h' });
