/**
 * What changes nothing or only the type; dropout, which is off; sizes as numbers.
 *
 * Stochastic depth keeps a sample with probability p and divides by p: with every Bernoulli variable replaced by p itself, nothing is dropped and nothing
 * is changed. Half and double precision are computed in float32.
 */
import { sizeOf } from '../../../ndarray.ts';
import { stopGradient } from '../../gradients/stop-gradient.ts';
import { tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { axisOf, castValue } from './common.ts';

const self: Operation = (args) => args.value('self');
const input: Operation = (args) => args.value('input');

const cut: Operation = (args) => args.value('self').map(stopGradient);

const scalar =
  (run: (a: number, b: number) => number): Operation =>
  (args) =>
    run(args.number('a'), args.number('b'));

const ofOne =
  (run: (a: number) => number): Operation =>
  (args) =>
    run(args.number('a'));

/** As Python rounds. */
const halfToEven = (a: number): number => (Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a));

export const identities: Operations = {
  alias: self,
  clone: self,
  contiguous: self,
  lift_fresh_copy: self,
  lift_fresh: self,
  copy(args: Operands) {
    const [target, source] = [args.value('self'), args.value('src')];
    const typed = castValue(source, target.dtype);
    return `${typed.shape}` === `${target.shape}`
      ? typed
      : typed.view((x) => tf.broadcastTo(x, [...target.shape]), target.shape);
  },
  detach: cut,
  no_grad: cut,
  to(args) {
    const x = args.value('self');
    return castValue(x, args.dtype('dtype') ?? args.maybe('other')?.dtype);
  },
  _to_copy: (args) => castValue(args.value('self'), args.dtype('dtype')),
  type_as: (args) => castValue(args.value('self'), args.value('other').dtype),
  dropout: input,
  native_dropout: (args) => [args.value('input')],
  feature_dropout: input,
  alpha_dropout: input,
  feature_alpha_dropout: input,
  bernoulli(args) {
    const p = args.number('p');
    return args.value('self').map((x) => tf.fill(x.shape, p));
  },
  sym_size(args) {
    const x = args.value('self');
    const axis = args.int('dim');
    return x.shape[axisOf(axis, x.rank)] as number;
  },
  sym_numel: (args) => sizeOf(args.value('self').shape),
  'scalar.add': scalar((a, b) => a + b),
  'scalar.sub': scalar((a, b) => a - b),
  'scalar.mul': scalar((a, b) => a * b),
  'scalar.floordiv': scalar((a, b) => Math.floor(a / b)),
  'scalar.truediv': scalar((a, b) => a / b),
  'scalar.mod': scalar((a, b) => a - b * Math.floor(a / b)),
  'scalar.pow': scalar((a, b) => a ** b),
  'scalar.neg': ofOne((a) => -a),
  'scalar.abs': ofOne(Math.abs),
  'scalar.pos': ofOne((a) => a),
  'scalar.ceil': ofOne(Math.ceil),
  'scalar.floor': ofOne(Math.floor),
  'scalar.trunc': ofOne(Math.trunc),
  'scalar.round': ofOne(halfToEven),
  'scalar.sqrt': ofOne(Math.sqrt),
  'scalar.float': ofOne((a) => a),
  'scalar.int': ofOne(Math.trunc),
  'scalar.max': scalar(Math.max),
  'scalar.min': scalar(Math.min),
};
