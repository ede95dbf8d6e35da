/** The example callers against a service that runs, as their README says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { readSafetensors } from '../../src/codecs/safetensors.ts';
import { preparePython } from '../support/python.ts';
import { runningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);
const out = await temporaryFolder();
const service = await runningService();
const model = 'examples/models/digits-cnn.keras3.json';
const kaiming = '{"name":"kaiming"}';

test('the curl example leaves checked weights behind and prints where', async () => {
  const target = path.join(out, 'curl', 'weights.safetensors');
  const env = { ...process.env, GRADINIT_URL: service.url, GRADINIT_METHOD: kaiming };
  const { stdout } = await run('bash', ['examples/curl/initialise.sh', model, 'builtin:digits', target], {
    cwd: projectRoot,
    env,
  });
  assert.equal(stdout.trim(), target);
  assert.ok((await readSafetensors(target)).tensors.has('digits_cnn/conv1/kernel'));
});

test('the curl example fails with the problem when the method is unknown', async () => {
  const env = { ...process.env, GRADINIT_URL: service.url, GRADINIT_METHOD: '{"name":"magic"}' };
  const target = path.join(out, 'never');
  await assert.rejects(
    run('bash', ['examples/curl/initialise.sh', model, 'builtin:digits', target], { cwd: projectRoot, env }),
  );
  await assert.rejects(readFile(target));
});

test('the Python example posts, waits, downloads, and names weights as PyTorch does', async (t) => {
  const python = await preparePython(['requests==2.32.5', 'numpy>=1.26,<3', 'safetensors==0.6.2']);
  if (typeof python === 'string') return t.skip(python);
  const target = path.join(out, 'python.safetensors');
  const env = { ...python.env, GRADINIT_URL: service.url };
  const args = ['examples/python/initialise.py', model, 'builtin:digits', target];
  const { stdout } = await run(python.command, args, { cwd: projectRoot, env });
  const { tensors } = await readSafetensors(target);
  const [height, width, inputs, outputs] = tensors.get('digits_cnn/conv1/kernel')?.shape ?? [];
  assert.ok(stdout.includes(`digits_cnn.conv1.weight (${outputs}, ${inputs}, ${height}, ${width})`), stdout);
});

test('the Python client turns Keras layouts into those of PyTorch', async (t) => {
  const python = await preparePython(['requests==2.32.5', 'numpy>=1.26,<3', 'safetensors==0.6.2']);
  if (typeof python === 'string') return t.skip(python);
  const script = `
import sys, json
sys.path.insert(0, sys.argv[1])
import numpy as np
from gradinit_client import to_pytorch
shapes = {"conv/kernel": (3, 5, 2, 7), "dense/kernel": (4, 6), "dense/bias": (6,), "bn/gamma": (7,), "bn/moving_variance": (7,), "dw/depthwise_kernel": (3, 3, 2, 2)}
weights = {name: np.arange(np.prod(shape), dtype=np.float32).reshape(shape) for name, shape in shapes.items()}
result = to_pytorch(weights)
assert result["conv.weight"][6, 1, 2, 4] == weights["conv/kernel"][2, 4, 1, 6]
assert result["dense.weight"][5, 3] == weights["dense/kernel"][3, 5]
assert result["dw.weight"][3, 0, 2, 1] == weights["dw/depthwise_kernel"][2, 1, 1, 1]
print(json.dumps({name: value.shape for name, value in result.items()}))`;
  const shapes: unknown = JSON.parse(await python.run(script, [path.join(projectRoot, 'examples/python')]));
  assert.deepEqual(shapes, {
    'conv.weight': [7, 2, 3, 5],
    'dense.weight': [6, 4],
    'dense.bias': [6],
    'bn.weight': [7],
    'bn.running_var': [7],
    'dw.weight': [4, 1, 3, 3],
  });
});
