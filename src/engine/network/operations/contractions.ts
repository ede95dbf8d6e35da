/**
 * matmul, dot, einsum and dot-product attention.
 *
 * einsum of two operands: letters of both operands and of the output are batch axes, letters of both operands only are summed. Each operand is
 * brought to [batch, rows, sum], one matrix product follows, and its axes are permuted to the order of the output.
 *
 * Attention: softmax(scale q k^T + bias) v over heads, scale 1 / sqrt(d) unless given; scores may be capped by c tanh(s / c). Vaswani et al., arXiv 1706.03762.
 */
import type { DotProductAttentionAttributes, EinsumAttributes } from '../../../topology/operations/contractions.ts';
import type { Operands } from '../../../topology/operations/operands.ts';
import { softmax } from '../../ops/log-softmax.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { OperationForward } from './operation-forward.ts';

const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** A matrix product with leading axes broadcast against each other. */
function multiply(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 2 && b.rank === 2) return tf.matMul(a, b);
  if (b.rank === 2) {
    const flat = tf.matMul(tf.reshape(a, [-1, a.shape.at(-1) as number]), b);
    return tf.reshape(flat, [...a.shape.slice(0, -1), b.shape[1] as number]);
  }
  const lead = tf.add(tf.fill(a.shape.slice(0, -2), 0), tf.fill(b.shape.slice(0, -2), 0)).shape;
  const whole = (x: Tensor) => {
    const shape = [...lead, ...x.shape.slice(-2)];
    return `${x.shape}` === `${shape}` ? x : tf.add(x, tf.fill(shape, 0));
  };
  return tf.matMul(whole(a), whole(b));
}

const matmul: OperationForward<null> = (_, operands) => multiply(operands.one('x1'), operands.one('x2'));

const dot: OperationForward<null> = (_, operands) => {
  const [a, b] = [operands.one('x1'), operands.one('x2')];
  if (a.rank === 0 || b.rank === 0) return tf.mul(a, b);
  const position = Math.max(0, b.rank - 2);
  const order = [position, ...[...b.shape.keys()].filter((axis) => axis !== position)];
  const columns = tf.reshape(tf.transpose(b, order), [b.shape[position] as number, -1]);
  const rows = tf.reshape(a, [-1, a.shape.at(-1) as number]);
  const rest = order.slice(1).map((axis) => b.shape[axis] as number);
  return tf.reshape(tf.matMul(rows, columns), [...a.shape.slice(0, -1), ...rest]);
};

/** Sums over the letters that occur only in this operand. */
function sumUnshared(x: Tensor, letters: string, kept: string): [Tensor, string] {
  const unshared = [...letters].flatMap((letter, axis) => (kept.includes(letter) ? [] : [axis]));
  const rest = [...letters].filter((letter) => kept.includes(letter)).join('');
  return unshared.length === 0 ? [x, letters] : [tf.sum(x, unshared), rest];
}

const inOrder = (x: Tensor, letters: string, wanted: string): Tensor =>
  letters === wanted
    ? x
    : tf.transpose(
        x,
        [...wanted].map((letter) => letters.indexOf(letter)),
      );

function contractPair([a, first]: [Tensor, string], [b, second]: [Tensor, string], output: string): Tensor {
  const extents = new Map<string, number>();
  for (const [axis, letter] of [...first].entries()) extents.set(letter, a.shape[axis] as number);
  for (const [axis, letter] of [...second].entries()) extents.set(letter, b.shape[axis] as number);
  const shapeOf = (letters: readonly string[]) => letters.map((letter) => extents.get(letter) as number);
  const batch = [...first].filter((letter) => second.includes(letter) && output.includes(letter));
  const summed = [...first].filter((letter) => second.includes(letter) && !output.includes(letter));
  const rows = [...first].filter((letter) => !second.includes(letter));
  const columns = [...second].filter((letter) => !first.includes(letter));
  const lead = size(shapeOf(batch));
  const left = tf.reshape(inOrder(a, first, [...batch, ...rows, ...summed].join('')), [
    lead,
    size(shapeOf(rows)),
    size(shapeOf(summed)),
  ]);
  const right = tf.reshape(inOrder(b, second, [...batch, ...summed, ...columns].join('')), [
    lead,
    size(shapeOf(summed)),
    size(shapeOf(columns)),
  ]);
  const letters = [...batch, ...rows, ...columns];
  return inOrder(tf.reshape(tf.matMul(left, right), shapeOf(letters)), letters.join(''), output);
}

const einsum: OperationForward<EinsumAttributes> = ({ inputs, output }, operands) => {
  const tensors = operands.all('operands');
  const parts = tensors.map((x, index) => {
    const others = inputs.filter((_, other) => other !== index).join('');
    return sumUnshared(x, inputs[index] ?? '', output + others);
  });
  const [first, second] = parts as [[Tensor, string], [Tensor, string] | undefined];
  return second === undefined ? inOrder(first[0], first[1], output) : contractPair(first, second, output);
};

/** [n, t, h, d] -> [n, h, t, d]; key and value heads are repeated where queries have more. */
function headsFirst(x: Tensor, heads: number): Tensor {
  const y = tf.transpose(x, [0, 2, 1, 3]);
  const groups = heads / (y.shape[1] as number);
  if (groups === 1) return y;
  const [n, h, t, d] = y.shape as [number, number, number, number];
  return tf.reshape(tf.tile(tf.expandDims(y, 2), [1, 1, groups, 1, 1]), [n, h * groups, t, d]);
}

/** Finite, but so far below every score that its exp is exactly 0. */
const hidden = -1e9;

const hide = (scores: Tensor, visible: Tensor): Tensor => tf.add(scores, tf.mul(tf.sub(1, visible), hidden));

/** [rows, columns]: 1 where a step attends to itself or an earlier one. */
function pastOnly(rows: number, columns: number): Tensor {
  const seen = Float32Array.from({ length: rows * columns }, (_, at) =>
    Number(at % columns <= Math.floor(at / columns)),
  );
  return tf.tensor2d(seen, [rows, columns]);
}

function scoresOf(q: Tensor, k: Tensor, attributes: DotProductAttentionAttributes, operands: Operands<Tensor>): Tensor {
  const { scale, softCap, causal } = attributes;
  const factor = scale ?? 1 / Math.sqrt(q.shape.at(-1) as number);
  const scaled = tf.mul(tf.matMul(q, k, false, true), factor); // [n, h, T, S]
  const bias = operands.maybe('bias');
  const biased = bias === undefined ? scaled : tf.add(scaled, bias);
  const capped = softCap === null ? biased : tf.mul(tf.tanh(tf.div(biased, softCap)), softCap);
  const mask = operands.maybe('mask');
  const masked = mask === undefined ? capped : hide(capped, mask);
  return causal ? hide(masked, pastOnly(q.shape[2] as number, k.shape[2] as number)) : masked;
}

const dotProductAttention: OperationForward<DotProductAttentionAttributes> = (attributes, operands) => {
  const query = operands.one('query');
  const heads = query.shape[2] as number;
  const q = headsFirst(query, heads);
  const k = headsFirst(operands.one('key'), heads);
  const v = headsFirst(operands.one('value'), heads);
  return tf.transpose(tf.matMul(softmax(scoresOf(q, k, attributes, operands)), v), [0, 2, 1, 3]);
};

export const contractions = { matmul, dot, einsum, dot_product_attention: dotProductAttention };
