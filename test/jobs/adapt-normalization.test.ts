/** Normalization layers without statistics: adapted to the samples of the job, or left as they are with a word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localSources } from '../../src/cli/sources.ts';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { prepareRun } from '../../src/jobs/prepare.ts';
import { ndarray } from '../../src/ndarray.ts';
import { temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const layer = (class_name: string, config: object) => ({ class_name, config });
const modelOf = (axis: number | number[] | null, ...before: object[]) => ({
  class_name: 'Sequential',
  config: {
    name: 'm',
    layers: [
      layer('InputLayer', { name: 'x', batch_input_shape: [null, 2, 3] }),
      ...before,
      layer('Normalization', { name: 'norm', axis }),
      layer('Flatten', { name: 'flat' }),
      layer('Dense', { name: 'd', units: 1 }),
    ],
  },
});
// [n, 2, 3]: 10,000 + 100 step + 10 feature + sample
const at = (sample: number, step: number, feature: number) => 1e4 + 100 * step + 10 * feature + sample;
const x = Float32Array.from({ length: 4 * 6 }, (_, i) => at(Math.floor(i / 6), Math.floor(i / 3) % 2, i % 3));
const file = folder.write(
  'x.npz',
  Buffer.concat([
    ...encodeNpz(
      new Map([
        ['x', ndarray('float32', [4, 2, 3], x)],
        ['y', ndarray('float32', [4, 1], Float32Array.of(0.1, 0.2, 0.3, 0.4))],
      ]),
    ),
  ]),
);

async function prepare(topology: object, dataset: object = { ref: file, options: { normalize: 'none' } }) {
  const spec = parseJobSpec({ model: { topology }, method: { name: 'kaiming' }, dataset });
  const { problem, decisions } = await prepareRun(spec, localSources());
  const of = (key: string) => [...(problem.weights.get(`norm/${key}`)?.data ?? [])];
  return { mean: of('mean'), variance: of('variance'), notices: decisions.notices as string[] };
}

// Samples vary by 1.25 around 1.5, steps by 2,500 around 50, features by 200 / 3 around 10.
const expected: [number | number[] | null, number[], number[]][] = [
  [-1, [0, 1, 2].map((f) => at(1.5, 0.5, f)), [0, 0, 0].map(() => 2501.25)],
  [1, [0, 1].map((s) => at(1.5, s, 1)), [0, 0].map(() => 1.25 + 200 / 3)],
  [[1, 2], [0, 1, 2, 3, 4, 5].map((i) => at(1.5, Math.floor(i / 3), i % 3)), Array(6).fill(1.25)],
  [null, [at(1.5, 0.5, 1)], [2501.25 + 200 / 3]],
];
for (const [axis, mean, variance] of expected) {
  test(`along axis ${JSON.stringify(axis)} mean and variance are those of the samples`, async () => {
    const found = await prepare(modelOf(axis));
    const close = (a: number[], b: number[]) =>
      a.length === b.length && a.every((v, i) => Math.abs(v - (b[i] ?? 0)) < 1e-3);
    assert.ok(close(found.mean, mean), `${found.mean} instead of ${mean}`);
    assert.ok(close(found.variance, variance), `${found.variance} instead of ${variance}`);
    assert.match(found.notices.join(), /"norm".*those of the 4 training samples/);
  });
}

test('a layer that reads no input alone keeps mean 0 and variance 1, and the report says so', async () => {
  const found = await prepare(modelOf(-1, layer('Rescaling', { name: 'r', scale: 0.5 })));
  assert.deepEqual(
    [found.mean, found.variance],
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
  );
  assert.match(found.notices.join(), /"norm".*mean 0 and variance 1 stay/);
});
