/** Matrix products with batch axes and broadcasting of leading axes. */
import { tf } from '../tf.ts';
import { rule } from './rule.ts';
import { sumToShape } from './sum-to-shape.ts';

interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
}

/** C = op(A) op(B): dop(A) = dC op(B)', dop(B) = op(A)' dC; a transposed operand gets the transposed product. */
export const batchMatMul = rule(
  'BatchMatMul',
  ['a', 'b'],
  (dy, { a, b }, { transposeA, transposeB }: MatMulAttributes) => ({
    a: () =>
      sumToShape(transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB), a.shape),
    b: () =>
      sumToShape(transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false), b.shape),
  }),
);
