import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Tensor, tf } from '../../../../src/engine/tf.ts';
import type { JsonObject } from '../../../../src/topology/config-reader.ts';
import { assertClose, layerCase } from '../../../support/layer-case.ts';

type StockLayer = ReturnType<typeof tf.layers.dense>;

const rnn = (layer: unknown) => layer as StockLayer;
const inner = (layer: unknown) => layer as ReturnType<typeof tf.layers.simpleRNN>;

const rows: { title: string; shape: number[]; stock: () => StockLayer }[] = [
  { title: 'SimpleRNN', shape: [5, 3], stock: () => rnn(tf.layers.simpleRNN({ units: 4 })) },
  {
    title: 'SimpleRNN with relu, without bias, all states, backwards',
    shape: [5, 3],
    stock: () =>
      rnn(
        tf.layers.simpleRNN({ units: 4, activation: 'relu', useBias: false, returnSequences: true, goBackwards: true }),
      ),
  },
  { title: 'GRU', shape: [5, 3], stock: () => rnn(tf.layers.gru({ units: 4 })) },
  {
    title: 'GRU with sigmoid gates and all states',
    shape: [6, 2],
    stock: () => rnn(tf.layers.gru({ units: 3, recurrentActivation: 'sigmoid', returnSequences: true })),
  },
  { title: 'GRU without bias', shape: [4, 2], stock: () => rnn(tf.layers.gru({ units: 3, useBias: false })) },
  { title: 'LSTM', shape: [5, 3], stock: () => rnn(tf.layers.lstm({ units: 4 })) },
  { title: 'LSTM of one step and one unit', shape: [1, 1], stock: () => rnn(tf.layers.lstm({ units: 1 })) },
  {
    title: 'LSTM with sigmoid gates, elu, all states, backwards',
    shape: [7, 2],
    stock: () =>
      rnn(
        tf.layers.lstm({
          units: 3,
          recurrentActivation: 'sigmoid',
          activation: 'elu',
          returnSequences: true,
          goBackwards: true,
        }),
      ),
  },
  ...(['concat', 'sum', 'mul', 'ave'] as const).map((mergeMode) => ({
    title: `Bidirectional LSTM, all states, ${mergeMode}`,
    shape: [5, 3],
    stock: () =>
      rnn(tf.layers.bidirectional({ layer: inner(tf.layers.lstm({ units: 4, returnSequences: true })), mergeMode })),
  })),
  {
    title: 'Bidirectional GRU, last states',
    shape: [5, 3],
    stock: () => rnn(tf.layers.bidirectional({ layer: inner(tf.layers.gru({ units: 2 })), mergeMode: 'concat' })),
  },
  {
    title: 'TimeDistributed Dense',
    shape: [5, 3],
    stock: () => rnn(tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 4, activation: 'tanh' }) })),
  },
  {
    title: 'TimeDistributed LSTM',
    shape: [4, 5, 3],
    stock: () => rnn(tf.layers.timeDistributed({ layer: rnn(tf.layers.lstm({ units: 2 })) })),
  },
];

/** Weights of a stock layer by our key: what follows the layer's name, drawn anew so that biases are not zero. */
function redraw(layer: StockLayer): Record<string, Tensor> {
  const drawn = layer.weights.map(({ shape }, seed) => tf.randomNormal(shape as number[], 0, 0.6, 'float32', seed + 1));
  layer.setWeights(drawn);
  const keys = layer.weights.map(({ originalName }) => originalName.slice(layer.name.length + 1));
  return Object.fromEntries(drawn.map((tensor, at) => [keys[at], tensor]));
}

describe('recurrent layers and wrappers', () => {
  for (const { title, shape, stock } of rows) {
    test(`${title} computes what TensorFlow.js computes, from parameters of the same names and shapes`, () => {
      tf.tidy(() => {
        const layer = stock();
        const x = tf.randomNormal([3, ...shape], 0, 1, 'float32', 99);
        layer.apply(x);
        const weights = redraw(layer);
        const expected = layer.apply(x) as Tensor;
        const ours = layerCase(layer.getClassName(), layer.getConfig() as JsonObject, [shape]);
        assert.deepEqual(
          ours.params.map(({ key, shape: of }) => [key, [...of]]),
          Object.entries(weights).map(([key, tensor]) => [key, tensor.shape]),
        );
        assert.deepEqual([3, ...ours.outputShape], expected.shape);
        assertClose(ours.run([x], weights), expected.dataSync(), expected.shape);
      });
    });
  }

  test('TimeDistributed batch normalisation takes its statistics at every step', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([6, 3, 2], 1, 2, 'float32', 4);
      const ours = layerCase(
        'TimeDistributed',
        { layer: { class_name: 'BatchNormalization', config: { name: 'bn' } } },
        [[3, 2]],
      );
      const weights = Object.fromEntries(
        ours.params.map(({ key }) => [key, key === 'gamma' ? tf.ones([2]) : tf.zeros([2])]),
      );
      const mean = tf.mean(ours.run([x], weights), 0);
      assertClose(mean, new Float32Array(6), [3, 2], 1);
    });
  });

  test('a run leaks no tensors', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const ours = layerCase(
        'Bidirectional',
        { layer: { class_name: 'GRU', config: { name: 'gru', units: 2, reset_after: true } } },
        [[4, 3]],
      );
      const weights = Object.fromEntries(ours.params.map(({ key, shape }) => [key, tf.ones([...shape])]));
      ours.run([tf.ones([2, 4, 3])], weights);
    });
    assert.equal(tf.memory().numTensors, before);
  });
});
