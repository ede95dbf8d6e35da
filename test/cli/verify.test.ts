import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { run as verify } from '../../src/cli/verify.ts';
import { installGradients } from '../../src/engine/gradients/index.ts';
import { runKernel } from '../../src/engine/gradients/rule.ts';
import { type Tensor, tf } from '../../src/engine/tf.ts';
import { buildZooModel } from '../../src/models/zoo/index.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const model = path.join(folder.path, 'model.json');
writeFileSync(model, JSON.stringify(buildZooModel('small-cnn', {})));

/** Runs the command and catches what it prints. */
async function run(
  t: { mock: { method(object: object, name: 'log', to: (text: string) => void): void } },
  ...args: string[]
) {
  const printed: string[] = [];
  t.mock.method(console, 'log', (text: string) => void printed.push(text));
  const code = await verify(['--model', model, '--dataset', 'builtin:digits', '--batch', '16', ...args]);
  return { code, text: printed.join('\n') };
}

test('a network that agrees is reported as a table, exit code 0', async (t) => {
  const { code, text } = await run(t);
  assert.equal(code, 0, text);
  assert.match(text, /parameter +exact +difference +error/);
  assert.match(text, /\d+ judged of \d+ checked, of \d+ scales/);
  assert.match(text, /ok: worst error 0\.0\d\d %/);
});

test('--json prints one document with every scale', async (t) => {
  const { code, text } = await run(t, '--json', '--norm', 'l1', '--parameters', '2');
  const document = JSON.parse(text);
  assert.equal(code, 0);
  assert.deepEqual([document.passed, document.norm, document.batch, document.scales.length], [true, 'l1', 16, 2]);
  assert.ok(document.worst < 0.005 && document.total > 2);
});

test('a wrong gradient rule gives exit code 1', async (t) => {
  installGradients();
  const proven = tf.getGradient('Relu');
  assert.ok(proven);
  tf.unregisterGradient('Relu');
  tf.registerGradient({
    kernelName: 'Relu',
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => runKernel('ReluGrad', { dy: tf.mul(dy as Tensor, 1.1), x: x as Tensor }) }),
  });
  try {
    const { code, text } = await run(t);
    assert.equal(code, 1);
    assert.match(text, /FAILED/);
  } finally {
    tf.unregisterGradient('Relu');
    tf.registerGradient(proven);
  }
});

const refused: readonly [title: string, args: string[], message: RegExp][] = [
  ['an unknown norm', ['--norm', 'l3'], /--norm must be l2 or l1, got "l3"/],
  ['a batch larger than the data', ['--batch', '99999'], /--batch must be a whole number in \[1, 1797\]/],
  ['no scale at all', ['--parameters', '0'], /--parameters must be/],
];
for (const [title, args, message] of refused) {
  test(`${title} is refused`, () =>
    refuses(() => verify(['--model', model, '--dataset', 'builtin:digits', ...args]), 'USAGE', message));
}
