import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { installGradients } from '../../../../src/engine/gradients/index.ts';
import { assertProven, kernelsOf } from '../../../../src/engine/gradients/kernel-log.ts';
import type { Weight } from '../../../../src/engine/network/layer-forward.ts';
import { findLayerForward, layerForwards } from '../../../../src/engine/network/layers/index.ts';
import { plainWeight, probedWeight } from '../../../../src/engine/network/weights.ts';
import { type Scalar, type Tensor, tf } from '../../../../src/engine/tf.ts';
import { ConfigReader } from '../../../../src/topology/config-reader.ts';
import { findLayerSpec, layerSpecs } from '../../../../src/topology/layers/index.ts';
import { compareDerivatives } from '../../../support/directional.ts';
import { type LayerSample, layerSamples } from '../../../support/layer-samples.ts';

/** A layer with drawn inputs and weights, as a function of how the weights are given. */
function prepare(className: string, { config, inputs: shapes }: LayerSample) {
  const spec = findLayerSpec(className);
  const forward = findLayerForward(className);
  assert.ok(spec && forward);
  const parsed = spec.parse(new ConfigReader('layer', className, config, '/config'));
  const params = spec.params(parsed, shapes).filter(({ group }) => group !== 'none');
  const inputs = shapes.map((shape, seed): Tensor => {
    if (className === 'Embedding') return tf.randomUniform([2, ...shape], 0, 7, 'int32', seed);
    return tf.randomNormal([2, ...shape], 0, 1, 'float32', seed + 1);
  });
  const weights = params.map(({ shape }, seed) => tf.randomNormal([...shape], 0.2, 0.6, 'float32', seed + 50));
  const run = (at: readonly Tensor[], give: (weight: Tensor, index: number) => Weight) => {
    const given = params.map(({ key }, index) => [key, give(weights[index] as Tensor, index)]);
    return forward(parsed as never, at, Object.fromEntries(given), { batchNorm: 'batch', call: {} });
  };
  return { inputs, weights, run, outputShape: spec.outputShape(parsed, shapes) };
}

const plain = (weight: Tensor) => plainWeight(weight);
const sumOfSquares = (y: Tensor) => tf.sum(tf.square(y)) as Scalar;

describe('every layer class', () => {
  before(installGradients);

  test('is registered under its first name, in the catalogue and in the engine', () => {
    for (const [name, spec] of Object.entries(layerSpecs)) assert.equal(spec.classNames[0], name);
    assert.deepEqual(Object.keys(layerForwards).sort(), Object.keys(layerSpecs).sort());
  });

  test('and nothing else is found, whatever the prototypes hold', () => {
    for (const name of ['valueOf', 'constructor', '__proto__', 'toString', 'Lambda', '']) {
      assert.equal(findLayerSpec(name), undefined);
      assert.equal(findLayerForward(name), undefined);
    }
  });

  for (const [className, sample] of Object.entries(layerSamples)) {
    test(`${className} gives the shape that its spec announces and leaks nothing`, () => {
      const tensors = tf.memory().numTensors;
      tf.tidy(() => {
        const { inputs, run, outputShape } = prepare(className, sample);
        assert.deepEqual(run(inputs, plain).shape, [2, ...outputShape]);
      });
      assert.equal(tf.memory().numTensors, tensors);
    });

    test(`${className} needs only kernels with a rule proven to second order`, () => {
      const kernels = kernelsOf(() => {
        const { inputs, weights, run } = prepare(className, sample);
        const floats = inputs.filter(({ dtype }) => dtype === 'float32');
        const loss = (...at: Tensor[]) => {
          const x = inputs.map((input) => at[floats.indexOf(input)] ?? input);
          return sumOfSquares(run(x, (_, index) => plainWeight(at[floats.length + index] as Tensor)));
        };
        return tf.grads(loss)([...floats, ...weights]);
      });
      assertProven(kernels, className);
    });

    test(`${className} has the derivative <theta, gradient> with respect to a scale of a parameter`, () => {
      tf.tidy(() => {
        const { inputs, weights, run } = prepare(className, sample);
        weights.forEach((theta, index) => {
          const give = (chosen: (weight: Tensor) => Weight) => (weight: Tensor, at: number) =>
            at === index ? chosen(weight) : plain(weight);
          const byScale = tf.grad((s) =>
            sumOfSquares(
              run(
                inputs,
                give((weight) => probedWeight(weight, s as Scalar)),
              ),
            ),
          );
          const byTheta = tf.grad((value) =>
            sumOfSquares(
              run(
                inputs,
                give(() => plainWeight(value)),
              ),
            ),
          );
          const wanted = tf.sum(tf.mul(theta, byTheta(theta)));
          // The sum may cancel, so the yardstick is the size of its terms.
          const size = tf.sum(tf.abs(tf.mul(theta, byTheta(theta)))).dataSync()[0] ?? 0;
          const difference = tf.abs(tf.sub(byScale(tf.scalar(1)), wanted)).dataSync()[0] ?? Number.NaN;
          assert.ok(difference <= 1e-4 * size + 1e-6, `parameter ${index}: off by ${difference}, terms of ${size}`);
        });
      });
    });

    test(`${className} has the derivatives of orders 1 and 2 that differences give`, () => {
      tf.tidy(() => {
        const { inputs, weights, run } = prepare(className, sample);
        const floats = inputs.filter(({ dtype }) => dtype === 'float32');
        // Every variable also enters beside the layer: a rule that drops a path of the second order cannot hide.
        const f = (at: readonly Tensor[]) => {
          const x = inputs.map((input) => at[floats.indexOf(input)] ?? input);
          const y = run(x, (_, index) => plainWeight(at[floats.length + index] as Tensor));
          return tf.mul(tf.addN(at.map((variable) => tf.mean(tf.square(variable)))), sumOfSquares(y)) as Scalar;
        };
        compareDerivatives(f, [...floats, ...weights], 1, 0.01).forEach(({ exact, differences }, order) => {
          const error = Math.abs(exact - differences) / Math.max(Math.abs(differences), 1e-3);
          assert.ok(error < 5e-3, `order ${order + 1}: ${exact}, by differences ${differences}`);
        });
      });
    });
  }
});
