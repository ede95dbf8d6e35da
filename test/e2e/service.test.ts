/** A job's whole way through the running service, by the client and by the commands. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { readWeights } from '../../src/artifacts/read.ts';
import { createClient, type JobEvent, type JobRequest } from '../../src/client/index.ts';
import { readSafetensors } from '../../src/codecs/safetensors.ts';
import { AppError } from '../../src/errors.ts';
import { readProgramWeights } from '../../src/models/pt2/weights.ts';
import type { NDArray } from '../../src/ndarray.ts';
import { runningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary.ts';

const out = await temporaryFolder();
const service = await runningService();
const client = createClient({ baseUrl: service.url });
const modelFile = path.join(projectRoot, 'examples/models/digits-cnn.tfjs.json');
const topology = JSON.parse(await readFile(modelFile, 'utf8')) as Record<string, unknown>;

const request = (iterations: number): JobRequest => ({
  model: { topology },
  dataset: { ref: 'builtin:digits' },
  method: { name: 'gradinit', options: { iterations, batchSize: 32, learningRate: 1e-3 } },
});

async function gradinit(args: readonly string[]): Promise<{ stdout: string; code: number }> {
  const env = { ...process.env, GRADINIT_URL: service.url };
  const command = ['--import', 'tsx', 'src/cli.ts', ...args];
  return promisify(execFile)(process.execPath, command, { cwd: projectRoot, env }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    ({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }),
  );
}

test('a job succeeds; its events come in order, its artifacts are whole, and equal jobs give equal weights', async () => {
  const jobs = await Promise.all([1, 2].map(() => client.submit(request(5))));
  const [first, second] = jobs.map(({ id }) => id) as [string, string];
  const events: JobEvent[] = [];
  for await (const event of client.events(first)) events.push(event);
  const iterations = events.filter(({ type }) => type === 'progress').map(({ data }) => Number(data.iteration));
  // Fast iterations share one event; none comes late or is left out at the end.
  assert.deepEqual(
    iterations,
    [...iterations].sort((a, b) => a - b),
  );
  assert.equal(iterations.at(-1), 5);
  assert.equal((await client.wait(second)).status, 'succeeded');
  await client.downloadAll(first, path.join(out, 'first'));
  await client.downloadAll(second, path.join(out, 'second'));
  assert.deepEqual((await readdir(path.join(out, 'first'))).sort(), [
    'classes.json',
    'report.json',
    'tfjs',
    'weights.safetensors',
  ]);
  const bytes = await Promise.all(
    ['first', 'second'].map((name) => readFile(path.join(out, name, 'weights.safetensors'))),
  );
  assert.deepEqual(bytes[0], bytes[1]);
  assert.deepEqual(
    await readWeights(path.join(out, 'first/tfjs/model.json')),
    await readWeights(path.join(out, 'first/weights.safetensors')),
  );
});

test('an uploaded model of torch.export is initialised from its own values and comes back as its state_dict', async () => {
  const file = path.join(projectRoot, 'test/fixtures/pytorch/digits.pt2');
  const upload = await client.upload([{ name: 'digits.pt2', content: new Blob([await readFile(file)]) }], {});
  assert.equal(upload.kind, 'model');
  const method = { name: 'gradinit', options: { iterations: 4, batchSize: 32, learningRate: 1e-3 } };
  const job = await client.submit({ model: { ref: upload.ref }, dataset: { ref: 'builtin:digits' }, method });
  assert.equal((await client.wait(job.id)).status, 'succeeded');
  await client.downloadAll(job.id, path.join(out, 'torch'));
  const found = await readSafetensors(path.join(out, 'torch/state-dict/model.safetensors'));
  const own = (await readProgramWeights(file)) ?? new Map<string, NDArray>();
  const describe = (tensors: ReadonlyMap<string, NDArray>) =>
    [...tensors].map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape}]`).sort();
  assert.deepEqual(describe(found.tensors), describe(own));
  const report = JSON.parse(await readFile(path.join(out, 'torch/report.json'), 'utf8')) as {
    scales: Record<string, number>;
  };
  for (const name of ['c.weight', 'f.bias']) {
    const scale = report.scales[name] as number;
    assert.ok(scale > 0 && Number.isFinite(scale));
    own.get(name)?.data.forEach((value, index) => {
      assert.ok(Math.abs((found.tensors.get(name)?.data[index] as number) - value * scale) < 1e-6, name);
    });
  }
});

test('an uploaded ONNX model with its tensors in a second file is initialised under the names of its initializers', async () => {
  const folder = path.join(projectRoot, 'test/fixtures/onnx');
  const part = async (name: string) => ({ name, content: new Blob([await readFile(path.join(folder, name))]) });
  const upload = await client.upload([await part('external.bin'), await part('external.onnx')], {});
  assert.equal(upload.kind, 'model');
  const job = await client.submit({ model: { ref: upload.ref }, method: { name: 'kaiming' } });
  assert.equal((await client.wait(job.id)).status, 'succeeded');
  await client.downloadAll(job.id, path.join(out, 'onnx'));
  const { tensors } = await readSafetensors(path.join(out, 'onnx/state-dict/model.safetensors'));
  assert.deepEqual([...tensors].map(([name, { shape }]) => `${name} [${shape}]`).sort(), [
    'coefficient [4,8]',
    'coefficient1 [8,6]',
    'coefficient2 [6,3]',
    'intercepts [1,8]',
    'intercepts1 [1,6]',
    'intercepts2 [1,3]',
  ]);
});

test('a model that was exported for a fixed batch is refused with another, before it is queued', async () => {
  const file = path.join(projectRoot, 'test/fixtures/pytorch/digits-static-eval.pt2');
  const upload = await client.upload([{ name: 'fixed.pt2', content: new Blob([await readFile(file)]) }], {});
  const options = { iterations: 4, batchSize: 32, learningRate: 1e-3 };
  await assert.rejects(
    client.submit({
      model: { ref: upload.ref },
      dataset: { ref: 'builtin:digits' },
      method: { name: 'gradinit', options },
    }),
    (error: unknown) => error instanceof AppError && /exported for batches of 4/.test(error.message),
  );
});

test('the commands submit, follow, download and report', async () => {
  const options = JSON.stringify({ iterations: 2, batchSize: 32, learningRate: 1e-3 });
  const submitted = await gradinit([
    'submit',
    '--model',
    modelFile,
    '--dataset',
    'builtin:digits',
    '--method',
    'gradinit',
    '--options',
    options,
  ]);
  const id = submitted.stdout.trim();
  assert.match(id, /^job_/);
  assert.equal((await gradinit(['wait', id])).code, 0);
  assert.match((await gradinit(['events', id])).stdout, /iteration=2/);
  const status = JSON.parse((await gradinit(['status', id, '--json'])).stdout) as { status: string };
  assert.equal(status.status, 'succeeded');
  const folder = path.join(out, 'cli');
  assert.equal((await gradinit(['download', id, '--out', folder, '--name', 'weights.safetensors'])).code, 0);
  assert.deepEqual(await readdir(folder), ['weights.safetensors']);
});

test('Ctrl-C ends a command with 130 and a line, and leaves the job alone', async () => {
  const { id } = await client.submit(request(100_000));
  const env = { ...process.env, GRADINIT_URL: service.url };
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'events', id], { cwd: projectRoot, env });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'close'), [130, null]);
  assert.equal(errors, 'CANCELLED: interrupted\n');
  assert.notEqual((await client.get(id)).status, 'cancelled');
  await client.cancel(id);
});

test('a running job is cancelled, and wait says so with exit code 1', async () => {
  const { id } = await client.submit(request(100_000));
  for await (const { type } of client.events(id)) if (type === 'progress') break;
  assert.equal((await gradinit(['cancel', id])).code, 0);
  const waited = await gradinit(['wait', id]);
  assert.equal(waited.code, 1);
  assert.match(waited.stdout, /cancelled/);
});

test('list, retry, delete and the download of a job that has no weights', async () => {
  const { id } = await client.submit({ ...request(100_000), metadata: { pipeline: 'commands' } });
  await client.cancel(id);
  await client.wait(id);
  const listed = await gradinit(['list', '--metadata', 'pipeline=commands', '--status', 'cancelled,failed', '--json']);
  assert.deepEqual(
    (JSON.parse(listed.stdout) as { jobs: { id: string }[] }).jobs.map((job) => job.id),
    [id],
  );
  assert.equal((await gradinit(['list', '--metadata', 'pipeline=commands', '--status', 'succeeded'])).stdout, '');
  assert.equal((await gradinit(['list', '--status', 'done'])).code, 2);
  assert.equal((await gradinit(['download', id, '--out', path.join(out, 'none')])).code, 1);
  assert.equal((await gradinit(['retry', id])).code, 0);
  assert.ok(['queued', 'running'].includes((await client.get(id)).status));
  assert.equal((await gradinit(['delete', id])).code, 2);
  await client.cancel(id);
  await client.wait(id);
  assert.equal((await gradinit(['delete', id])).stdout, `${id}  deleted\n`);
  assert.equal((await gradinit(['status', id])).code, 2);
});

for (const [title, flags, status] of [
  ['goes on', [], /running|queued/],
  ['is cancelled where the command says so', ['--cancel-on-interrupt'], /cancel/],
] as const)
  test(`submit --wait shows the id; after Ctrl-C the job ${title}`, async () => {
    const options = JSON.stringify({ iterations: 100_000, batchSize: 32, learningRate: 1e-3 });
    const job = ['--model', modelFile, '--dataset', 'builtin:digits', '--method', 'gradinit', '--options', options];
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'submit', ...job, '--wait', ...flags], {
      cwd: projectRoot,
      env: { ...process.env, GRADINIT_URL: service.url },
    });
    let errors = '';
    const progressed = new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk) => {
        errors += chunk;
        if (/\/100000 /.test(errors)) resolve();
      });
    });
    await progressed;
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'close'), [130, null]);
    const [id = ''] = errors.split('\n');
    assert.match(id, /^job_/);
    assert.match(errors, flags.length === 0 ? /goes on: gradinit wait/ : /is being cancelled/);
    assert.match((await client.get(id)).status, status);
    if (flags.length === 0) await client.cancel(id);
    assert.equal((await client.wait(id)).status, 'cancelled');
  });

test('the same Idempotency-Key gives the same job, another body under it is refused', async () => {
  const options = { idempotencyKey: 'e2e-1' };
  const { id } = await client.submit({ ...request(1), seed: 1 }, options);
  assert.equal((await client.submit({ ...request(1), seed: 1 }, options)).id, id);
  await assert.rejects(
    client.submit({ ...request(1), seed: 2 }, options),
    (error) => error instanceof AppError && error.code === 'IDEMPOTENCY_CONFLICT',
  );
});

test('the command uploads files and prints the reference', async () => {
  const file = path.join(out, 'pairs.csv');
  await writeFile(file, 'a,b,label\n1,2,0\n3,4,1\n');
  const { stdout } = await gradinit(['upload', file, '--kind', 'dataset']);
  assert.match(stdout, /^dataset:\S+\n$/);
  assert.equal((await gradinit(['upload', file, '--kind', 'picture'])).code, 2);
  assert.equal((await gradinit(['upload', path.join(out, 'no-such-file')])).code, 2);
});

test('an uploaded dataset is used by its reference', async () => {
  const rows = Array.from({ length: 64 }, (_, row) => `${row % 7},${row % 5},${row % 2}`).join('\n');
  const { ref } = await client.upload([{ name: 'table.csv', content: new Blob([`a,b,label\n${rows}\n`]) }]);
  const mlp = { format: 'zoo', name: 'mlp', options: { inputShape: [2], classes: 2 } } as const;
  const job = await client.submit({
    model: mlp,
    dataset: { ref },
    method: { name: 'gradinit', options: { iterations: 2, batchSize: 16, learningRate: 1e-3 } },
  });
  const { status, error } = await client.wait(job.id);
  assert.deepEqual([status, error], ['succeeded', null]);
});
