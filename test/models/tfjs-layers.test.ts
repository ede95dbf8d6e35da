import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { tf } from '../../src/engine/tf.ts';
import type { JsonObject } from '../../src/json.ts';
import { type ParsedModel, parseModel } from '../../src/models/index.ts';

const { layers } = tf;
const one = (output: unknown) => output as SymbolicTensor;

/** The key style that tfjs uses inside: className, kernelInitializer, fanAvg. */
function camelCased(value: unknown): unknown {
  const camel = (text: string) => text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      camel(key),
      key === 'mode' ? camel(String(entry)) : camelCased(entry),
    ]),
  );
}

function nestedShared(): LayersModel {
  const i = tf.input({ shape: [8] });
  const inner = tf.model({
    inputs: i,
    outputs: one(layers.dense({ units: 8 }).apply(layers.dense({ units: 6 }).apply(i))),
    name: 'inner',
  });
  const [x, y] = [tf.input({ shape: [8] }), tf.input({ shape: [8] })];
  const chain = tf.sequential({ name: 'chain', layers: [layers.dense({ units: 8, inputShape: [8] })] });
  const sum = layers.add().apply([one(inner.apply(x)), one(inner.apply(y))]);
  return tf.model({ inputs: [x, y], outputs: [one(sum), one(chain.apply(x))] });
}

function sharedLayer(): LayersModel {
  const dense = layers.dense({ units: 4 });
  const [x, y] = [tf.input({ shape: [4] }), tf.input({ shape: [4] })];
  const joined = layers.concatenate().apply([one(dense.apply(x)), one(dense.apply(dense.apply(y)))]);
  return tf.model({ inputs: [x, y], outputs: one(joined) });
}

const models: Record<string, () => LayersModel> = {
  'a nested model called twice and a nested Sequential': nestedShared,
  'a layer called three times': sharedLayer,
  'a Sequential inside a Sequential': () =>
    tf.sequential({
      layers: [
        layers.dense({ units: 8, inputShape: [3] }),
        tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [8] }), layers.dense({ units: 5 })] }),
        layers.dense({ units: 2 }),
      ],
    }),
  'a Sequential that starts with a Sequential': () =>
    tf.sequential({
      layers: [tf.sequential({ layers: [layers.dense({ units: 8, inputShape: [3] })] }), layers.dense({ units: 2 })],
    }),
  'convolutions and normalisation': () =>
    tf.sequential({
      layers: [
        layers.conv2d({
          filters: 4,
          kernelSize: 3,
          inputShape: [8, 8, 3],
          padding: 'same',
          kernelInitializer: 'heNormal',
        }),
        layers.batchNormalization(),
        layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 }),
        layers.separableConv2d({ filters: 5, kernelSize: 2 }),
        layers.prelu(),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
  'recurrent layers and wrappers': () =>
    tf.sequential({
      layers: [
        layers.bidirectional({
          layer: layers.lstm({ units: 3, returnSequences: true }) as never,
          mergeMode: 'concat',
          inputShape: [6, 3],
        }),
        layers.gru({ units: 3, returnSequences: true }),
        layers.timeDistributed({ layer: layers.dense({ units: 2 }) }),
        layers.simpleRNN({ units: 2 }),
      ],
    }),
  'an embedding': () =>
    tf.sequential({ layers: [layers.embedding({ inputDim: 5, outputDim: 3, inputLength: 4 }), layers.flatten()] }),
};

const weightsOf = ({ topology }: ParsedModel) =>
  topology.layers.flatMap(({ params }) => params.map(({ name, shape }) => [name, [...shape]]));
const sorted = (weights: unknown[][]) => weights.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));

describe('tfjs-layers topologies', () => {
  for (const [what, build] of Object.entries(models)) {
    it(`give the names and shapes that tfjs gives in both key styles: ${what}`, () => {
      const model = build();
      const json = model.toJSON(null, false) as unknown as JsonObject;
      const expected = sorted(model.weights.map((weight) => [weight.originalName, weight.shape]));
      for (const topology of [json, JSON.stringify(json), JSON.stringify(JSON.stringify(json)), camelCased(json)]) {
        const parsed = parseModel({ topology });
        assert.equal(parsed.format, 'tfjs-layers');
        assert.deepEqual(sorted(weightsOf(parsed)), expected);
        const shapes = parsed.topology.outputs.map((id) => parsed.topology.nodes[id]?.shape);
        assert.deepEqual(
          shapes,
          model.outputs.map(({ shape }) => shape.slice(1)),
        );
      }
    });
  }

  const plain = {
    class_name: 'Sequential',
    config: {
      name: 'm',
      layers: [{ class_name: 'Dense', config: { units: 2, name: 'd', batch_input_shape: [null, 4] } }],
    },
  };
  const envelopes: [what: string, json: object, pointer: string][] = [
    ['the model itself', plain, ''],
    ['a model.json', { format: 'layers-model', modelTopology: plain, weightsManifest: [] }, '/modelTopology'],
    [
      'what the converter writes',
      { modelTopology: { keras_version: '2.15.0', model_config: plain }, weightsManifest: [] },
      '/modelTopology/model_config',
    ],
    ['a model.json whose topology is a text', { modelTopology: JSON.stringify(plain) }, '/modelTopology'],
  ];
  for (const [what, json, pointer] of envelopes) {
    it(`are found inside ${what}, and errors point there`, () => {
      assert.deepEqual(weightsOf(parseModel({ topology: json })), [
        ['d/kernel', [4, 2]],
        ['d/bias', [2]],
      ]);
      assert.deepEqual(parseModel({ topology: json }).source, plain);
      const broken = JSON.parse(JSON.stringify(json).replace(/(units\\?":)2/, '$10'));
      assert.throws(
        () => parseModel({ topology: broken }),
        (error: { problems: { pointer: string }[] }) =>
          error.problems[0]?.pointer === `${pointer}/config/layers/0/config/units`,
      );
    });
  }

  it('get layer names where they have none', () => {
    const layer = (config: object) => ({ class_name: 'Dense', config: { units: 2, ...config } });
    const topology = {
      class_name: 'Sequential',
      config: { layers: [layer({ input_shape: [4] }), layer({}), { class_name: 'ReLU' }] },
    };
    assert.deepEqual(
      parseModel({ topology }).topology.layers.map(({ name }) => name),
      ['dense_1_input', 'dense_1', 'dense_2', 're_lu_1'],
    );
  });

  it('may leave the input shape to the caller', () => {
    const topology = { class_name: 'Sequential', config: { layers: [{ class_name: 'Dense', config: { units: 2 } }] } };
    assert.throws(() => parseModel({ topology }), { code: 'LAYER_INVALID', message: /batch_input_shape must list/ });
    assert.deepEqual(weightsOf(parseModel({ topology, inputShapes: [[4]] }))[0], ['dense_1/kernel', [4, 2]]);
  });
});
