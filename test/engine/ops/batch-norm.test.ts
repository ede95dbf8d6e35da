import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBatchTensors } from '../../../src/engine/feeding/batch-tensors.ts';
import { unpack } from '../../../src/engine/feeding/packed-result.ts';
import { batchInputs, scalesInput } from '../../../src/engine/feeding/step-inputs.ts';
import { partitionParams, weightInput } from '../../../src/engine/feeding/tuned-params.ts';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { compile } from '../../../src/engine/graph/compile.ts';
import { differentiate, lossOf } from '../../../src/engine/network/loss-gradient.ts';
import { createNetwork } from '../../../src/engine/network/network.ts';
import { plainWeight } from '../../../src/engine/network/weights.ts';
import { batchNormalization, decomposed } from '../../../src/engine/ops/batch-norm.ts';
import { constraintStep } from '../../../src/engine/search/gradinit/steps.ts';
import { type Scalar, scoped, type Tensor, tf } from '../../../src/engine/tf.ts';
import { compareDerivatives } from '../../support/directional.ts';
import { lossOfOne } from '../../support/loss-of-one.ts';
import { problemOf } from '../../support/problems.ts';

installGradients();

const draw = (shape: number[], seed: number, mean = 0) => tf.randomNormal(shape, mean, 1, 'float32', seed);
const epsilon = 1e-3;

/** f(x, gamma, beta) of a normalisation, with a second path to every argument and cotangents that depend on the output. */
const functionOf =
  (normalize: typeof decomposed) =>
  ([x, gamma, beta]: readonly Tensor[]): Scalar => {
    const y = normalize(x as Tensor, gamma, beta, epsilon);
    const weights = draw(y.shape, 41);
    const squares = tf.addN([x, gamma, beta].map((tensor) => tf.sum(tf.square(tensor as Tensor))));
    return tf.add(tf.sum(tf.mul(weights, tf.tanh(y))), tf.mul(tf.mean(tf.square(y)), squares)).asScalar();
  };

const shapes = [
  [6, 3],
  [4, 5, 3],
  [3, 4, 2, 5],
  [2, 1, 1, 4],
  [16, 1],
  [2, 3, 2, 2, 3],
];

for (const shape of shapes) {
  const channels = shape.at(-1) ?? 1;
  const at = () => [draw(shape, 1, 0.5), draw([channels], 2, 1), draw([channels], 3)];

  test(`batch normalisation of [${shape}] is normalised over all axes but the last`, () => {
    tf.tidy(() => {
      const [x, gamma, beta] = at() as [Tensor, Tensor, Tensor];
      const axes = shape.slice(0, -1).map((_, axis) => axis);
      const { mean, variance } = tf.moments(x, axes);
      const expected = x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
      const difference = tf
        .max(tf.abs(tf.sub(batchNormalization(x, gamma, beta, epsilon), expected)))
        .dataSync()[0] as number;
      assert.ok(difference < 1e-4, `${difference}`);
    });
  });

  test(`orders 1 and 2 of batch normalisation of [${shape}] agree with differences`, () => {
    tf.tidy(() => {
      for (const { exact, differences } of compareDerivatives(functionOf(batchNormalization), at(), 5, 0.01)) {
        assert.ok(
          Math.abs(exact - differences) <= 5e-3 * Math.abs(exact) + 1e-3,
          `${exact}, differences ${differences}`,
        );
      }
    });
  });

  test(`orders 1 and 2 of batch normalisation of [${shape}] are those of the formula`, () => {
    tf.tidy(() => {
      const second = (normalize: typeof decomposed) => {
        const f = functionOf(normalize);
        const norm = (...v: Tensor[]) =>
          tf.addN(
            tf
              .grads((...inner: Tensor[]) => f(inner))(v)
              .map((g) => tf.sum(tf.square(g))),
          );
        return [...tf.grads((...v: Tensor[]) => f(v))(at()), ...tf.grads(norm)(at())];
      };
      const [fused, plain] = [second(batchNormalization), second(decomposed)];
      fused.forEach((gradient, index) => {
        const other = plain[index] as Tensor;
        const difference = tf.max(tf.abs(tf.sub(gradient, other))).dataSync()[0] as number;
        const largest = tf.max(tf.abs(other)).dataSync()[0] as number;
        assert.ok(difference <= 1e-3 * largest + 1e-4, `gradient ${index}: ${difference} of ${largest}`);
      });
    });
  });
}

