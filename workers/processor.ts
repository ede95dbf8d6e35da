/** The child process: loads TensorFlow, waits for one job, runs it, reports the result and exits. It does not know the queue. */
import { Worker } from 'node:worker_threads';
import { childEnvironment, loadConfig } from '../src/config/config.ts';
import { datasetSpill, remotePolicy } from '../src/config/policies.ts';
import { storageOptions, workFolder } from '../src/config/stores.ts';
import { type AppError, toAppError } from '../src/errors.ts';
import { type CheckpointPointer, createCheckpoints } from '../src/jobs/checkpoints/checkpoints.ts';
import { loadNewest } from '../src/jobs/checkpoints/resume.ts';
import { measure } from '../src/jobs/estimate/measure.ts';
import { runJob } from '../src/jobs/run.ts';
import type { RunNote } from '../src/jobs/run-notes.ts';
import { createUploadRecords } from '../src/jobs/uploads/records.ts';
import { createResolver } from '../src/jobs/uploads/resolve.ts';
import { openStores } from '../src/storage/index.ts';
import { loadBackend } from './backend.ts';
import { createCheckpointer } from './checkpointer.ts';
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
// Signals to the process group are ignored: the parent receives them too and sends a message when this process must end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const config = loadConfig();
const stop = new AbortController();
/** Aborted when the run must end early and publish its current weights. */
const enough = new AbortController();
/** The reason with which a run is aborted when another attempt is to continue it. */
const keepState = new Error('handed over');
let admitted: (granted: boolean) => void = () => {};

const send = (message: FromChild) => {
  if (process.connected) process.send?.(message);
};

/** Resolves when the message has been sent; exiting before that would lose it. */
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

const say = (note: RunNote) => send({ type: 'log', ...note });
const warn = (message: string) => say({ level: 'warn', message, data: {} });

async function execute({ jobId, attempt, spec, checkpoints: pointers }: RunOrder): Promise<FromChild> {
  const journal = createJournal(send);
  const workDir = workFolder(config);
  const stores = await openStores(storageOptions(config));
  const publish = createPublisher(stores.artifacts, workDir);
  const checkpoints = createCheckpoints(stores.checkpoints, workDir, { maxBytes: config.maxCheckpointBytes });
  const checkpointer = createCheckpointer({
    checkpointMs: config.checkpointSeconds * 1000,
    bytesPerSecond: config.checkpointBytesPerSecond,
    async write(state) {
      const place = journal.place();
      const { key, bytes } = await checkpoints.write({ jobId, attempt }, state);
      send({ type: 'checkpoint', pointer: { key, bytes, ...place } });
      return bytes;
    },
    onError: (error) => warn(`a checkpoint was not stored: ${toAppError(error).message}`),
  });
  const resolver = createResolver({
    contents: stores.contents,
    records: createUploadRecords(stores.uploads),
    remote: remotePolicy(config),
    workDir,
    cacheBytes: config.datasetCacheBytes,
  });
  const resolve: Resolve = (ref, use) => resolver(ref, use, { signal: stop.signal });
  const sources = createSources({ ...config, spill: datasetSpill(config), resolve });
  // Iterations show that the child works. Loading and writing have none, so that this timer sends messages meanwhile.
  let alive: NodeJS.Timeout | undefined = setInterval(() => send({ type: 'alive' }), aliveMs);
  try {
    const found = await loadNewest(checkpoints, pointers, warn);
    if (found !== null) say(resumedNote(found.pointer));
    const start = performance.now();
    const outcome = await runJob(
      spec,
      {
        sources,
        publish: (content, formats) => publish({ jobId, content, formats, signal: stop.signal, admit }),
        onNote: say,
        onPhase: (phase) => {
          journal.enter(phase);
          clearInterval(alive);
          if (phase !== 'initializing') alive = setInterval(() => send({ type: 'alive' }), aliveMs);
        },
      },
      {
        signal: stop.signal,
        enough: enough.signal,
        resume: found?.state ?? null,
        onIteration: journal.onIteration,
        saveState: checkpointer.saveState,
      },
    );
    const measured = found === null ? measure(outcome, spec, (performance.now() - start) / 1000) : null;
    if (measured !== null) send({ type: 'measured', ...measured });
    return { type: 'done', cut: outcome.cut !== null };
  } catch (thrown) {
    journal.flush();
    const error = toAppError(thrown);
    const goesOn = stop.signal.aborted ? stop.signal.reason === keepState : !error.permanent;
    if (goesOn) await checkpointer.settle();
    return stop.signal.aborted ? { type: 'stopped' } : failure(error);
  } finally {
    clearInterval(alive);
  }
}

const resumedNote = ({ phase, iteration }: CheckpointPointer): RunNote => ({
  level: 'info',
  message: `goes on from a checkpoint: ${phase}, iteration ${iteration}`,
  data: { phase, iteration },
});

function failure({ code, message, permanent, cause }: AppError): FromChild {
  const stack = code === 'INTERNAL' && cause instanceof Error ? (cause.stack ?? null) : null;
  return { type: 'failed', code, message, permanent, stack };
}

process.on('message', async (message: ToChild) => {
  if (message.type === 'stop') {
    if (message.leave === 'artifact') enough.abort();
    else stop.abort(message.leave === 'checkpoint' ? keepState : undefined);
  }
  if (message.type === 'admitted') admitted(message.granted);
  if (message.type === 'run') {
    await sendLast(await execute(message));
    // Exits without TensorFlow's own exit handlers, which are slow and not needed at the end of the process.
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
