import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { installGradients } from '../../../../src/engine/gradients/index.ts';
import { createLoss } from '../../../../src/engine/losses/index.ts';
import type { Weight } from '../../../../src/engine/network/layer-forward.ts';
import { plainWeight, probedWeight } from '../../../../src/engine/network/weights.ts';
import { type Scalar, type Tensor, tf } from '../../../../src/engine/tf.ts';
import type { JsonObject } from '../../../../src/topology/config-reader.ts';
import { compareDerivatives, type ScalarFunction } from '../../../support/directional.ts';
import { assertClose, layerCase } from '../../../support/layer-case.ts';

const inner = (class_name: string, config: JsonObject): JsonObject => ({
  class_name,
  config: { name: 'inner', ...config },
});
const sequences = { units: 3, return_sequences: true, recurrent_activation: 'sigmoid' };

const layers: [string, JsonObject, number[][], Record<string, unknown>?][] = [
  ['SimpleRNN', { units: 3, return_sequences: true }, [[4, 2]]],
  ['SimpleRNN', { units: 3, go_backwards: true, use_bias: false }, [[1, 2]]],
  ['GRU', { ...sequences, reset_after: true }, [[4, 2]]],
  ['GRU', { ...sequences, reset_after: false }, [[4, 2]]],
  ['GRU', { units: 3, go_backwards: true }, [[4, 2]]],
  ['LSTM', sequences, [[4, 2]]],
  ['LSTM', { units: 2, activation: 'elu' }, [[3, 2]]],
  ['Bidirectional', { layer: inner('LSTM', sequences), merge_mode: 'mul' }, [[3, 2]]],
  ['Bidirectional', { layer: inner('GRU', { units: 2 }) }, [[3, 2]]],
  ['TimeDistributed', { layer: inner('Dense', { units: 3, activation: 'tanh' }) }, [[3, 2]]],
  ['TimeDistributed', { layer: inner('LSTM', sequences) }, [[2, 3, 2]]],
  [
    'Attention',
    { use_scale: true },
    [
      [3, 2],
      [4, 2],
      [4, 2],
    ],
  ],
  [
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3 },
    [
      [3, 4],
      [5, 4],
    ],
  ],
  [
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3 },
    [
      [4, 4],
      [4, 4],
    ],
    { use_causal_mask: true },
  ],
];

const losses: [string, Record<string, unknown>, number[], () => Tensor][] = [
  ['softmax-cross-entropy', { labelSmoothing: 0.1 }, [4, 3], () => tf.tensor1d([0, 2, 1, 2], 'int32')],
  [
    'softmax-cross-entropy',
    {},
    [2, 2, 3],
    () =>
      tf.tensor2d(
        [
          [0, 2],
          [1, 2],
        ],
        undefined,
        'int32',
      ),
  ],
  ['sigmoid-cross-entropy', {}, [3, 1], () => tf.tensor1d([0, 1, 1], 'int32')],
  ['mean-squared-error', {}, [3, 2], () => tf.ones([3, 2])],
  ['huber', { delta: 0.1 }, [3, 2], () => tf.ones([3, 2])],
];

/** Every variable also enters beside y: a rule that drops a path of the second order cannot hide. */
const withSecondPath =
  (y: (at: readonly Tensor[]) => Tensor): ScalarFunction =>
  (at) => {
    const squares = tf.addN(at.map((tensor) => tf.mean(tf.square(tensor))));
    return tf.mul(squares, tf.sum(tf.square(y(at)))) as Scalar;
  };

function assertDerivatives(f: ScalarFunction, at: readonly Tensor[]): void {
  compareDerivatives(f, at).forEach(({ exact, differences }, order) => {
    const error = Math.abs(exact - differences) / Math.max(Math.abs(differences), 1e-3);
    assert.ok(error < 2e-3, `order ${order + 1}: ${exact}, by differences ${differences}`);
  });
}

describe('derivatives of orders 1 and 2', () => {
  before(installGradients);

  for (const [className, config, shapes, call] of layers) {
    test(`of ${className} ${JSON.stringify(config)} ${call ? JSON.stringify(call) : ''} equal differences`, () => {
      tf.tidy(() => {
        const layer = layerCase(className, config, shapes);
        const draw = (shape: readonly number[], seed: number) => tf.randomNormal([...shape], 0, 0.5, 'float32', seed);
        const inputs = shapes.map((shape, i) => draw([2, ...shape], 50 + i));
        const weights = layer.params.map(({ shape }, i) => draw(shape, 100 + i));
        const f = withSecondPath((at) => {
          const named = layer.params.map(({ key }, i) => [key, at[inputs.length + i] as Tensor]);
          return layer.run(at.slice(0, inputs.length), Object.fromEntries(named), call);
        });
        assertDerivatives(f, [...inputs, ...weights]);
      });
    });
  }

  for (const [className, config, shapes, call] of layers) {
    test(`of ${className} ${JSON.stringify(config)} with respect to a scale are the same through a probe`, () => {
      tf.tidy(() => {
        const layer = layerCase(className, config, shapes);
        const draw = (shape: readonly number[], seed: number) => tf.randomNormal([...shape], 0, 0.5, 'float32', seed);
        const inputs = shapes.map((shape, i) => draw([2, ...shape], 50 + i));
        const factors = layer.params.map(({ shape }, i) => draw(shape, 100 + i));
        const scales = factors.map(() => tf.scalar(1));
        const keyed = (weights: Weight[]) =>
          Object.fromEntries(layer.params.map(({ key }, i) => [key, weights[i] as Weight]));
        // |dL/dtheta|^2 as a function of the scales; theta = s F, so that dL/dF = s dL/dtheta
        const squaredNorm = (at: Tensor[], weight: (factor: Tensor, s: Scalar) => Weight) => {
          const loss = (...f: Tensor[]) =>
            tf.sum(
              tf.square(layer.runWith(inputs, keyed(f.map((factor, i) => weight(factor, at[i] as Scalar))), call)),
            ) as Scalar;
          const gradients = tf.grads(loss)(factors);
          return tf.addN(gradients.map((g, i) => tf.div(tf.sum(tf.square(g)), tf.square(at[i] as Tensor)))) as Scalar;
        };
        const [plain, probed] = [(f: Tensor, s: Scalar) => plainWeight(tf.mul(f, s)), probedWeight].map((weight) =>
          tf.grads((...at: Tensor[]) => squaredNorm(at, weight))(scales),
        );
        const expected = tf.stack(plain ?? []).dataSync();
        assertClose(tf.stack(probed ?? []), expected, [expected.length], 1e-4);
      });
    });
  }

  for (const [name, options, shape, targets] of losses) {
    test(`of ${name} ${JSON.stringify(options)} on outputs [${shape}] equal differences`, () => {
      tf.tidy(() => {
        const loss = createLoss(name, options);
        const y = targets();
        assertDerivatives(
          withSecondPath(([x]) => loss(x as Tensor, y)),
          [tf.randomNormal(shape, 0, 1, 'float32', 3)],
        );
      });
    });
  }
});
