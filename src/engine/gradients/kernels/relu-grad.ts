/**
 * The derivatives of the piecewise-linear activations as separate kernels, one TensorFlow operation each.
 *
 *   ReluGrad(dy, x)       = dy where x > 0, else 0
 *   Relu6Grad(dy, x)      = dy where 0 < x < 6, else 0
 *   LeakyReluGrad(dy, x)  = dy where x > 0, else alpha dy
 *
 * Each is linear in dy, is its own transpose, and is constant in x almost everywhere, so that callers detach x (ops/stop-gradient.ts).
 */
import { type Tensor, tf } from '../../tf.ts';
import { runKernel } from '../rule.ts';
import { attribute, type OwnKernel, runOperation } from './own-kernel.ts';

type Names = 'dy' | 'x';

const masked = (dy: Tensor, mask: Tensor) => tf.mul(dy, tf.cast(mask, 'float32'));

export const reluGradKernel: OwnKernel<Names, object> = {
  kernelName: 'ReluGrad',
  tensorflow: ({ dy, x }) => runOperation('ReluGrad', [attribute.dtype('T', dy)], [dy, x]),
  composed: ({ dy, x }) => masked(dy, tf.greater(x, 0)),
};

export const relu6GradKernel: OwnKernel<Names, object> = {
  kernelName: 'Relu6Grad',
  tensorflow: ({ dy, x }) => runOperation('Relu6Grad', [attribute.dtype('T', dy)], [dy, x]),
  composed: ({ dy, x }) => masked(dy, tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6))),
};

export const leakyReluGradKernel: OwnKernel<Names, { alpha: number }> = {
  kernelName: 'LeakyReluGrad',
  tensorflow: ({ dy, x }, { alpha }) =>
    runOperation('LeakyReluGrad', [attribute.float('alpha', alpha), attribute.dtype('T', dy)], [dy, x]),
  composed: ({ dy, x }, { alpha }) => tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha)),
};

/** dy where x > 0, else 0. `x` must have the shape of `dy`. */
export const reluGrad = (dy: Tensor, x: Tensor): Tensor => runKernel('ReluGrad', { dy, x });
