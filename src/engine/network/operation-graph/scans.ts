/** Scans: for each place of an axis something of everything up to it. */
import { stopGradient } from '../../gradients/stop-gradient.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { Operands, Operation, Operations } from './arguments.ts';
import { asFloat, axisOf, castValue, cut, wholeOrFloat } from './common.ts';
import { Value } from './value.ts';

function cumulativeSum(args: Operands): Value {
  const x = args.value('self');
  const tensor = wholeOrFloat(x.tensor);
  const y = x.rank === 0 ? tensor : tf.cumsum(tensor, axisOf(args.int('dim'), x.rank));
  return castValue(Value.of(y), args.dtype('dtype'));
}

/** Step by step: the kernels that scan by these operations have no rule, the operations have. */
const stepwise =
  (run: (a: Tensor, b: Tensor) => Tensor) =>
  (args: Operands): Value => {
    const x = args.tensor('self');
    if (x.rank === 0) return Value.of(x);
    const axis = axisOf(args.int('dim'), x.rank);
    const steps = [...tf.unstack(wholeOrFloat(x), axis)]; // a copy: the tape keeps the list itself
    for (let at = 1; at < steps.length; at++) steps[at] = run(steps[at - 1] as Tensor, steps[at] as Tensor);
    return Value.of(tf.stack(steps, axis));
  };

const cumulativeProduct = stepwise((a, b) => tf.mul(a, b));

/** Only the values; the places of the extremes are not told. */
const extremes =
  (run: (a: Tensor, b: Tensor) => Tensor): Operation =>
  (args) => [stepwise(run)(args)];

function diff(args: Operands): Value {
  const x = args.value('self');
  const axis = axisOf(args.int('dim'), x.rank);
  const parts = ['prepend', null, 'append'].flatMap((name) => {
    if (name === null) return [wholeOrFloat(x.tensor)];
    const part = args.maybe(name);
    return part ? [wholeOrFloat(part.tensor)] : [];
  });
  let y = parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, axis);
  for (let step = 0; step < args.int('n'); step++) {
    const extent = y.shape[axis] as number;
    y = tf.sub(cut(y, axis, 1, extent), cut(y, axis, 0, extent - 1));
  }
  return Value.of(y);
}

export const scans: Operations = {
  cumsum: cumulativeSum,
  cumprod: (args) => castValue(cumulativeProduct(args), args.dtype('dtype')),
  cummax: extremes((a, b) => tf.maximum(a, b)),
  cummin: extremes((a, b) => tf.minimum(a, b)),
  logcumsumexp(args) {
    const x = asFloat(args.tensor('self'));
    const axis = axisOf(args.int('dim'), x.rank);
    const largest = stopGradient(tf.max(stopGradient(x), axis, true));
    return Value.of(tf.add(tf.log(tf.cumsum(tf.exp(tf.sub(x, largest)), axis)), largest));
  },
  diff,
};
