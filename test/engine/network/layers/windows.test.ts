/** Windows that reach far beyond their input: the same numbers as TensorFlow's own operations where those can compute them, and numbers where they cannot. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Tensor, type Tensor4D, tf } from '../../../../src/engine/tf.ts';
import { poolWithinReach, type Window, withinReach } from '../../../../src/topology/layers/window.ts';

const extents = [1, 2, 3, 5];
const rule = 'same';
const windowOf = (size: number, stride: number, rate: number): Window => ({
  size: [size, 1],
  strides: [stride, 1],
  dilation: [rate, 1],
  padding: 'same',
  dataFormat: 'channels_last',
});
const imageOf = (extent: number) =>
  tf.tensor4d(
    Array.from({ length: 2 * extent }, (_, at) => Math.sin(at + 1)),
    [2, extent, 1, 1],
  );
const assertSame = (actual: Tensor, expected: Tensor, message: string) => {
  assert.deepEqual(actual.shape, expected.shape, message);
  assert.deepEqual(actual.dataSync(), expected.dataSync(), message);
};
const pairOf = ([first = 1, second = 1]: readonly number[]): [number, number] => [first, second];

await tf.ready();

test('convolutions with padding: any stride, any dilation', () => {
  for (const extent of extents)
    for (const size of [1, 2, 3, 4])
      for (const [stride, rate] of [
        ...Array.from({ length: 12 }, (_, at) => [at + 1, 1] as const),
        ...Array.from({ length: 14 }, (_, at) => [1, at + 1] as const),
      ])
        tf.tidy(() => {
          const x: Tensor4D = imageOf(extent);
          const kernel = tf.tensor4d(
            Array.from({ length: size }, (_, at) => at + 1),
            [size, 1, 1, 1],
          );
          const window = withinReach(windowOf(size, stride, rate), [extent, 1]);
          assertSame(
            tf.conv2d(x, kernel, pairOf(window.strides), rule, 'NHWC', pairOf(window.dilation)),
            tf.conv2d(x, kernel, [stride, 1], rule, 'NHWC', [rate, 1]),
            JSON.stringify({ extent, size, stride, rate, window }),
          );
        });
});

test('pooling with padding: any size, any stride', () => {
  for (const pool of [tf.maxPool, tf.avgPool])
    for (const extent of extents)
      for (let size = 1; size <= 16; size += 1)
        for (let stride = 1; stride <= 12; stride += 1)
          tf.tidy(() => {
            const x = imageOf(extent);
            const window = poolWithinReach(windowOf(size, stride, 1), [extent, 1]);
            assertSame(
              pool(x, pairOf(window.size), pairOf(window.strides), rule),
              pool(x, [size, 1], [stride, 1], rule),
              JSON.stringify({ extent, size, stride, window }),
            );
          });
});
