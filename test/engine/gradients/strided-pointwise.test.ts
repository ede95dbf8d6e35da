/** The gradient of a filter of one element that moves by more than one position. oneDNN's own kernel for it wrote beyond its buffer and ended the process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { scoped, type Tensor4D, tf } from '../../../src/engine/tf.ts';

await tf.ready();
installGradients();

for (const [batch, extent, channels, units, stride] of [
  [1, 16, 8, 16, 2],
  [1, 16, 4, 8, 2],
  [1, 16, 12, 16, 2],
  [1, 16, 3, 16, 2],
  [4, 15, 8, 16, 3],
] as const)
  for (const pad of ['valid', 'same', 0] as const)
    test(`${channels} to ${units} channels, stride ${stride}, ${pad}: the same as a product of what is read`, () => {
      for (let run = 0; run < 20; run++)
        scoped(() => {
          const x = tf.randomNormal([batch, extent, extent, channels]) as Tensor4D;
          const filter = tf.randomNormal([1, 1, channels, units]) as Tensor4D;
          const weights = tf.randomNormal([batch, Math.ceil(extent / stride), Math.ceil(extent / stride), units]);
          const loss = (f: Tensor4D) => tf.sum(tf.mul(tf.conv2d(x, f, stride, pad), weights));
          const gradient = tf
            .grad(loss as never)(filter)
            .dataSync();
          const read = tf.stridedSlice(x, [0, 0, 0, 0], [...x.shape], [1, stride, stride, 1]);
          const expected = tf
            .matMul(tf.reshape(read, [-1, channels]), tf.reshape(weights, [-1, units]), true, false)
            .dataSync();
          const largest = Math.max(...expected.map(Math.abs));
          gradient.forEach((value, at) => {
            assert.ok(Math.abs(value - (expected[at] as number)) < 1e-5 * largest, `element ${at}`);
          });
        });
    });
