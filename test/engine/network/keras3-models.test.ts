import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { readSafetensors } from '../../../src/codecs/safetensors.ts';
import { createNetwork } from '../../../src/engine/network/network.ts';
import { plainWeight } from '../../../src/engine/network/weights.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';
import { parseModel } from '../../../src/models/index.ts';
import type { NDArray } from '../../../src/ndarray.ts';
import { assertClose } from '../../support/layer-case.ts';

interface PlainArray {
  shape: number[];
  dtype: 'float32' | 'int32';
  data: number[];
}

interface Case {
  title: string;
  topology: unknown;
  weights: Record<string, PlainArray>;
  inputs: PlainArray[];
  output: PlainArray;
}

const root = path.resolve(import.meta.dirname, '../../..');
// Written by generate-models.py beside it.
const fixture = path.join(root, 'test/fixtures/keras3/models.json');
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] };

const tensor = ({ data, shape, dtype }: PlainArray) => tf.tensor(data, shape, dtype);
const stored = (array: NDArray | undefined) => {
  assert.ok(array && array.dtype !== 'uint8');
  return tf.tensor(array.data, [...array.shape], array.dtype);
};

/** Inference of a parsed topology, its parameters found by name. */
function infer(topology: unknown, weightOf: (name: string) => Tensor, inputs: readonly Tensor[]): Tensor {
  const network = createNetwork(parseModel({ topology }).topology);
  const weights = new Map(network.params.map(({ name }) => [name, plainWeight(weightOf(name))]));
  const [output] = network.forward(weights, inputs, 'moving');
  assert.ok(output);
  return output;
}

describe('models of Keras 3', () => {
  for (const { title, topology, weights, inputs, output } of cases) {
    test(`${title}: names and outputs are those of Keras`, () => {
      tf.tidy(() => {
        const named = parseModel({ topology }).topology.layers.flatMap((layer) => layer.params.map(({ name }) => name));
        assert.deepEqual(named, Object.keys(weights));
        const y = infer(topology, (name) => tensor(weights[name] as PlainArray), inputs.map(tensor));
        assertClose(y, output.data, output.shape);
      });
    });
  }

  for (const name of ['cnn-sequential', 'resnet-functional', 'transformer-mha', 'tabular-regression']) {
    test(`the reference case ${name} reproduces its outputs`, async (t) => {
      const folder = path.resolve(root, '../shared/keras3', name);
      if (!existsSync(folder)) return t.skip('the reference cases are not beside the checkout');
      const { tensors: weights } = await readSafetensors(path.join(folder, 'weights.safetensors'));
      const { tensors: forward } = await readSafetensors(path.join(folder, 'forward.safetensors'));
      tf.tidy(() => {
        const topology = readFileSync(path.join(folder, 'model.json'), 'utf8');
        const y = infer(topology, (key) => stored(weights.get(key)), [stored(forward.get('x'))]);
        const expected = forward.get('y');
        assert.ok(expected);
        assertClose(y, expected.data, expected.shape);
      });
    });
  }
});
