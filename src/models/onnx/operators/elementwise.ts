/** Operations on elements. Divisions of whole numbers go towards zero; ONNX never widens types by itself. */
import type { Argument, Dtype } from '../../../topology/operation-graph/graph.ts';
import { type Call, dtypeOf, shapeOf, type Translate, type Translations } from '../call.ts';
import { argumentOf, castNumber, foldBinary, foldUnary, operandsOf } from '../folding.ts';
import { elementTypeOf, typeName } from '../tensors.ts';
import { broadcastExtents, known, type OnnxValue } from '../values.ts';

interface Binary {
  readonly op: string;
  readonly compute: (a: number, b: number) => number;
  /** The same on whole numbers of the graph. */
  readonly scalar?: string;
  readonly dtype?: Dtype;
  readonly args?: (dtype: Dtype) => Readonly<Record<string, Argument>>;
  readonly names?: readonly [string, string];
}

const close = (a: number, b: number) => Math.abs(a - b) < 1e-5;

/**
 * Stochastic depth and dropout of channels keep with probability p and divide by p: with nothing dropped, the quotient is 1. Every other use of a random choice
 * would change the network.
 */
function withoutChoice(call: Call, a: OnnxValue, b: OnnxValue, op: string): OnnxValue | undefined {
  const keepOf = (value: OnnxValue) => (value.kind === 'tensor' ? call.builder.choices.get(value.ref) : undefined);
  const [left, right] = [keepOf(a), keepOf(b)];
  const keep = left ?? right;
  if (keep === undefined) return undefined;
  const choice = left === undefined ? b : a;
  const other = left === undefined ? a : b;
  const [factor] = other.kind === 'known' && other.elements.length === 1 ? other.elements : [];
  const isScaled =
    typeof factor === 'number' &&
    ((op === 'div' && left !== undefined && close(factor, keep)) || (op === 'mul' && close(factor * keep, 1)));
  if (!isScaled)
    call.unsupported(
      'uses a random choice in another way than to keep an element and divide by the probability (AlphaDropout, for one); replace it in the model',
    );
  return call.emit('ones_like', { self: { ref: call.asTensor(choice).ref } }, { shape: shapeOf(choice) });
}

function combine(call: Call, a: OnnxValue, b: OnnxValue, binary: Binary): OnnxValue {
  const kept = withoutChoice(call, a, b, binary.op);
  if (kept) return kept;
  const { op, compute, scalar = null, args, names = ['self', 'other'] } = binary;
  const own = dtypeOf(a);
  const dtype = binary.dtype ?? own;
  const exact = own === 'int32' && op === 'div' ? (x: number, y: number) => Math.trunc(x / y) : compute;
  const folded = foldBinary(call, [a, b], dtype, exact, scalar);
  if (folded) return folded;
  const [left, right] = operandsOf(call, a, b);
  const shape = broadcastExtents(shapeOf(a), shapeOf(b));
  return call.emit(op, { [names[0]]: left, [names[1]]: right, ...args?.(own) }, { dtype, shape });
}

const binary =
  (rule: Binary): Translate =>
  (call) =>
    combine(call, call.value(0), call.value(1), rule);

/** Of any number of operands, from left to right. */
const nary =
  (rule: Binary): Translate =>
  (call) => {
    let value = call.value(0);
    for (let index = 1; index < call.inputCount; index++) value = combine(call, value, call.value(index), rule);
    return value;
  };

const add: Binary = { op: 'add', compute: (a, b) => a + b, scalar: 'add' };
const multiply: Binary = { op: 'mul', compute: (a, b) => a * b, scalar: 'mul' };
const divide: Binary = {
  op: 'div',
  compute: (a, b) => a / b,
  scalar: 'floordiv',
  args: (dtype): Record<string, Argument> => (dtype === 'float32' ? {} : { rounding_mode: 'trunc' }),
};

const compare = (op: string, compute: (a: number, b: number) => boolean): Translate =>
  binary({ op, compute: (a, b) => Number(compute(a, b)), dtype: 'bool' });

