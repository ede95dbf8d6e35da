import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installGradients, provenOrderOf } from '../../../src/engine/gradients/index.ts';
import { compile } from '../../../src/engine/graph/compile.ts';
import { decomposed } from '../../../src/engine/ops/batch-norm.ts';
import { fusedBatchNorm } from '../../../src/engine/ops/fused-batch-norm.ts';
import { type Scalar, type Tensor, tf } from '../../../src/engine/tf.ts';

installGradients();

const draw = (shape: number[], seed: number, mean = 0) => tf.randomNormal(shape, mean, 1, 'float32', seed);
const largest = (tensor: Tensor) => tf.max(tf.abs(tensor)).dataSync()[0] as number;
type Normalize = (x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number) => Tensor;
type F = (...v: Tensor[]) => Scalar;

/** Cotangents of all three kinds reach the second order: of dx, dgamma and dbeta. */
const scalarOf =
  (normalize: Normalize): F =>
  (x, gamma, beta) =>
    tf.sum(tf.tanh(normalize(x as Tensor, gamma as Tensor, beta as Tensor, 1e-3))).asScalar();
const normOf =
  (f: F): F =>
  (...v) => {
    const gradients = tf.grads(f)(v);
    return tf.addN(gradients.map((g, index) => tf.mul(tf.sum(tf.square(g)), index + 1))).asScalar();
  };

for (const epsilon of [1e-5, 1e-3, 0.5]) {
  for (const shape of [
    [4, 3, 5, 2],
    [8, 1, 1, 3],
    [1, 2, 2, 1],
  ]) {
    test(`[${shape}] with epsilon ${epsilon} gives the values of the formula`, () => {
      tf.tidy(() => {
        const c = shape.at(-1) as number;
        const inputs = [draw(shape, 1, 3), draw([c], 2), draw([c], 3)] as [Tensor, Tensor, Tensor];
        assert.ok(largest(tf.sub(fusedBatchNorm(...inputs, epsilon), decomposed(...inputs, epsilon))) < 2e-4);
      });
    });
  }
}

test('the second order agrees with the formula for every cotangent', () => {
  tf.tidy(() => {
    const at = [draw([4, 3, 5, 2], 1, 3), draw([2], 2, 1), draw([2], 3)];
    const fused = tf.grads(normOf(scalarOf(fusedBatchNorm)))(at);
    const plain = tf.grads(normOf(scalarOf(decomposed)))(at);
    fused.forEach((gradient, index) => {
      const other = plain[index] as Tensor;
      assert.ok(largest(tf.sub(gradient, other)) <= 1e-3 * largest(other), `argument ${index}`);
    });
  });
});

test('a gamma of zero has a finite second order', () => {
  tf.tidy(() => {
    const at = [draw([4, 3, 5, 2], 1), tf.zeros([2]), draw([2], 3)];
    const fused = tf.grads(normOf(scalarOf(fusedBatchNorm)))(at);
    const plain = tf.grads(normOf(scalarOf(decomposed)))(at);
    fused.forEach((gradient, index) => {
      const other = plain[index] as Tensor;
      assert.ok(largest(tf.sub(gradient, other)) <= 1e-3 * Math.max(largest(other), 1e-2), `argument ${index}`);
    });
  });
});

test('a third derivative is refused instead of being wrong', () => {
  const third = normOf(normOf(scalarOf(fusedBatchNorm)));
  assert.throws(() => tf.tidy(() => tf.grads(third)([draw([4, 3, 5, 2], 1), draw([2], 2), draw([2], 3)])));
  assert.equal(provenOrderOf('BatchNormTraining'), 2);
  assert.equal(provenOrderOf('BatchNormTrainingGrad'), 2);
});

test('recorded it gives the numbers of eager execution and leaves no tensor', () => {
  const at = { x: draw([4, 3, 5, 2], 1) as Tensor, gamma: draw([2], 2) as Tensor, beta: draw([2], 3) as Tensor };
  const step = ({ x, gamma, beta }: Readonly<Record<string, Tensor>>) => {
    const gradients = tf.grads(normOf(scalarOf(fusedBatchNorm)))([x, gamma, beta] as Tensor[]);
    return { x: gradients[0] as Tensor, gamma: gradients[1] as Tensor, beta: gradients[2] as Tensor };
  };
  const before = tf.memory().numTensors;
  const [graph, eager] = (['graph', 'eager'] as const).map((execution) => compile('fused', step, execution));
  const [recorded, direct] = [graph?.run(at), eager?.run(at)];
  assert.ok(recorded && direct);
  for (const name of ['x', 'gamma', 'beta'] as const) {
    assert.ok(
      tf.tidy(() => largest(tf.sub(recorded[name], direct[name]))) <=
        1e-4 * tf.tidy(() => largest(direct[name])) + 1e-5,
      name,
    );
  }
  tf.dispose([recorded, direct]);
  graph?.dispose();
  assert.equal(tf.memory().numTensors, before);
  tf.dispose(at);
});