for (const [title, gamma, beta] of [
  ['neither', false, false],
  ['gamma alone', true, false],
  ['beta alone', false, true],
] as const) {
  test(`batch normalisation with ${title} is that of the formula`, () => {
    tf.tidy(() => {
      const x = draw([5, 4, 3], 7);
      const g = gamma ? draw([3], 8) : undefined;
      const b = beta ? draw([3], 9) : undefined;
      const difference = tf.sub(batchNormalization(x, g, b, epsilon), decomposed(x, g, b, epsilon));
      assert.ok((tf.max(tf.abs(difference)).dataSync()[0] as number) < 1e-5);
    });
  });
}

test('a constant channel is normalised to beta, with finite gradients', () => {
  tf.tidy(() => {
    const f = (x: Tensor) => tf.sum(tf.square(batchNormalization(x, undefined, undefined, epsilon))).asScalar();
    const norm = (x: Tensor) => tf.sum(tf.square(tf.grad(f)(x))).asScalar();
    for (const value of [
      f(tf.fill([4, 2, 2, 3], 2.5)),
      ...[tf.grad(norm)(tf.fill([4, 2, 2, 3], 2.5))].map((g) => tf.sum(g)),
    ]) {
      assert.ok(Math.abs(value.dataSync()[0] as number) < 1e-6);
    }
  });
});

test('the scale of a weight that batch normalisation follows has alpha dn/dalpha = -|g_l|^2 / n', () => {
  const layer = (class_name: string, config: object) => ({ class_name, config });
  const problem = problemOf(
    {
      class_name: 'Sequential',
      config: {
        name: 'normalised',
        layers: [
          layer('Conv2D', {
            name: 'c1',
            filters: 4,
            kernel_size: 3,
            use_bias: false,
            batch_input_shape: [null, 8, 8, 1],
          }),
          layer('BatchNormalization', { name: 'b1', epsilon: 1e-9 }),
          layer('Activation', { name: 'a1', activation: 'relu' }),
          layer('Conv2D', { name: 'c2', filters: 5, kernel_size: 3, use_bias: false }),
          layer('BatchNormalization', { name: 'b2', epsilon: 1e-9 }),
          layer('Activation', { name: 'a2', activation: 'tanh' }),
          layer('Flatten', { name: 'f' }),
          layer('Dense', { name: 'd', units: 10, activation: 'softmax' }),
        ],
      },
    },
    [8, 8, 1],
    10,
  );
  const network = createNetwork(problem.topology);
  const loss = lossOfOne('softmax-cross-entropy', {});
  const partition = partitionParams(problem.topology, problem.weights, () => ({ rate: 0, lower: 0, upper: Infinity }));
  scoped(() => {
    const batch = toBatchTensors(
      (problem.samples as NonNullable<typeof problem.samples>).gather(Array.from({ length: 32 }, (_, index) => index)),
    );
    const theta = partition.trainable.map(({ name, shape }) =>
      tf.tensor(problem.weights.get(name)?.data as Float32Array, [...shape]),
    );
    const named = new Map(partition.trainable.map(({ name }, index) => [name, plainWeight(theta[index] as Tensor)]));
    const first = differentiate(() => lossOf(network, named, batch, loss), theta);
    const squares = first.gradients.map((g) => tf.sum(tf.square(g as Tensor)).dataSync()[0] as number);
    const n = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    const step = { network, partition, loss, norm: 'l2' } as const;
    const inputs: Record<string, Tensor> = {
      [scalesInput]: tf.ones([partition.tuned.length]),
      ...batchInputs('s', batch),
    };
    theta.forEach((tensor, index) => {
      inputs[weightInput(index)] = tensor;
    });
    const compiled = compile('constraint', (given) => constraintStep(step, given));
    const { gradients } = unpack(compiled.run(inputs).result.dataSync(), partition.tuned.length);
    compiled.dispose();
    for (const name of ['c1/kernel', 'c2/kernel']) {
      const k = partition.tuned.findIndex((param) => param.name === name);
      const expected = -(squares[partition.tuned[k]?.index ?? -1] as number) / n;
      const found = gradients[k] as number;
      assert.ok(Math.abs(found - expected) <= 2e-4 * Math.abs(expected), `${name}: ${found}, expected ${expected}`);
    }
  });
});
