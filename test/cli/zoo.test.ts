import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cli = path.resolve(import.meta.dirname, '../../src/cli.ts');

interface Outcome {
  stdout: string;
  stderr: string;
  code: number;
}

const gradinit = (...args: string[]): Promise<Outcome> =>
  run(process.execPath, ['--import', 'tsx', cli, ...args], { maxBuffer: 2 ** 26 }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    ({ stdout, stderr, code }: Outcome) => ({ stdout, stderr, code }),
  );

test('zoo lists every network with its summary and options', async () => {
  const { stdout, code } = await gradinit('zoo');
  assert.equal(code, 0);
  for (const part of ['vgg', 'resnet', 'wide-resnet', 'densenet-bc', 'transformer', 'depth', 'Default 19']) {
    assert.ok(stdout.includes(part), part);
  }
});

test('zoo --json lists names, summaries and JSON Schemas', async () => {
  const documents = JSON.parse((await gradinit('zoo', '--json')).stdout) as {
    name: string;
    summary: string;
    options: object;
  }[];
  const resnet = documents.find(({ name }) => name === 'resnet');
  assert.ok(resnet?.summary);
  const { depth } = (resnet.options as { properties: { depth: object } }).properties;
  assert.deepEqual(
    { ...depth, description: undefined },
    { type: 'integer', minimum: 8, maximum: 1202, default: 20, description: undefined },
  );
});

test('zoo NAME prints the topology alone on standard output', async () => {
  const { stdout, stderr } = await gradinit('zoo', 'resnet', '--options', '{"depth":110}');
  assert.equal((JSON.parse(stdout) as { class_name: string }).class_name, 'Model');
  assert.match(stderr, /1,728,058 parameters/);
});

test('zoo NAME --json prints name, options with defaults, parameters and topology', async () => {
  const { stdout } = await gradinit('zoo', 'vgg', '--options', '{"batchNorm":true}', '--json');
  const { topology, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual(rest, {
    name: 'vgg',
    options: { depth: 19, batchNorm: true, inputShape: [32, 32, 3], classes: 10 },
    parameters: 20_040_522,
  });
  assert.equal((topology as { config: { name: string } }).config.name, 'vgg19');
});

const refused: { args: string[]; says: RegExp }[] = [
  { args: ['lenet'], says: /^ZOO_UNKNOWN: no zoo model is called "lenet"; known are vgg/ },
  { args: ['resnet', '--options', '{"depth":21}'], says: /^OPTION_INVALID: .*depth must be 6n \+ 2/ },
  { args: ['resnet', '--options', '{depth:20}'], says: /^USAGE: --options is not JSON/ },
  { args: ['resnet', '--options', '[]'], says: /^USAGE: --options must be a JSON object/ },
  { args: ['resnet', 'vgg'], says: /^USAGE: one NAME at a time, got also vgg/ },
  { args: ['--options', '{}'], says: /^USAGE: --options needs a NAME/ },
  { args: ['--depth', '20'], says: /^USAGE: / },
];

for (const { args, says } of refused) {
  test(`zoo ${args.join(' ')} is refused with exit code 2 and nothing on standard output`, async () => {
    const { stdout, stderr, code } = await gradinit('zoo', ...args);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, says);
  });
}
