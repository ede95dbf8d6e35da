/** What clients can do with a job besides waiting for it, over HTTP and with a real worker. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { createClient, type JobRequest } from '../../src/client/index.ts';
import { runningService } from '../support/service.ts';

const service = await runningService({ CHECKPOINT_SECONDS: '0' });
const client = createClient({ baseUrl: service.url });

const request = (iterations: number, more: Partial<JobRequest> = {}): JobRequest => ({
  model: { format: 'zoo', name: 'mlp', options: { inputShape: [8, 8, 1], sizes: [16], classes: 10 } },
  dataset: { ref: 'builtin:digits' },
  method: { name: 'gradinit', options: { iterations, batchSize: 32, learningRate: 1e-3 } },
  artifacts: ['safetensors'],
  ...more,
});

async function gradinit(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, GRADINIT_URL: service.url };
  const command = ['--import', 'tsx', 'src/cli.ts', ...args];
  return (await promisify(execFile)(process.execPath, command, { cwd: projectRoot, env })).stdout;
}

test('the log of a job says what was found, decided and reached, to clients and commands', async () => {
  const { id } = await client.submit(request(5));
  await client.wait(id);
  const lines = await client.logs(id);
  const messages = lines.map(({ message }) => message);
  const expected = [
    /^queued$/,
    /^running, attempt 1: loading$/,
    /^model .* 5 layers, 1,210 parameters$/,
    /^dataset builtin:digits .* 10 classes$/,
    /^loss /,
    /^the weights start from /,
    /^running: initializing$/,
    /^gradinit is done after 5 iterations, loss .* to .*, in .* s$/,
    /^running: finalizing$/,
    /^succeeded$/,
  ];
  let from = 0;
  for (const pattern of expected) {
    const at = messages.findIndex((message, place) => place >= from && pattern.test(message));
    assert.ok(at >= 0, `${pattern} is missing after line ${from} of:\n${messages.join('\n')}`);
    from = at + 1;
  }
  assert.deepEqual(await client.logs(id, { after: lines[2]?.id ?? '' }), lines.slice(3));
  const printed = (await gradinit('logs', id, '--follow')).trimEnd().split('\n');
  assert.equal(printed.length, lines.length);
  assert.match(printed.at(-1) ?? '', /Z {2}INFO {3}succeeded$/);
  const json = (await gradinit('logs', id, '--json', '--after', lines.at(-2)?.id ?? '')).trim();
  assert.deepEqual(JSON.parse(json), lines.at(-1));
});

test('a dry run says what such runs took, from how many, and why when there were none', async () => {
  const wish = request(40, {
    method: { name: 'gradinit', options: { iterations: 40, batchSize: 48, learningRate: 1e-3 } },
  });
  const before = await client.validate(wish);
  assert.deepEqual(before.estimate.devices, []);
  assert.match(before.estimate.reason ?? '', /no worker has finished/);
  for (const seed of [1, 2]) await client.wait((await client.submit({ ...wish, seed })).id);
  const { estimate } = await client.validate(wish);
  assert.equal(estimate.reason, null);
  const [device, ...others] = estimate.devices;
  assert.deepEqual([device?.device, device?.measurements, others], ['cpu', 2, []]);
  assert.ok((device?.seconds ?? 0) > 0 && (device?.peakMemoryBytes ?? 0) > 50 * 2 ** 20, JSON.stringify(estimate));
  const longer = {
    ...wish,
    method: { name: 'gradinit', options: { iterations: 1_000_000, batchSize: 48, learningRate: 0.1 } },
  };
  const [scaled] = (await client.validate(longer)).estimate.devices;
  assert.ok(
    (scaled?.seconds ?? 0) > 10 * (device?.seconds ?? 0),
    `iterations count: ${JSON.stringify([device, scaled])}`,
  );
  const other = {
    ...wish,
    method: { name: 'gradinit', options: { iterations: 40, batchSize: 64, learningRate: 1e-3 } },
  };
  assert.deepEqual((await client.validate(other)).estimate.devices, [], 'another batch size is other work');
});

test('a job tells how long its phase will take while it iterates, and nothing else', async () => {
  const { id } = await client.submit(request(3000));
  const etas: number[] = [];
  for await (const { type, data } of client.events(id))
    if (type === 'progress' && typeof data.etaSeconds === 'number') etas.push(data.etaSeconds);
  assert.ok(etas.length > 2 && etas.every((eta) => eta >= 0));
  assert.equal(etas.at(-1), 0);
  assert.equal((await client.get(id)).progress.etaSeconds, null);
  const paused = await client.submit(request(1_000_000));
  while ((await client.get(paused.id)).progress.etaSeconds === null)
    await new Promise((resolve) => setTimeout(resolve, 50));
  await gradinit('pause', paused.id);
  while ((await client.get(paused.id)).status !== 'paused') await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await client.get(paused.id)).progress.etaSeconds, null);
  await gradinit('cancel', paused.id, '--partial');
  assert.equal((await client.get(paused.id)).status, 'cancelled');
});
