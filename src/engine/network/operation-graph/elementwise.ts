/**
 * Operations on elements, with PyTorch's rules of types: a division is one of floats, a number does not widen a tensor of its kind.
 *
 *   pow(x, n)     whole exponents up to 8 as products, halves as roots, so that negative bases and zeros have their derivatives
 *   atan2(a, b)   2 atan(a / (sqrt(a^2 + b^2) + b))
 *   asinh         sign(x) log(|x| + sqrt(x^2 + 1))
 */
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asFloat, asInt, broadcast, castValue, commonDtype } from './common.ts';
import { Value } from './value.ts';

/** A function of one tensor of floats. */
export const float =
  (run: (x: Tensor, args: Operands) => Tensor): Operation =>
  (args) =>
    args.value('self').map((x) => run(asFloat(x), args));

/** Keeps whole numbers whole. */
const same =
  (run: (x: Tensor) => Tensor): Operation =>
  (args) =>
    args.value('self').map((x) => run(x.dtype === 'bool' ? asInt(x) : x));

const identityForInts =
  (run: (x: Tensor) => Tensor): Operation =>
  (args) => {
    const x = args.value('self');
    return x.dtype === 'float32' ? x.map(run) : x;
  };

type Pair = readonly [Value | number, Value | number];
export type Binary = (a: Tensor, b: Tensor) => Tensor;

/** The operands of a number and a tensor; two numbers do not occur. */
export const pairOf = (args: Operands): Pair => [args.operand('self'), args.operand('other')];

/** Two operands in the type that they have together; truth values count as numbers. */
const arithmetic = (run: Binary) => (operands: Pair) => {
  const dtype = commonDtype(operands);
  return broadcast(operands, dtype === 'bool' ? 'int32' : dtype, run);
};

export const binary = (run: Binary) => {
  const compute = arithmetic(run);
  return (args: Operands): Value => compute(pairOf(args));
};

/** other times alpha, a number */
function scaled(operand: Value | number, alpha: number): Value | number {
  if (alpha === 1) return operand;
  if (typeof operand === 'number') return operand * alpha;
  return broadcast([operand, alpha], commonDtype([operand, alpha]), (a, b) => tf.mul(a, b));
}

const plus = arithmetic((a, b) => tf.add(a, b));
const minus = arithmetic((a, b) => tf.sub(a, b));
const larger = binary((a, b) => tf.maximum(a, b));
const smaller = binary((a, b) => tf.minimum(a, b));

const floatPair = (run: Binary) => (args: Operands) => broadcast(pairOf(args), 'float32', run);

const trunc = (x: Tensor) => tf.mul(tf.sign(x), tf.floor(tf.abs(x)));
const quotient = floatPair((a, b) => tf.div(a, b));

function floorDivide(args: Operands): Value {
  const dtype = commonDtype(pairOf(args));
  const y = floatPair((a, b) => tf.floor(tf.div(a, b)))(args);
  return dtype === 'float32' ? y : castValue(y, 'int32');
}

function divide(args: Operands): Value {
  const mode = args.maybeText('rounding_mode');
  if (mode === 'floor') return floorDivide(args);
  if (mode !== 'trunc') return quotient(args);
  const y = quotient(args).map(trunc);
  return commonDtype(pairOf(args)) === 'float32' ? y : castValue(y, 'int32');
}

/** a - b floor(a / b), or with the quotient cut towards zero; the derivative by b is that of the formula. */
const remainder = (round: (x: Tensor) => Tensor) => (args: Operands) => {
  const dtype = commonDtype(pairOf(args));
  const y = floatPair((a, b) => tf.sub(a, tf.mul(b, round(tf.div(a, b)))))(args);
  return dtype === 'float32' ? y : castValue(y, 'int32');
};

const largestProduct = 8;

function power(x: Tensor, exponent: number): Tensor {
  if (exponent === 0) return tf.onesLike(x);
  if (exponent === 0.5) return tf.sqrt(x);
  if (exponent === -0.5) return tf.rsqrt(x);
  if (exponent < 0) return tf.reciprocal(power(x, -exponent));
  if (!Number.isInteger(exponent) || exponent > largestProduct) {
    return tf.pow(x, tf.scalar(exponent));
  }
  if (exponent === 1) return x;
  const half = power(x, Math.floor(exponent / 2));
  const square = tf.square(half);
  return exponent % 2 === 0 ? square : tf.mul(square, x);
}

