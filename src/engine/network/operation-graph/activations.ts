/**
 * Activations of PyTorch with their parameters, softmax and attention.
 *
 *   softplus      log(1 + exp(beta x)) / beta, and x where beta x > threshold
 *   elu           scale (x where x > 0, else alpha (exp(input_scale x) - 1));   celu: max(0, x) + min(0, alpha (exp(x / alpha) - 1))
 *   attention     softmax(q k^T scale + mask) v; scale defaults to 1 / sqrt(size of q); a boolean mask keeps what is true
 */
import { logSoftmax, softmax } from '../../ops/log-softmax.ts';
import { type Tensor, tf } from '../../tf.ts';
import { activate } from '../activations.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asFloat, axisOf } from './common.ts';
import { float } from './elementwise.ts';
import { product } from './linear-algebra.ts';
import { Value } from './value.ts';

const positive = (x: Tensor) => tf.relu(x);
const negative = (x: Tensor) => tf.neg(tf.relu(tf.neg(x)));
const expMinusOne = (x: Tensor) => tf.expm1(negative(x)); // 0 for x >= 0

/** One slope for all, or one for each channel. */
function prelu(args: Operands): Value {
  const [x, weight] = [args.value('self'), args.value('weight')];
  const slope = weight.rank > 1 ? tf.reshape(weight.tensor, [-1]) : weight.tensor;
  const run = (y: Tensor) => tf.add(positive(y), tf.mul(slope, negative(y)));
  if (slope.size === 1) return x.map(run);
  return x.rank > 2 ? Value.ofLast(run(x.last)) : Value.of(run(x.tensor));
}

/** Where the linear part of softplus begins to be the same number in float32. */
const unseen = 17;

/** Over any axis, which is brought to the end. */
function alongAxis(args: Operands, run: (x: Tensor) => Tensor): Value {
  const input = args.value('self');
  if (input.rank === 0) return Value.of(run(tf.reshape(asFloat(input.tensor), [1]))).view((x) => tf.reshape(x, []), []);
  const axis = axisOf(args.int('dim'), input.rank);
  const last = input.rank - 1;
  if (axis === last) return Value.of(run(asFloat(input.tensor)));
  if (axis === 1 && input.rank > 2) return Value.ofLast(run(asFloat(input.last)));
  const order = input.shape.map((_, at) => (at === axis ? last : at === last ? axis : at));
  return Value.of(tf.transpose(run(tf.transpose(asFloat(input.tensor), order)), order));
}

const softmaxOf: Operation = (args) => alongAxis(args, softmax);
const logSoftmaxOf: Operation = (args) => alongAxis(args, logSoftmax);

/** Keys and values of a group of queries, repeated for each of them. */
function repeatHeads(x: Tensor, heads: number): Tensor {
  const [own, length, size] = x.shape.slice(-3) as [number, number, number];
  if (own === heads) return x;
  const lead = x.shape.slice(0, -3);
  const wide = tf.broadcastTo(tf.expandDims(x, -3), [...lead, own, heads / own, length, size]);
  return tf.reshape(wide, [...lead, heads, length, size]);
}

const hidden = -1e30;

/** Rows and columns of a causal mask: 0 where a query sees a key, else a number that softmax turns to 0. */
function causalMask(rows: number, columns: number): Tensor {
  const data = Float32Array.from({ length: rows * columns }, (_, at) =>
    at % columns <= Math.floor(at / columns) ? 0 : hidden,
  );
  return tf.tensor(data, [rows, columns]);
}