const unary =
  (op: string, compute: (x: number) => number, result?: Dtype): Translate =>
  (call) => {
    const value = call.value(0);
    const dtype = result ?? dtypeOf(value);
    const folded = foldUnary(value, dtype, compute);
    if (folded) return folded;
    return call.emit(op, { self: call.ref(0) }, { dtype, shape: shapeOf(value) });
  };

/** To the nearest whole number, halves to the even one. */
function roundEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function cast(call: Call, dtype: Dtype): OnnxValue {
  const value = call.value(0);
  if (value.kind === 'uniform' && value.keep !== null) {
    const { like, keep } = value;
    const args = { self: { ref: like.ref }, fill_value: keep, dtype: { dtype: 'float32' } } as const;
    const choice = call.emit('full_like', args, { shape: like.shape });
    call.builder.choices.set(choice.ref, keep);
    return choice;
  }
  if (value.kind === 'known') {
    // Whole numbers that follow from inputs stay such; as floats they are computed with.
    if (value.dtype === dtype || (dtype === 'int32' && value.dtype === 'int32')) return { ...value, dtype };
    const folded = foldUnary(value, dtype, (x) => castNumber(x, dtype));
    if (folded) return folded;
  }
  const tensor = call.tensor(0);
  if (tensor.dtype === dtype) return tensor;
  return call.emit('to', { self: { ref: tensor.ref }, dtype: { dtype } }, { dtype, shape: tensor.shape });
}

function castTo(call: Call): OnnxValue {
  const to = call.int('to', 0);
  call.ignore('saturate', 'round_mode');
  const type = elementTypeOf(to) ?? call.unsupported(`casts to ${typeName(to)}, which is not read`);
  return cast(call, type.dtype);
}

function clip(call: Call): OnnxValue {
  const x = call.value(0);
  const bound = (index: number): Argument => {
    if (!call.has(index)) return null;
    const value = call.value(index);
    if (value.kind !== 'known') return call.ref(index);
    return argumentOf(call.number(index, 'its bounds'));
  };
  const [min, max] = [bound(1), bound(2)];
  const isPlain = (limit: Argument): limit is number | null => limit === null || typeof limit === 'number';
  if (isPlain(min) && isPlain(max)) {
    const folded = foldUnary(x, dtypeOf(x), (value) => Math.min(Math.max(value, min ?? -Infinity), max ?? Infinity));
    if (folded) return folded;
  }
  return call.emit('clamp', { self: call.ref(0), min, max }, { dtype: dtypeOf(x), shape: shapeOf(x) });
}

function where(call: Call): OnnxValue {
  const [condition, yes, no] = [call.value(0), call.value(1), call.value(2)];
  if (condition.kind === 'known' && condition.elements.length === 1 && condition.shape.length === 0) {
    const [choice] = condition.elements;
    const [chosen, other] = choice === 0 ? [no, yes] : [yes, no];
    if (typeof choice === 'number' && `${shapeOf(chosen)}` === `${broadcastExtents(shapeOf(chosen), shapeOf(other))}`)
      return chosen;
  }
  if (condition.kind === 'known' && yes.kind === 'known' && no.kind === 'known') {
    const chosen = condition.elements.map((keep, index) => (keep === 0 ? no : yes).elements[index]);
    const isSame = `${condition.shape}` === `${yes.shape}` && `${yes.shape}` === `${no.shape}`;
    const isTold = condition.elements.every((keep) => typeof keep === 'number');
    if (isSame && isTold)
      return known(
        yes.dtype,
        yes.shape,
        chosen.map((element) => element ?? 0),
      );
  }
  const shape = broadcastExtents(broadcastExtents(shapeOf(condition), shapeOf(yes)), shapeOf(no));
  const [self, other] =
    yes.kind === 'known' && no.kind === 'known' ? [call.ref(1), call.ref(2)] : operandsOf(call, yes, no);
  return call.emit('where', { condition: call.ref(0), self, other }, { dtype: dtypeOf(yes), shape });
}

