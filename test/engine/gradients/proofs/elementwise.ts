/** Rows for kernels that work element by element. */
import { runKernel } from '../../../../src/engine/gradients/rule.ts';
import { stopGradient } from '../../../../src/engine/gradients/stop-gradient.ts';
import { type Tensor, tf } from '../../../../src/engine/tf.ts';
import { awayFromZero, type Draw, type Proof, uniform } from '../prove.ts';

const positive = uniform(0.5, 1.5);
const matrix = [[4, 5]];
const broadcast = [
  [4, 5],
  [3, 1, 5],
];

const one = (kernel: string, op: (x: Tensor) => Tensor, draw?: Draw, variant?: string): Proof => ({
  kernel,
  shapes: matrix,
  op,
  ...(draw && { draw }),
  ...(variant && { variant }),
});

/** Both operands of one shape, and both broadcast. */
const two = (kernel: string, op: (a: Tensor, b: Tensor) => Tensor, draw?: Draw): Proof[] =>
  [[...matrix, ...matrix], broadcast].map((shapes, index) => ({
    kernel,
    variant: index === 0 ? 'same shapes' : 'broadcast',
    shapes,
    op,
    ...(draw && { draw }),
  }));

/** Magnitudes in [0.2, 1.2] moved to surround a kink at `kink`. */
const around =
  (kink: number): Draw =>
  (shape, seed) =>
    tf.add(awayFromZero(shape, seed), kink);

export const elementwiseProofs: readonly Proof[] = [
  ...two('Add', (a, b) => tf.add(a, b)),
  ...two('Sub', (a, b) => tf.sub(a, b)),
  ...two('Multiply', (a, b) => tf.mul(a, b)),
  ...two('RealDiv', (a, b) => tf.div(a, b), positive),
  ...two('SquaredDifference', (a, b) => tf.squaredDifference(a, b)),
  ...two('Pow', (a, b) => tf.pow(a, b), positive),
  one('Pow', (x) => tf.pow(x, 2), awayFromZero, 'constant exponent, negative base'),
  { kernel: 'AddN', shapes: [...matrix, ...matrix, ...matrix], op: (a, b, c) => tf.addN([a, b, c]) },
  one('AddN', (x) => tf.addN([x, x, tf.square(x)]), undefined, 'one tensor twice'),
  one('Neg', (x) => tf.neg(x)),
  one('Reciprocal', (x) => tf.reciprocal(x), positive),
  one('Square', (x) => tf.square(x)),
  one('Sqrt', (x) => tf.sqrt(x), positive),
  one('Rsqrt', (x) => tf.rsqrt(x), positive),
  one('Exp', (x) => tf.exp(x)),
  one('Expm1', (x) => tf.expm1(x)),
  one('Log', (x) => tf.log(x), positive),
  one('Log1p', (x) => tf.log1p(x), positive),
  one('Sin', (x) => tf.sin(x)),
  one('Cos', (x) => tf.cos(x)),
  one('Atan', (x) => tf.atan(x)),
  one('Erf', (x) => tf.erf(x)),
  one('Tanh', (x) => tf.tanh(x)),
  one('Sigmoid', (x) => tf.sigmoid(x)),
  one('Softplus', (x) => tf.softplus(x)),
  one('Softmax', (x) => tf.softmax(x)),
  one('Relu', (x) => tf.relu(x), awayFromZero),
  one('Relu6', (x) => tf.relu6(x), awayFromZero, 'around 0'),
  one('Relu6', (x) => tf.relu6(x), around(6), 'around 6'),
  one('LeakyRelu', (x) => tf.leakyRelu(x, 0.3), awayFromZero),
  { kernel: 'Prelu', shapes: [[4, 5], [5]], op: (x, alpha) => tf.prelu(x, alpha), draw: awayFromZero },
  one('Elu', (x) => tf.elu(x), awayFromZero),
  one('Selu', (x) => tf.selu(x), awayFromZero),
  one('Abs', (x) => tf.abs(x), awayFromZero),
  // |a| >= 0.2 against |b| / 10 <= 0.12: no ties.
  ...two('Maximum', (a, b) => tf.maximum(a, tf.mul(b, 0.1)), awayFromZero),
  ...two('Minimum', (a, b) => tf.minimum(a, tf.mul(b, 0.1)), awayFromZero),
  one('ClipByValue', (x) => tf.clipByValue(x, 0, 9), awayFromZero, 'around the minimum'),
  one('ClipByValue', (x) => tf.clipByValue(x, -9, 1), around(1), 'around the maximum'),
  {
    kernel: 'Select',
    shapes: [...matrix, ...matrix],
    op: (a, b) => tf.where(tf.greater(a, 0), tf.exp(a), b),
    draw: awayFromZero,
  },
  // The kernels of the derivatives: y = the mask kernel of (dy, x), differentiated along both.
  ...['ReluGrad', 'Relu6Grad', 'LeakyReluGrad'].flatMap((kernel) => [
    {
      kernel,
      shapes: [...matrix, ...matrix],
      op: (dy: Tensor, x: Tensor) => runKernel(kernel, { dy, x }, { alpha: 0.3 }),
      draw: awayFromZero,
    },
    {
      kernel,
      variant: 'x cut off',
      shapes: matrix,
      op: (x: Tensor) => runKernel(kernel, { dy: tf.sin(x), x: stopGradient(x) }, { alpha: 0.3 }),
      draw: awayFromZero,
    },
  ]),
  {
    kernel: 'FusedBatchNorm',
    shapes: [[2, 3, 3, 2], [2], [2], [2], [2]],
    op: (x, mean, variance, scale, offset) =>
      runKernel('FusedBatchNorm', { x, mean, variance, scale, offset }, { varianceEpsilon: 1e-3 }),
    draw: positive,
  },
];
