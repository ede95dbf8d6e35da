import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createCheckpoints, parseCheckpointKey } from '../../../src/jobs/checkpoints/checkpoints.ts';
import { packState, unpackState } from '../../../src/jobs/checkpoints/pack.ts';
import { loadNewest } from '../../../src/jobs/checkpoints/resume.ts';
import { sweepCheckpoints } from '../../../src/jobs/checkpoints/sweep.ts';
import { ndarray } from '../../../src/ndarray.ts';
import { createLocalBlobStore } from '../../../src/storage/local.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const folder = await temporaryFolder();
const root = path.join(folder, 'checkpoints');
const blobs = createLocalBlobStore({ root });
const checkpoints = createCheckpoints(blobs, path.join(folder, 'work'), { maxBytes: 1e6 });
const owner = { jobId: 'job_abc', attempt: 2 };
const state = {
  iteration: 7,
  weights: [['10', ndarray('float32', [2], Float32Array.of(Number.NaN, -0))]],
  order: ndarray('int32', [3], Int32Array.of(1, 2, 3)),
  nested: { none: null, text: 'x', numbers: [1.5, -0, Number.POSITIVE_INFINITY, Number.NaN] },
};
const pointer = (key: string, iteration: number) => ({ key, phase: 'training' as const, iteration, bytes: 1 });

test('a state comes back as it was, bit for bit', async () => {
  assert.deepEqual(unpackState(packState(state)), state);
  const { key, bytes } = await checkpoints.write(owner, state);
  assert.deepEqual(await checkpoints.read(key), state);
  assert.ok(bytes > 20);
  assert.equal(parseCheckpointKey(key)?.jobId, 'job_abc');
  assert.deepEqual(await readdir(path.join(folder, 'work')), [], 'nothing else is left');
});

test('a state without arrays is one file', async () => {
  const { key } = await checkpoints.write(owner, { iteration: 1 });
  assert.deepEqual(
    (await blobs.list(key))?.map(({ name }) => name),
    ['state.json.gz'],
  );
  assert.deepEqual(await checkpoints.read(key), { iteration: 1 });
});

test('a checkpoint above the limit is refused and leaves nothing', async () => {
  const before = await readdir(root);
  const large = { weights: ndarray('float32', [500_000], new Float32Array(500_000)) };
  await assert.rejects(checkpoints.write(owner, large), { code: 'CHECKPOINT_TOO_LARGE' });
  assert.deepEqual(await readdir(root), before);
});

const damages: Record<string, (key: string) => Promise<unknown>> = {
  'its arrays are changed': (key) => flip(path.join(root, key, 'files', 'arrays.safetensors')),
  'its state is cut short': (key) => truncate(path.join(root, key, 'files', 'state.json.gz')),
  'its state is gone': (key) => rm(path.join(root, key, 'files', 'state.json.gz')),
  'its manifest is no JSON': (key) => writeFile(path.join(root, key, 'blob.json'), '{"publ'),
  'all of it is gone': (key) => rm(path.join(root, key), { recursive: true }),
};

for (const [title, damage] of Object.entries(damages)) {
  test(`when ${title}, the one before is used and that is said; without one the run begins at its start`, async () => {
    const older = await checkpoints.write(owner, { iteration: 1 });
    const newer = await checkpoints.write(owner, state);
    await damage(newer.key);
    const said: string[] = [];
    const pointers = [pointer(newer.key, 7), pointer(older.key, 1)];
    assert.deepEqual(await loadNewest(checkpoints, pointers, (line) => said.push(line)), {
      pointer: pointers[1],
      state: { iteration: 1 },
    });
    assert.match(
      said.join(),
      new RegExp(`^checkpoint ${newer.key} .*; the one before it is used: training, iteration 1$`),
    );
    assert.equal(await loadNewest(checkpoints, [pointer(newer.key, 7)], (line) => said.push(line)), null);
    assert.match(said.at(-1) ?? '', /; the run begins at its start$/);
  });
}

test('a store that is away fails the attempt for now: the run must not start over', async () => {
  const { key } = await checkpoints.write(owner, state);
  const away = createCheckpoints(createLocalBlobStore({ root: path.join(root, key, 'blob.json') }), folder, {
    maxBytes: 1e6,
  });
  await assert.rejects(
    loadNewest(away, [pointer(key, 7)], () => {}),
    { code: 'STORE_UNAVAILABLE', permanent: false },
  );
});

test('the sweep takes old checkpoints that no job points to, and nothing else', async () => {
  const own = createLocalBlobStore({ root: path.join(folder, 'swept') });
  const writer = createCheckpoints(own, path.join(folder, 'work'), { maxBytes: 1e6 });
  const kept = (await writer.write({ jobId: 'job_runs', attempt: 1 }, state)).key;
  const stale = (await writer.write({ jobId: 'job_runs', attempt: 1 }, state)).key;
  const gone = (await writer.write({ jobId: 'job_gone', attempt: 1 }, state)).key;
  const over = (await writer.write({ jobId: 'job_over', attempt: 1 }, state)).key;
  const owners = {
    pointersOf: async (jobId: string) => (jobId === 'job_runs' ? [pointer(kept, 1)] : []),
    isOver: async (jobId: string) => jobId === 'job_over',
  };
  assert.equal(await sweepCheckpoints(own, owners), 1, 'a pointer may be about to be set, but for a job that is over');
  assert.equal(await sweepCheckpoints(own, owners, Date.now() + 2 * 3600 * 1000), 2);
  const left: string[] = [];
  for await (const key of own.keys()) left.push(key);
  assert.deepEqual(left, [kept]);
  assert.ok(![stale, gone, over].some((key) => left.includes(key)));
});

test('a process killed while it writes leaves no checkpoint that can be seen, whenever it is killed', async () => {
  const target = path.join(folder, 'killed');
  const writer = path.resolve(import.meta.dirname, '../../support/checkpoint-writer.ts');
  for (let kill = 0; kill < 4; kill += 1) {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, target], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 7 * kill));
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const store = createLocalBlobStore({ root: path.join(target, 'checkpoints') });
  const reader = createCheckpoints(store, path.join(target, 'work'), { maxBytes: 1e9 });
  let whole = 0;
  for await (const key of store.keys()) {
    const read = (await reader.read(key)) as { iteration: number; weights: { data: Float32Array } };
    assert.ok(read.weights.data.every((value) => value === read.iteration));
    whole += 1;
  }
  assert.ok(whole > 0, 'some were written');
  await store.sweep();
  const debris = (await readdir(path.join(target, 'checkpoints'))).filter((name) => name.startsWith('.'));
  assert.deepEqual(debris, []);
});

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await chmod(file, 0o644);
  await writeFile(file, bytes);
}

async function truncate(file: string): Promise<void> {
  const bytes = await readFile(file);
  await writeFile(file, bytes.subarray(0, bytes.length - 5));
}