function pow(args: Operands): Value {
  const [base, exponent] = [args.operand('self'), args.operand('exponent')];
  if (typeof exponent === 'number' && base instanceof Value) {
    const isWhole = base.dtype !== 'float32' && Number.isInteger(exponent) && exponent >= 0;
    const y = base.map((x) => power(asFloat(x), exponent));
    return isWhole ? castValue(y, 'int32') : y;
  }
  // b^y = exp(y log b)
  if (typeof base === 'number') {
    const logarithm = Math.log(base);
    const isWhole = exponent instanceof Value && exponent.dtype !== 'float32' && Number.isInteger(base);
    const y = (exponent as Value).map((x) => tf.exp(tf.mul(asFloat(x), logarithm)));
    return isWhole ? castValue(y.map(tf.round), 'int32') : y;
  }
  return broadcast([base, exponent], 'float32', (a, b) => tf.pow(a, b));
}

function clamp(args: Operands): Value {
  let x: Value = args.value('self');
  const low = args.has('min') ? args.operand('min') : undefined;
  const high = args.has('max') ? args.operand('max') : undefined;
  // A whole number does not widen, a fraction does.
  const bound = (operand: Value | number, run: Binary) => broadcast([x, operand], commonDtype([x, operand]), run);
  if (typeof low === 'number' && typeof high === 'number' && x.dtype === 'float32')
    return x.map((tensor) => tf.clipByValue(tensor, low, high));
  if (low !== undefined) x = bound(low, (a, b) => tf.maximum(a, b));
  if (high !== undefined) x = bound(high, (a, b) => tf.minimum(a, b));
  return x;
}

/** b (k + alpha / n sum of squares of n neighbouring channels)^-beta */
function localResponseNorm(args: Operands): Value {
  const x = args.value('self');
  const size = args.int('size');
  const last = x.last;
  const channels = last.shape.at(-1) as number;
  const band = Float32Array.from({ length: channels * channels }, (_, at) => {
    const offset = (at % channels) - Math.floor(at / channels);
    return offset >= -Math.floor((size - 1) / 2) && offset <= Math.floor(size / 2) ? 1 / size : 0;
  });
  const flat = tf.reshape(tf.square(last), [-1, channels]);
  const sums = tf.reshape(tf.matMul(flat, tf.tensor2d(band, [channels, channels])), last.shape);
  const base = tf.add(tf.mul(sums, args.number('alpha')), args.number('k'));
  return Value.ofLast(tf.mul(last, tf.pow(base, tf.scalar(-args.number('beta')))));
}

const asinh = (x: Tensor) => tf.mul(tf.sign(x), tf.log(tf.add(tf.abs(x), tf.sqrt(tf.add(tf.square(x), 1)))));

/** 2 atan(x / (1 + sqrt(1 - x^2))) */
const arcsine = (x: Tensor) => tf.mul(tf.atan(tf.div(x, tf.add(tf.sqrt(tf.mul(tf.sub(1, x), tf.add(1, x))), 1))), 2);

/** A function of three operands and of the arguments that are numbers. */
const ternary =
  (
    [first, second, third]: readonly [string, string, string],
    run: (a: Tensor, b: Tensor, c: Tensor, args: Operands) => Tensor,
  ): Operation =>
  (args) =>
    broadcast([args.operand(first), args.operand(second), args.operand(third)], 'float32', (a, b, c) =>
      run(a, b, c, args),
    );