/** A choice of random numbers below p. */
function less(call: Call): OnnxValue {
  const value = call.value(0);
  if (value.kind === 'uniform') return { ...value, keep: call.number(1, 'the probability of a random choice') };
  return combine(call, value, call.value(1), { op: 'lt', compute: (a, b) => Number(a < b), dtype: 'bool' });
}

function modulo(call: Call): OnnxValue {
  if (call.int('fmod', 0) === 1)
    return combine(call, call.value(0), call.value(1), { op: 'fmod', compute: (a, b) => a % b });
  const compute = (a: number, b: number) => a - b * Math.floor(a / b);
  return combine(call, call.value(0), call.value(1), { op: 'remainder', compute, scalar: 'mod' });
}

export const elementwise: Translations = {
  Add: binary(add),
  Sub: binary({ op: 'sub', compute: (a, b) => a - b, scalar: 'sub' }),
  Mul: binary(multiply),
  Div: binary(divide),
  Mod: modulo,
  Pow: binary({ op: 'pow', compute: (a, b) => a ** b, names: ['self', 'exponent'] }),
  Sum: nary(add),
  Mean(call) {
    const sum = nary(add)(call) as OnnxValue;
    return combine(call, sum, known('float32', [], [call.inputCount]), divide);
  },
  Max: nary({ op: 'maximum', compute: Math.max, scalar: 'max' }),
  Min: nary({ op: 'minimum', compute: Math.min, scalar: 'min' }),
  Neg: unary('neg', (x) => -x),
  Abs: unary('abs', Math.abs),
  Sign: unary('sign', Math.sign),
  Sqrt: unary('sqrt', Math.sqrt),
  Reciprocal: unary('reciprocal', (x) => 1 / x),
  Exp: unary('exp', Math.exp),
  Log: unary('log', Math.log),
  Sin: unary('sin', Math.sin),
  Cos: unary('cos', Math.cos),
  Tan: unary('tan', Math.tan),
  Sinh: unary('sinh', Math.sinh),
  Cosh: unary('cosh', Math.cosh),
  Tanh: unary('tanh', Math.tanh),
  Asinh: unary('asinh', Math.asinh),
  Acosh: unary('acosh', Math.acosh),
  Atanh: unary('atanh', Math.atanh),
  Atan: unary('atan', Math.atan),
  Sigmoid: unary('sigmoid', (x) => 1 / (1 + Math.exp(-x))),
  Erf: (call) => call.emit('erf', { self: call.ref(0) }, { shape: shapeOf(call.value(0)) }),
  Floor: unary('floor', Math.floor),
  Ceil: unary('ceil', Math.ceil),
  Round: unary('round', roundEven),
  IsNaN: unary('isnan', (x) => Number(Number.isNaN(x)), 'bool'),
  IsInf(call) {
    if (call.int('detect_negative', 1) !== 1 || call.int('detect_positive', 1) !== 1)
      call.unsupported('looks for infinities of one sign; both are read');
    return unary('isinf', (x) => Number(Math.abs(x) === Infinity), 'bool')(call);
  },
  Equal: compare('eq', (a, b) => a === b),
  Less: less,
  LessOrEqual: compare('le', (a, b) => a <= b),
  Greater: compare('gt', (a, b) => a > b),
  GreaterOrEqual: compare('ge', (a, b) => a >= b),
  And: compare('logical_and', (a, b) => a !== 0 && b !== 0),
  Or: compare('logical_or', (a, b) => a !== 0 || b !== 0),
  Xor: compare('logical_xor', (a, b) => (a !== 0) !== (b !== 0)),
  Not: unary('logical_not', (x) => Number(x === 0), 'bool'),
  Where: where,
  Clip: clip,
  Cast: castTo,
  CastLike(call) {
    call.ignore('saturate', 'round_mode');
    return cast(call, dtypeOf(call.value(1)));
  },
};
