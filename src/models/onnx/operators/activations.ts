/** Activations, with ONNX's defaults; softmax is along one axis from opset 13 on. */
import type { Argument } from '../../../topology/operation-graph/graph.ts';
import { type Call, shapeOf, type Translate, type Translations } from '../call.ts';
import type { OnnxValue, TensorValue } from '../values.ts';

type Args = Readonly<Record<string, Argument>>;

const activation =
  (op: string, argsOf: (call: Call) => Args = () => ({})): Translate =>
  (call) =>
    call.emit(op, { self: call.ref(0), ...argsOf(call) }, { shape: shapeOf(call.value(0)) });

const close = (a: number, b: number) => Math.abs(a - b) < 1e-6;

/** scale (x where x > 0, else alpha (exp x - 1)) */
const selu: Translate = (call) => {
  const [alpha, gamma] = [call.float('alpha', 1.6732632), call.float('gamma', 1.0507009)];
  if (close(alpha, 1.6732632) && close(gamma, 1.0507009)) return activation('selu')(call);
  return activation('elu', () => ({ alpha, scale: gamma }))(call);
};

/** max(0, min(1, alpha x + beta)) */
const hardSigmoid: Translate = (call) => {
  const [alpha, beta] = [call.float('alpha', 0.2), call.float('beta', 0.5)];
  if (close(alpha, 1 / 6) && close(beta, 0.5)) return activation('hardsigmoid')(call);
  const shape = shapeOf(call.value(0));
  const scaled = call.emit('mul', { self: call.ref(0), other: alpha }, { shape });
  const moved = call.emit('add', { self: { ref: scaled.ref }, other: beta }, { shape });
  return call.emit('clamp', { self: { ref: moved.ref }, min: 0, max: 1 }, { shape });
};

/** One slope, or one for each channel, where the slope is broadcast so; else max(0, x) - slope max(0, -x). */
const prelu: Translate = (call) => {
  const [x, slope] = [call.tensor(0), call.tensor(1)];
  const [rank, own] = [call.rank(x), slope.shape ?? []];
  const channels =
    own.filter((extent) => extent !== 1).length === 1 && own.length - own.findIndex((e) => e !== 1) === rank - 1;
  if (slope.shape !== null && (own.every((extent) => extent === 1) || channels))
    return call.emit('prelu', { self: { ref: x.ref }, weight: { ref: slope.ref } }, { shape: x.shape });
  const part = (op: string, args: Args, shape = x.shape): TensorValue => call.emit(op, args, { shape });
  const negative = part('relu', { self: { ref: part('neg', { self: { ref: x.ref } }).ref } });
  const positive = part('relu', { self: { ref: x.ref } });
  const scaled = part('mul', { self: { ref: slope.ref }, other: { ref: negative.ref } });
  return part('sub', { self: { ref: positive.ref }, other: { ref: scaled.ref } });
};

/** x sigmoid(alpha x) */
const swish: Translate = (call) => {
  const alpha = call.float('alpha', 1);
  if (alpha === 1) return activation('silu')(call);
  const shape = shapeOf(call.value(0));
  const scaled = call.emit('mul', { self: call.ref(0), other: alpha }, { shape });
  const gate = call.emit('sigmoid', { self: { ref: scaled.ref } }, { shape });
  return call.emit('mul', { self: call.ref(0), other: { ref: gate.ref } }, { shape });
};

/** x / (1 + |x|) */
const softsign: Translate = (call) => {
  const shape = shapeOf(call.value(0));
  const size = call.emit('abs', { self: call.ref(0) }, { shape });
  const divisor = call.emit('add', { self: { ref: size.ref }, other: 1 }, { shape });
  return call.emit('div', { self: call.ref(0), other: { ref: divisor.ref } }, { shape });
};

const shrink: Translate = (call) => {
  const [lambd, bias] = [call.float('lambd', 0.5), call.float('bias', 0)];
  if (bias === 0) return activation('hardshrink', () => ({ lambd }))(call);
  if (bias === lambd) return activation('softshrink', () => ({ lambd }))(call);
  return call.unsupported(`shrinks by a bias of ${bias} beyond ${lambd}; a bias of 0 or of lambd is read`);
};

const gelu: Translate = (call) => {
  const approximate = call.text('approximate', 'none');
  if (approximate !== 'none' && approximate !== 'tanh')
    call.fail(`has the approximation "${approximate}", which is not known`);
  return activation('gelu', () => ({ approximate }))(call);
};

const along =
  (op: string): Translate =>
  (call): OnnxValue =>
    activation(op, () => ({ dim: call.int('axis', -1) }))(call) as OnnxValue;

export const activations: Translations = {
  Relu: activation('relu'),
  LeakyRelu: activation('leaky_relu', (call) => ({ negative_slope: call.float('alpha', 0.01) })),
  PRelu: prelu,
  Elu: activation('elu', (call) => ({ alpha: call.float('alpha', 1) })),
  Celu: activation('celu', (call) => ({ alpha: call.float('alpha', 1) })),
  Selu: selu,
  Gelu: gelu,
  HardSigmoid: hardSigmoid,
  HardSwish: activation('hardswish'),
  Mish: activation('mish'),
  Softplus: activation('softplus'),
  Softsign: softsign,
  Swish: swish,
  Shrink: shrink,
  ThresholdedRelu: activation('threshold', (call) => ({ threshold: call.float('alpha', 1), value: 0 })),
  Softmax: along('softmax'),
  LogSoftmax: along('log_softmax'),
};
