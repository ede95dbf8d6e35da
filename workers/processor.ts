/** The child process: loads TensorFlow, waits for one job, runs it, says how it went, exits. Knows nothing of queues. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { createTrain } from '../src/comparison/run-cell.ts';
import { childEnvironment, loadConfig, remotePolicy, storageOptions } from '../src/config/config.ts';
import { toAppError } from '../src/errors.ts';
import { runJob } from '../src/jobs/run.ts';
import { createUploadRecords } from '../src/jobs/uploads/records.ts';
import { createResolver } from '../src/jobs/uploads/resolve.ts';
import { openStores } from '../src/storage/index.ts';
import { loadBackend } from './backend.ts';
import { createJournal } from './journal.ts';
import type { FromChild, RunOrder, ToChild } from './messages.ts';
import { createPublisher } from './publisher.ts';
import { createSources, type Resolve } from './sources.ts';

const aliveMs = 1000;
const watchdogMs = 200;

const { GRADINIT_PARENT, CUDA_VISIBLE_DEVICES } = childEnvironment({});
const parent = Number(GRADINIT_PARENT);
new Worker(new URL('./watchdog.mjs', import.meta.url), {
  workerData: { parent, intervalMs: watchdogMs },
  execArgv: [],
}).unref();
process.on('disconnect', () => process.exit(1));
// A signal to the whole group is for the parent, which tells us what it wants.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const config = loadConfig();
const stop = new AbortController();
let admitted: (granted: boolean) => void = () => {};

const send = (message: FromChild) => {
  if (process.connected) process.send?.(message);
};

/** Messages are on their way when this resolves: an exit before would lose them. */
const sendLast = (message: FromChild) =>
  new Promise<void>((resolve) => {
    if (process.connected) process.send?.(message, undefined, {}, () => resolve());
    else resolve();
  });

const admit = () =>
  new Promise<boolean>((resolve) => {
    admitted = resolve;
    send({ type: 'admit' });
  });

async function execute({ jobId, spec, resume }: RunOrder): Promise<FromChild> {
  const journal = createJournal(send, { checkpointMs: config.checkpointSeconds * 1000 });
  const stores = await openStores(storageOptions(config));
  const publish = createPublisher(stores.artifacts, path.join(config.stateDir, 'work'));
  const resolver = createResolver({
    contents: stores.contents,
    records: createUploadRecords(stores.uploads),
    remote: remotePolicy(config),
  });
  const resolve: Resolve = (ref, use) => resolver(ref, use, { signal: stop.signal });
  const sources = createSources({ ...config, resolve });
  // While iterations run they are the sign of life; loading and writing have none of their own.
  let alive: NodeJS.Timeout | undefined = setInterval(() => send({ type: 'alive' }), aliveMs);
  try {
    await runJob(
      spec,
      {
        sources,
        train: (training, prepared, result, control) =>
          createTrain(sources)(training, prepared, result, { ...control, onIteration: journal.onTraining }),
        publish: (content, formats) => publish({ jobId, content, formats, signal: stop.signal, admit }),
        onPhase: (phase) => {
          journal.flush();
          clearInterval(alive);
          if (phase !== 'initializing') alive = setInterval(() => send({ type: 'alive' }), aliveMs);
          send({ type: 'phase', phase });
        },
      },
      {
        signal: stop.signal,
        resume: resume?.state ?? null,
        onIteration: journal.onIteration,
        saveState: journal.saveState,
      },
      (resume?.history ?? []) as Parameters<typeof runJob>[3],
    );
    return { type: 'done' };
  } catch (thrown) {
    journal.flush();
    const { code, message, permanent, cause } = toAppError(thrown);
    if (stop.signal.aborted) {
      journal.checkpoint();
      return { type: 'stopped' };
    }
    const stack = code === 'INTERNAL' && cause instanceof Error ? (cause.stack ?? null) : null;
    return { type: 'failed', code, message, permanent, stack };
  } finally {
    clearInterval(alive);
  }
}

process.on('message', async (message: ToChild) => {
  if (message.type === 'stop') stop.abort();
  if (message.type === 'admitted') admitted(message.granted);
  if (message.type === 'run') {
    await sendLast(await execute(message));
    // TensorFlow's own exit handlers are slow and of no use to a process that is over.
    process.exit(0);
  }
});

try {
  const gpu = CUDA_VISIBLE_DEVICES;
  send({ type: 'ready', backend: await loadBackend(gpu === undefined || gpu === '-1' ? null : gpu) });
} catch (thrown) {
  console.error(toAppError(thrown).message);
  process.exit(1);
}
