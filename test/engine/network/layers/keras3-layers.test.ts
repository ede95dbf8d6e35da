import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { tf } from '../../../../src/engine/tf.ts';
import type { JsonObject } from '../../../../src/topology/config-reader.ts';
import { assertClose, layerCase } from '../../../support/layer-case.ts';

interface FloatArray {
  shape: number[];
  data: number[];
}

interface Case {
  title: string;
  class_name: string;
  config: JsonObject;
  call: Record<string, unknown>;
  inputs: FloatArray[];
  weights: Record<string, FloatArray>;
  output: FloatArray;
}

// Written by generate-layers.py beside it.
const fixture = new URL('../../../fixtures/keras3/layers.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] };

const tensor = ({ shape, data }: FloatArray) => tf.tensor(data, shape, 'float32');

/** What the parser of Keras 3 topologies does with words that mean something else in tfjs. */
const renamed = (config: JsonObject): JsonObject => ({
  ...config,
  ...(config.activation === 'hard_sigmoid' ? { activation: 'hard_sigmoid_keras3' } : {}),
  ...(config.interpolation === 'bilinear' ? { interpolation: 'bilinear_keras3' } : {}),
});

describe('layers of Keras 3', () => {
  for (const { title, class_name, config, call, inputs, weights, output } of cases) {
    test(`${title} computes what Keras computes, from parameters of the same paths`, () => {
      tf.tidy(() => {
        const shapes = inputs.map(({ shape }) => shape.slice(1));
        const layer = layerCase(class_name, renamed(config), shapes);
        const paths = layer.params.map(({ key, shape }) => [layer.keras3Key(key), [...shape]]);
        assert.deepEqual(
          paths,
          Object.entries(weights).map(([path, { shape }]) => [path, shape]),
        );
        const given = layer.params.map(({ key }) => [key, tensor(weights[layer.keras3Key(key)] as FloatArray)]);
        const y = layer.run(inputs.map(tensor), Object.fromEntries(given), call, 'moving');
        assert.deepEqual([2, ...layer.outputShape], output.shape);
        assertClose(y, output.data, output.shape);
      });
    });
  }
});
