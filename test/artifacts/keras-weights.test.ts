/** Weights out of files that Keras 3.15 wrote (fixtures/keras-files.py), and the refusals beside them. */
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { checkWeights, weightNotices } from '../../src/artifacts/check-weights.ts';
import { readWeights } from '../../src/artifacts/read.ts';
import { encodeZip } from '../../src/codecs/zip-writer.ts';
import { parseModel } from '../../src/models/index.ts';
import { readModelText } from '../../src/models/model-text.ts';
import { temporaryFolder } from '../support/temporary.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const folder = await temporaryFolder();

for (const model of ['nested.keras', 'nested.h5'])
  for (const file of ['nested.keras', 'nested.h5', 'nested.weights.h5'])
    test(`every variable of ${file} belongs to its parameter of ${model}, also under another file name`, async () => {
      const { topology } = parseModel({ topology: await readModelText(path.join(fixtures, model)) });
      const params = topology.layers.flatMap((layer) => layer.params);
      const copy = path.join(folder, 'any-name');
      await copyFile(path.join(fixtures, file), copy);
      const weights = await readWeights(copy);
      const values = [...checkWeights(weights, params).values()].flatMap(({ data }) => [...data]);
      assert.deepEqual(
        values,
        values.map((_, index) => index),
      );
      assert.equal(values.length, 8 + 8 + 6);
      assert.deepEqual(weightNotices(weights, params), []);
    });

test('zip files of other tools and pickles are named with the way out', async () => {
  const zip = (name: string) => Buffer.concat([...encodeZip([{ name, chunks: [Buffer.from('x')] }])]);
  const refused = [
    [zip('archive/data.pkl'), /torch\.save.*safetensors\.torch/],
    [zip('model.weights.json'), /in parts/],
    [Buffer.from('80024b012e', 'hex'), /pickle.*safetensors/],
  ] as const;
  for (const [bytes, message] of refused) {
    const file = path.join(folder, 'refused');
    await writeFile(file, bytes);
    await assert.rejects(readWeights(file), { code: 'WEIGHTS_MALFORMED', message });
  }
});
