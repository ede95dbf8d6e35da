/**
 * A tensor times a weight, summed over the axes that both have and the result lacks (einsum of two operands):
 *
 *   y[b.. x.. w..] = sum_{c..} x[b.. x.. c..] theta[b.. w.. c..]
 *
 * computed as one batched matrix product, with transpositions before and after. b: axes of all three; c: of both operands only; x, w: of one operand
 * and the result.
 */
import { type Tensor, tf } from '../tf.ts';

/** One letter per axis; a letter occurs at most once in each operand and in the output. */
export interface Contraction {
  readonly x: string;
  readonly weight: string;
  readonly output: string;
}

const product = (extents: readonly number[]) => extents.reduce((size, extent) => size * extent, 1);

/** Permutes the axes of `from` to the order of `to`; both have the same letters. */
function reorder(tensor: Tensor, from: string, to: string): Tensor {
  return from === to
    ? tensor
    : tf.transpose(
        tensor,
        [...to].map((letter) => from.indexOf(letter)),
      );
}

/** Sums over the axes that neither of the others has. */
function sumOut(tensor: Tensor, letters: string, ...others: string[]): [Tensor, string] {
  const lost = [...letters].filter((letter) => others.every((other) => !other.includes(letter)));
  if (lost.length === 0) return [tensor, letters];
  const kept = [...letters].filter((letter) => !lost.includes(letter)).join('');
  return [
    tf.sum(
      tensor,
      lost.map((letter) => letters.indexOf(letter)),
    ),
    kept,
  ];
}

/** Linear and homogeneous in each of its tensors. */
export function contract(x: Tensor, weight: Tensor, { x: xAxes, weight: weightAxes, output }: Contraction): Tensor {
  const [left, leftAxes] = sumOut(x, xAxes, weightAxes, output);
  const [right, rightAxes] = sumOut(weight, weightAxes, xAxes, output);
  const pick = (test: (letter: string) => boolean) => [...leftAxes].filter(test).join('');
  const batch = pick((letter) => rightAxes.includes(letter) && output.includes(letter));
  const summed = pick((letter) => rightAxes.includes(letter) && !output.includes(letter));
  const ownLeft = pick((letter) => !rightAxes.includes(letter));
  const ownRight = [...rightAxes].filter((letter) => !leftAxes.includes(letter)).join('');
  const extents = new Map<string, number>([
    ...[...leftAxes].map((letter, axis): [string, number] => [letter, left.shape[axis] as number]),
    ...[...rightAxes].map((letter, axis): [string, number] => [letter, right.shape[axis] as number]),
  ]);
  const sizes = (letters: string) => [...letters].map((letter) => extents.get(letter) as number);
  const [b, m, k, n] = [batch, ownLeft, summed, ownRight].map((letters) => product(sizes(letters))) as [
    number,
    number,
    number,
    number,
  ];
  const lead = batch === '' ? [] : [b];
  const a = tf.reshape(reorder(left, leftAxes, batch + ownLeft + summed), [...lead, m, k]);
  const c = tf.reshape(reorder(right, rightAxes, batch + summed + ownRight), [...lead, k, n]);
  const made = batch + ownLeft + ownRight;
  return reorder(tf.reshape(tf.matMul(a, c), sizes(made)), made, output);
}