function attention(args: Operands, maskName = 'attn_mask'): Value {
  const q = asFloat(args.tensor('query'));
  const grouped = args.flag('enable_gqa');
  const heads = q.shape.at(-3) ?? 1;
  const [k, v] = ['key', 'value'].map((name) => {
    const x = asFloat(args.tensor(name));
    return grouped ? repeatHeads(x, heads) : x;
  }) as [Tensor, Tensor];
  const scale = args.maybeNumber('scale') ?? 1 / Math.sqrt(q.shape.at(-1) as number);
  let scores = product(tf.mul(q, scale), k, true);
  if (args.flag('is_causal')) scores = tf.add(scores, causalMask(...(scores.shape.slice(-2) as [number, number])));
  const mask = args.maybe(maskName);
  if (mask?.dtype === 'bool') {
    const open = tf.broadcastTo(asFloat(mask.tensor), scores.shape);
    scores = tf.add(tf.mul(scores, open), tf.mul(tf.sub(1, open), hidden));
    // A row that sees nothing gives 0, as in PyTorch.
    const sees = tf.max(open, -1, true);
    return Value.of(product(tf.mul(softmax(scores), sees), v));
  }
  if (mask) scores = tf.add(scores, tf.maximum(asFloat(mask.tensor), hidden));
  return Value.of(product(softmax(scores), v));
}

export const activations: Operations = {
  relu: float((x) => tf.relu(x)),
  relu6: float((x) => tf.relu6(x)),
  leaky_relu: float((x, args) => tf.leakyRelu(x, args.number('negative_slope'))),
  prelu,
  _prelu_kernel: prelu,
  elu: float((x, args) => {
    const scale = args.number('scale');
    const below = tf.mul(expMinusOne(tf.mul(x, args.number('input_scale'))), args.number('alpha') * scale);
    return tf.add(scale === 1 ? positive(x) : tf.mul(positive(x), scale), below);
  }),
  celu: float((x, args) => {
    const alpha = args.number('alpha');
    return tf.add(positive(x), tf.mul(expMinusOne(tf.div(x, alpha)), alpha));
  }),
  selu: float((x) => tf.selu(x)),
  gelu: float((x, args) => activate(args.text('approximate') === 'tanh' ? 'gelu_new' : 'gelu', x)),
  silu: float((x) => activate('swish', x)),
  mish: float((x) => activate('mish', x)),
  hardtanh: float((x, args) => {
    const [low, high] = [args.number('min_val'), args.number('max_val')];
    return low === 0 && high === 6 ? tf.relu6(x) : tf.clipByValue(x, low, high);
  }),
  hardswish: float((x) => activate('hard_swish', x)),
  hardsigmoid: float((x) => activate('hard_sigmoid_keras3', x)),
  hardshrink: float((x, args) => tf.mul(x, tf.step(tf.sub(tf.abs(x), args.number('lambd'))))),
  softshrink: float((x, args) => {
    const bound = args.number('lambd');
    return tf.sub(positive(tf.sub(x, bound)), positive(tf.sub(tf.neg(x), bound)));
  }),
  softplus: float((x, args) => {
    const [beta, threshold] = [args.number('beta'), args.number('threshold')];
    const smooth = beta === 1 ? tf.softplus(x) : tf.div(tf.softplus(tf.mul(x, beta)), beta);
    if (threshold >= unseen) return smooth;
    return tf.where(tf.greater(x, threshold / beta), x, smooth);
  }),
  log_sigmoid: float((x) => activate('log_sigmoid', x)),
  log_sigmoid_forward: (args) => [args.value('self').map((x) => activate('log_sigmoid', x))],
  threshold: float((x, args) => {
    const above = asFloat(tf.greater(x, args.number('threshold')));
    const value = args.number('value');
    const kept = tf.mul(x, above);
    return value === 0 ? kept : tf.add(kept, tf.mul(tf.sub(1, above), value));
  }),
  glu(args) {
    const x = args.tensor('self');
    const [a, b] = tf.split(x, 2, axisOf(args.int('dim'), x.rank)) as [Tensor, Tensor];
    return Value.of(tf.mul(a, tf.sigmoid(b)));
  },
  softmax: softmaxOf,
  _softmax: softmaxOf,
  _safe_softmax: softmaxOf,
  log_softmax: logSoftmaxOf,
  _log_softmax: logSoftmaxOf,
  scaled_dot_product_attention: (args) => attention(args),
  _scaled_dot_product_flash_attention_for_cpu: (args) => [attention(args)],
  _scaled_dot_product_efficient_attention: (args) => [attention(args, 'attn_bias')],
  _scaled_dot_product_flash_attention: (args) => [attention(args, 'none')],
};
