/** Products. A parameter enters them as `Weight.applyLinear`, so that the derivative by its scale costs no second product. */
import { sizeOf } from '../../../ndarray.ts';
import { contract } from '../../ops/contract.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operations } from './arguments.ts';
import { asFloat, broadcast } from './common.ts';
import { Value } from './value.ts';

/** The leading axes of both, broadcast against each other. */
function leading(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    return x === 1 ? y : x;
  });
}

const stretched = (x: Tensor, lead: readonly number[]): Tensor => {
  const shape = [...lead, ...x.shape.slice(-2)];
  return `${shape}` === `${x.shape}` ? x : tf.broadcastTo(x, shape);
};

/** a [..., m, k] times b [..., k, n]. */
export function product(a: Tensor, b: Tensor, transposeB = false): Tensor {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(transposeB ? -2 : -1) as number;
  if (b.rank === 2) {
    const rows = tf.reshape(a, [-1, k]);
    return tf.reshape(tf.matMul(rows, b, false, transposeB), [...a.shape.slice(0, -1), n]);
  }
  const lead = leading(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [left, right] = [stretched(a, lead), stretched(b, lead)];
  const count = sizeOf(lead);
  const flat = tf.matMul(
    tf.reshape(left, [count, m, k]),
    tf.reshape(right, [count, ...right.shape.slice(-2)]),
    false,
    transposeB,
  );
  return tf.reshape(flat, [...lead, m, n]);
}

/** torch.matmul: vectors are rows on the left and columns on the right, and leave no axis behind. */
function matmul(a: Value, b: Value): Value {
  const left = a.rank === 1 ? a.view((x) => tf.reshape(x, [1, -1]), [1, a.shape[0] as number]) : a;
  const right = b.rank === 1 ? b.view((x) => tf.reshape(x, [-1, 1]), [b.shape[0] as number, 1]) : b;
  const run = () => {
    if (right.weight) {
      const x = asFloat(left.tensor);
      return right.applyLinear((theta) => product(x, theta));
    }
    if (left.weight) {
      const x = asFloat(right.tensor);
      return left.applyLinear((theta) => product(theta, x));
    }
    return product(asFloat(left.tensor), asFloat(right.tensor));
  };
  const y = run();
  const shape = [...y.shape];
  if (b.rank === 1) shape.splice(-1, 1);
  if (a.rank === 1) shape.splice(shape.length - (b.rank === 1 ? 1 : 2), 1);
  return Value.of(shape.length === y.rank ? y : tf.reshape(y, shape));
}

/** beta self + alpha y */
function combined(args: Operands, y: Value): Value {
  const [beta, alpha] = [args.number('beta'), args.number('alpha')];
  const scaled = alpha === 1 ? y : Value.of(tf.mul(y.tensor, alpha));
  if (beta === 0) return scaled;
  const self = args.value('self');
  const added = beta === 1 ? self : Value.of(tf.mul(self.tensor, beta));
  return broadcast([added, scaled], 'float32', (a, b) => tf.add(a, b));
}

function einsum(args: Operands): Value {
  const [inputs = '', written] = args.text('equation').replaceAll(/\s/g, '').split('->');
  const values = args.values('tensors');
  const terms = inputs.split(',');
  if (inputs.includes('.')) args.fail(`the equation ${inputs} has an ellipsis; write its axes out`);
  for (const term of terms)
    if (new Set(term).size < term.length) args.fail(`the equation ${inputs} takes a diagonal; use torch.diagonal`);
  const once = [...new Set(terms.join(''))].filter((letter) => terms.join('').split(letter).length === 2).sort();
  const output = written ?? once.join('');
  const rest = (from: number) => output + terms.slice(from).join('');
  const [first, ...others] = values.map((value) => asFloat(value.tensor));
  let y = first as Tensor;
  let letters = terms[0] as string;
  others.forEach((x, index) => {
    const weight = terms[index + 1] as string;
    const needed = rest(index + 2);
    const kept = [...new Set(letters + weight)].filter((letter) => needed.includes(letter)).join('');
    y = contract(y, x, { x: letters, weight, output: kept });
    letters = kept;
  });
  const lost = [...letters].flatMap((letter, axis) => (output.includes(letter) ? [] : [axis]));
  if (lost.length > 0) y = tf.sum(y, lost);
  const left = [...letters].filter((letter) => output.includes(letter)).join('');
  return Value.of(
    left === output
      ? y
      : tf.transpose(
          y,
          [...output].map((letter) => left.indexOf(letter)),
        ),
  );
}

const normAlong = (x: Tensor, axis: number, p: number, keep = false): Tensor => {
  if (p === 2) return tf.sqrt(tf.sum(tf.square(x), axis, keep));
  if (p === 1) return tf.sum(tf.abs(x), axis, keep);
  return tf.pow(tf.sum(tf.pow(tf.abs(x), p), axis, keep), 1 / p);
};

/** x1 . x2 / (max(|x1|, eps) max(|x2|, eps)) */
function cosineSimilarity(args: Operands): Value {
  const [a, b] = [args.tensor('x1'), args.tensor('x2')];
  const axis = args.int('dim');
  const bound = args.number('eps');
  const lengthOf = (x: Tensor) => tf.sqrt(tf.maximum(tf.sum(tf.square(x), axis), bound ** 2));
  return Value.of(tf.div(tf.sum(tf.mul(a, b), axis), tf.mul(lengthOf(a), lengthOf(b))));
}

/** |x1_i - x2_j|_p for all pairs of rows; 0 at equal rows, where its derivative is taken as 0. */
function distances(args: Operands): Value {
  const [a, b] = [args.tensor('x1'), args.tensor('x2')];
  const p = args.number('p');
  const difference = tf.sub(tf.expandDims(a, -2), tf.expandDims(b, -3));
  if (p !== 2) return Value.of(normAlong(difference, -1, p));
  const squares = tf.sum(tf.square(difference), -1);
  const isZero = tf.equal(squares, 0);
  const safe = tf.where(isZero, tf.onesLike(squares), squares);
  return Value.of(tf.where(isZero, tf.zerosLike(squares), tf.sqrt(safe)));
}

export const linearAlgebra: Operations = {
  linear(args) {
    const [input, weight, bias] = [args.value('input'), args.value('weight'), args.maybe('bias')];
    const x = asFloat(input.tensor);
    const row = weight.rank === 1;
    const matrix = row ? weight.view((w) => tf.reshape(w, [1, -1]), [1, weight.shape[0] as number]) : weight;
    const rows = x.rank === 1 ? tf.reshape(x, [1, -1]) : x;
    const y = matrix.applyLinear((theta) => product(rows, theta, true));
    const shape = [...x.shape.slice(0, -1), ...(row ? [] : [matrix.shape[0] as number])];
    const shaped = `${shape}` === `${y.shape}` ? y : tf.reshape(y, shape);
    return Value.of(bias ? tf.add(shaped, bias.tensor) : shaped);
  },
  bilinear(args) {
    const [a, b, weight] = [args.tensor('input1'), args.tensor('input2'), args.value('weight')];
    const letters = 'abcdefgh'.slice(0, a.rank - 1);
    const y = weight.applyLinear((theta) => {
      const left = contract(a, theta, { x: `${letters}i`, weight: 'oij', output: `${letters}oj` });
      return contract(left, b, { x: `${letters}oj`, weight: `${letters}j`, output: `${letters}o` });
    });
    const bias = args.maybe('bias');
    return Value.of(bias ? tf.add(y, bias.tensor) : y);
  },
  matmul: (args) => matmul(args.value('self'), args.value('other')),
  mm: (args) => matmul(args.value('self'), args.value('mat2')),
  bmm: (args) => matmul(args.value('self'), args.value('mat2')),
  mv: (args) => matmul(args.value('self'), args.value('vec')),
  dot: (args) => matmul(args.value('self'), args.value('tensor')),
  outer: (args) => Value.of(tf.mul(tf.expandDims(args.tensor('self'), 1), tf.expandDims(args.tensor('vec2'), 0))),
  addmm: (args) => combined(args, matmul(args.value('mat1'), args.value('mat2'))),
  addmv: (args) => combined(args, matmul(args.value('mat'), args.value('vec'))),
  baddbmm: (args) => combined(args, matmul(args.value('batch1'), args.value('batch2'))),
  addbmm: (args) => combined(args, Value.of(tf.sum(matmul(args.value('batch1'), args.value('batch2')).tensor, 0))),
  einsum,
  cosine_similarity: cosineSimilarity,
  pairwise_distance(args) {
    const difference = tf.add(tf.sub(args.tensor('x1'), args.tensor('x2')), args.number('eps'));
    return Value.of(normAlong(difference, -1, args.number('p'), args.flag('keepdim')));
  },
  cdist: distances,
  _cdist_forward: distances,
};
