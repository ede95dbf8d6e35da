import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readSafetensors } from '../../src/codecs/safetensors.ts';
import { parseModel } from '../../src/models/index.ts';
import { describe as summarise } from '../../src/topology/summary.ts';

const shared = path.resolve(import.meta.dirname, '../../../shared');

/** Cases with a model and all its weights; the Keras ones also say in which order Keras keeps them. */
const cases: [folder: string, format: string][] = [
  ...['mlp-tanh', 'mlp-edge', 'conv-relu-nobn', 'conv-adam', 'resnet-bn', 'metainit-conv', 'transformer-adam'].map(
    (name): [string, string] => [`reference/${name}`, 'tfjs-layers'],
  ),
  ...['cnn-sequential', 'resnet-functional', 'transformer-mha', 'tabular-regression'].map((name): [string, string] => [
    `keras3/${name}`,
    'keras3',
  ]),
];

describe('the recorded models', () => {
  for (const [folder, format] of cases) {
    it(`${folder} gives exactly the recorded parameters`, async (t) => {
      const file = path.join(shared, folder, 'model.json');
      if (!existsSync(file)) return t.skip(`${file} is not there: the recorded cases lie beside the checkout`);
      const parsed = parseModel({ topology: readFileSync(file, 'utf8') });
      assert.equal(parsed.format, format);
      const params = parsed.topology.layers.flatMap((layer) => layer.params);
      const { tensors } = await readSafetensors(path.join(shared, folder, 'weights.safetensors'));
      const expected = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, [...shape]]));
      assert.deepEqual(Object.fromEntries(params.map(({ name, shape }) => [name, [...shape]])), expected);

      const about = path.join(shared, folder, 'about.json');
      if (!existsSync(about)) return;
      const recorded = JSON.parse(readFileSync(about, 'utf8')) as {
        params: number;
        trainable: string[];
        weights: object;
      };
      assert.equal(summarise(parsed.topology).totalParams, recorded.params);
      assert.deepEqual(
        params.map(({ name }) => name),
        Object.keys(recorded.weights),
      );
      assert.deepEqual(
        params.filter(({ group }) => group !== 'none').map(({ name }) => name),
        recorded.trainable,
      );
    });
  }
});