export const elementwise: Operations = {
  add: (args) => plus([args.operand('self'), scaled(args.operand('other'), args.number('alpha'))]),
  sub: (args) => minus([args.operand('self'), scaled(args.operand('other'), args.number('alpha'))]),
  rsub: (args) => minus([args.operand('other'), scaled(args.operand('self'), args.number('alpha'))]),
  mul: binary((a, b) => tf.mul(a, b)),
  div: divide,
  true_divide: quotient,
  floor_divide: floorDivide,
  remainder: remainder(tf.floor),
  fmod: remainder(trunc),
  pow,
  addcmul: ternary(['self', 'tensor1', 'tensor2'], (x, a, b, args) =>
    tf.add(x, tf.mul(tf.mul(a, b), args.number('value'))),
  ),
  addcdiv: ternary(['self', 'tensor1', 'tensor2'], (x, a, b, args) =>
    tf.add(x, tf.mul(tf.div(a, b), args.number('value'))),
  ),
  lerp: ternary(['self', 'end', 'weight'], (a, b, w) => tf.add(a, tf.mul(w, tf.sub(b, a)))),
  maximum: larger,
  minimum: smaller,
  'max.other': larger,
  'min.other': smaller,
  clamp,
  clamp_min: clamp,
  clamp_max: clamp,
  neg: same((x) => tf.neg(x)),
  abs: same((x) => tf.abs(x)),
  sign: same((x) => tf.sign(x)),
  sgn: same((x) => tf.sign(x)),
  square: same((x) => tf.square(x)),
  sqrt: float((x) => tf.sqrt(x)),
  rsqrt: float((x) => tf.rsqrt(x)),
  reciprocal: float((x) => tf.reciprocal(x)),
  exp: float((x) => tf.exp(x)),
  exp2: float((x) => tf.exp(tf.mul(x, Math.LN2))),
  expm1: float((x) => tf.expm1(x)),
  log: float((x) => tf.log(x)),
  log2: float((x) => tf.mul(tf.log(x), Math.LOG2E)),
  log10: float((x) => tf.mul(tf.log(x), Math.LOG10E)),
  log1p: float((x) => tf.log1p(x)),
  sin: float((x) => tf.sin(x)),
  cos: float((x) => tf.cos(x)),
  tan: float((x) => tf.div(tf.sin(x), tf.cos(x))),
  sinh: float((x) => tf.mul(tf.sub(tf.exp(x), tf.exp(tf.neg(x))), 0.5)),
  cosh: float((x) => tf.mul(tf.add(tf.exp(x), tf.exp(tf.neg(x))), 0.5)),
  tanh: float((x) => tf.tanh(x)),
  asinh: float(asinh),
  acosh: float((x) => tf.log(tf.add(x, tf.sqrt(tf.sub(tf.square(x), 1))))),
  atanh: float((x) => tf.mul(tf.sub(tf.log1p(x), tf.log1p(tf.neg(x))), 0.5)),
  atan: float((x) => tf.atan(x)),
  atan2: floatPair((a, b) => tf.mul(tf.atan(tf.div(a, tf.add(tf.sqrt(tf.add(tf.square(a), tf.square(b))), b))), 2)),
  erf: float((x) => tf.erf(x)),
  erfc: float((x) => tf.sub(1, tf.erf(x))),
  sigmoid: float((x) => tf.sigmoid(x)),
  logit: float((x) => tf.sub(tf.log(x), tf.log1p(tf.neg(x)))),
  hypot: floatPair((a, b) => tf.sqrt(tf.add(tf.square(a), tf.square(b)))),
  logaddexp: floatPair((a, b) => tf.add(tf.maximum(a, b), tf.softplus(tf.neg(tf.abs(tf.sub(a, b)))))),
  floor: identityForInts(tf.floor),
  ceil: identityForInts(tf.ceil),
  round: identityForInts(tf.round),
  trunc: identityForInts(trunc),
  frac: identityForInts((x) => tf.sub(x, trunc(x))),
  asin: float(arcsine),
  acos: float((x) => tf.sub(Math.PI / 2, arcsine(x))),
  sinc: float((x) => {
    const isZero = tf.equal(x, 0);
    const angle = tf.mul(tf.where(isZero, tf.onesLike(x), x), Math.PI);
    return tf.where(isZero, tf.onesLike(x), tf.div(tf.sin(angle), angle));
  }),
  logaddexp2: floatPair((a, b) => {
    const gap = tf.mul(tf.neg(tf.abs(tf.sub(a, b))), Math.LN2);
    return tf.add(tf.maximum(a, b), tf.mul(tf.softplus(gap), Math.LOG2E));
  }),
  xlogy: floatPair((a, b) => {
    const isZero = tf.logicalAnd(tf.equal(a, 0), tf.logicalNot(tf.isNaN(b)));
    const [shaped, other] = [tf.add(a, tf.zerosLike(b)), tf.add(b, tf.zerosLike(a))];
    const test = tf.logicalAnd(tf.equal(shaped, 0), tf.equal(other, 0));
    return tf.where(isZero, tf.mul(shaped, 0), tf.mul(shaped, tf.log(tf.where(test, tf.onesLike(other), other))));
  }),
  copysign: floatPair((a, b) => tf.mul(tf.abs(a), tf.sub(tf.mul(asFloat(tf.greaterEqual(b, 0)), 2), 1))),
  heaviside(args) {
    const [x, values] = [args.value('self'), args.value('values')];
    return broadcast([x, values], 'float32', (a, b) =>
      tf.add(asFloat(tf.greater(a, 0)), tf.mul(asFloat(tf.equal(a, 0)), b)),
    );
  },
  fmax: larger,
  fmin: smaller,
  float_power: pow,
  deg2rad: float((x) => tf.mul(x, Math.PI / 180)),
  rad2deg: float((x) => tf.mul(x, 180 / Math.PI)),
  nan_to_num(args) {
    const x = args.value('self');
    const [replaced, limit] = [args.maybeNumber('nan') ?? 0, 3.4028234663852886e38];
    const [high, low] = [args.maybeNumber('posinf') ?? limit, args.maybeNumber('neginf') ?? -limit];
    return x.map((tensor) => {
      const known = tf.where(tf.isNaN(tensor), tf.fill(tensor.shape, replaced), tensor);
      return tf.clipByValue(known, low, high);
    });
  },
  local_response_norm: localResponseNorm,
};
