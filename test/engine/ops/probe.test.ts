import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installGradients, provenOrderOf } from '../../../src/engine/gradients/index.ts';
import { compile } from '../../../src/engine/graph/compile.ts';
import { probe } from '../../../src/engine/ops/probe.ts';
import { type Scalar, type Tensor, tf } from '../../../src/engine/tf.ts';

installGradients();

const draw = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);
const numbersOf = (tensor: Tensor) => Array.from(tensor.dataSync());

/** A function of v and s whose every derivative mixes them; `scale` is how s multiplies. */
const functionWith =
  (scale: (v: Tensor, s: Scalar) => Tensor) =>
  (v: Tensor, s: Tensor): Scalar => {
    const y = scale(tf.tanh(v), s as Scalar);
    const z = scale(tf.matMul(y as never, y as never, false, true), s as Scalar);
    return tf.add(tf.sum(tf.tanh(z)), tf.mul(tf.sum(tf.square(y)), tf.sum(v))).asScalar();
  };

type F = (v: Tensor, s: Tensor) => Scalar;
/** <grad f, directions>, itself differentiable. */
const along =
  (f: F, dv: Tensor, ds: number): F =>
  (v, s) => {
    const [gv, gs] = tf.grads(f)([v, s]) as [Tensor, Tensor];
    return tf.add(tf.sum(tf.mul(gv, dv)), tf.mul(gs, ds)).asScalar();
  };

test('forward it is the identity and shares the data of its input', () => {
  tf.tidy(() => {
    const v = draw([2, 3], 1);
    const y = probe(v, tf.scalar(1));
    assert.deepEqual(numbersOf(y), numbersOf(v));
    assert.equal(y.dataId, v.dataId);
    v.dispose();
    assert.equal(numbersOf(y).length, 6, 'the data outlives the input');
  });
});

for (const order of [1, 2, 3]) {
  test(`derivatives of order ${order} at s = 1 are those of a multiplication`, () => {
    tf.tidy(() => {
      const v = draw([3, 4], 2);
      const s = tf.scalar(1);
      let probed: F = functionWith(probe);
      let multiplied: F = functionWith((tensor, scale) => tf.mul(tensor, scale));
      for (let step = 0; step < order; step++) {
        probed = along(probed, draw([3, 4], 10 + step), 0.5 + step);
        multiplied = along(multiplied, draw([3, 4], 10 + step), 0.5 + step);
      }
      const [found, expected] = [probed(v, s), multiplied(v, s)].map((value) => numbersOf(value)[0] as number) as [
        number,
        number,
      ];
      assert.ok(Math.abs(found - expected) <= 1e-4 * Math.abs(expected), `${found}, expected ${expected}`);
    });
  });
}

test('the rule is declared proven to third order', () => {
  assert.equal(provenOrderOf('ScalarProbe'), 3);
});

test('a step with probes can be recorded, and leaves no tensor', () => {
  const step = ({ v }: Readonly<Record<string, Tensor>>) => {
    const s = tf.scalar(1);
    const f = functionWith(probe);
    const norm = (scale: Tensor) => tf.sum(tf.square(tf.grad((x: Tensor) => f(x, scale))(v as Tensor)));
    return { derivative: tf.grad(norm)(s) };
  };
  const v = draw([3, 4], 4);
  const before = tf.memory().numTensors;
  const values = (['graph', 'eager'] as const).map((execution) => {
    const compiled = compile('probe', step, execution);
    const { derivative } = compiled.run({ v });
    const [value] = numbersOf(derivative);
    derivative.dispose();
    compiled.dispose();
    return value as number;
  }) as [number, number];
  assert.ok(Math.abs(values[0] - values[1]) <= 1e-5 * Math.abs(values[1]), `${values}`);
  assert.equal(tf.memory().numTensors, before);
  v.dispose();
});
