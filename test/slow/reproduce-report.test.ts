/** Loss and gradient norm of a report, computed again by PyTorch as docs/datasets.md says: the program there is run as it stands. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { run as init } from '../../src/cli/init.ts';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { createRandom } from '../../src/random.ts';
import { temporaryFolder } from '../support/data-files.ts';
import { preparePython } from '../support/python.ts';

const folder = temporaryFolder();
const python = await preparePython(['torch==2.15.0', 'numpy>=1.26,<3', 'safetensors==0.6.2']);
const documented = readFileSync(path.resolve(import.meta.dirname, '../../docs/datasets.md'), 'utf8');
const [, program = ''] = /reproduce:begin -->\s*```python\n(.*?)```/s.exec(documented) ?? [];

const dense = (name: string, units: number, activation: string) => ({
  class_name: 'Dense',
  config: { name, units, activation },
});
const model = {
  class_name: 'Sequential',
  config: {
    name: 'm',
    layers: [
      { class_name: 'InputLayer', config: { name: 'in', batch_input_shape: [null, 6, 6, 3] } },
      { class_name: 'Flatten', config: { name: 'flat' } },
      dense('hidden', 16, 'relu'),
      dense('logits', 4, 'linear'),
    ],
  },
};

/** 200 pictures of 0 to 219 whose classes differ in brightness. */
function pictures(): Map<string, NDArray> {
  const random = createRandom(0, 'pictures');
  const y = Int32Array.from({ length: 200 }, (_, sample) => sample % 4);
  const x = Float32Array.from(
    { length: 200 * 108 },
    (_, at) => 40 * (y[Math.floor(at / 108)] ?? 0) + random.below(100),
  );
  return new Map<string, NDArray>([
    ['x', ndarray('float32', [200, 6, 6, 3], x)],
    ['y', ndarray('int32', [200], y)],
  ]);
}

if (typeof python === 'string') test('numbers of a report in PyTorch', (t) => t.skip(python));
else
  test('the documented program gives loss and gradient norm of the report', async () => {
    const file = folder.write('train.npz', Buffer.concat([...encodeNpz(pictures())]));
    const topology = folder.write('model.json', JSON.stringify(model));
    const out = path.join(folder.path, 'out');
    const options = ['--dataset-options', '{"normalize":"per-channel"}'];
    await init(['--model', topology, '--dataset', file, ...options, '--method', 'lsuv', '--out', out, '--json']);
    const { after } = JSON.parse(readFileSync(path.join(out, 'report.json'), 'utf8')).assessment;
    assert.ok(program.includes('cross_entropy'), 'the program is not in the document');
    const printed = await python.run(`import os, sys; os.chdir(sys.argv[1])\n${program}`, [folder.path]);
    const computed = JSON.parse(printed);
    for (const name of ['loss', 'gradientNorm'] as const) {
      const difference = Math.abs(computed[name] - after[name]) / after[name];
      assert.ok(difference < 1e-5, `${name}: ${computed[name]} in PyTorch, ${after[name]} in the report`);
    }
  });
