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
