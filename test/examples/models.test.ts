import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parseModel } from '../../src/models/index.ts';

const folder = path.resolve(import.meta.dirname, '../../examples/models');
const read = async (file: string) => parseModel({ topology: await readFile(path.join(folder, file), 'utf8') });

test('the example models are recognised by their content', async () => {
  assert.equal((await read('digits-cnn.tfjs.json')).format, 'tfjs-layers');
  assert.equal((await read('digits-cnn.keras3.json')).format, 'keras3');
});

test('both frameworks wrote the same network: keys, shapes and groups of all 16,698 parameters', async () => {
  const [tfjs, keras] = await Promise.all(
    ['digits-cnn.tfjs.json', 'digits-cnn.keras3.json'].map(async (file) =>
      (await read(file)).topology.layers
        .flatMap(({ params }) => params)
        .map(({ key, shape, group }) => ({ key, shape, group })),
    ),
  );
  assert.ok(tfjs && keras);
  assert.deepEqual(tfjs, keras);
  assert.equal(
    tfjs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    16_698,
  );
});
