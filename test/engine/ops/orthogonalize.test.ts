import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matrixShape, orthogonalize } from '../../../src/engine/ops/orthogonalize.ts';
import { scoped, tf } from '../../../src/engine/tf.ts';
import { createRandom } from '../../../src/random.ts';

for (const shape of [
  [5, 3],
  [3, 5],
  [4, 4],
  [3, 3, 2, 7],
]) {
  test(`a random [${shape}] gets singular values near one and keeps its directions`, () => {
    const random = createRandom(1, `orthogonalize ${shape}`);
    const size = shape.reduce((product, extent) => product * extent, 1);
    const data = Float32Array.from({ length: size }, () => 10 * random.normal());
    const [rows, columns] = matrixShape(shape) as [number, number];
    const result = scoped(() => {
      const g = tf.tensor(data, shape);
      const u = orthogonalize(g);
      assert.deepEqual(u.shape, shape);
      const matrix = u.reshape([rows, columns]);
      const tall = rows >= columns ? matrix : matrix.transpose();
      const gram = tf.matMul(tall, tall, true, false).arraySync() as number[][];
      return { gram, inner: tf.sum(tf.mul(g, u)).dataSync()[0] as number };
    });
    // Eigenvalues of the Gram matrix are the squared singular values: trace and Gershgorin bound them together.
    const trace = result.gram.reduce((sum, row, index) => sum + (row[index] as number), 0) / result.gram.length;
    assert.ok(trace > 0.4 && trace < 1.5, `mean squared singular value ${trace}`);
    assert.ok(result.inner > 0);
  });
}

test('vectors and scalars are no matrices', () => {
  assert.equal(matrixShape([7]), null);
  assert.equal(matrixShape([]), null);
  assert.deepEqual(matrixShape([3, 3, 4, 8]), [36, 8]);
});

test('a zero gradient stays zero', () => {
  const values = scoped(() => Array.from(orthogonalize(tf.zeros([2, 3])).dataSync()));
  assert.ok(values.every((value) => value === 0));
});
