/**
 * A scalar probe: y = s * v for a scalar s that is always 1, so that the forward pass is the identity.
 *
 *   forward    y  = v
 *   backward   dv = s dy   (also a probe, so that any order works)
 *              ds = <dy, v>
 *
 * For a layer y = op(theta, x) that is linear in theta = s F, the derivative with respect to s through y is <dy, y>. Applying s to the output
 * instead of the weight replaces a weight gradient (a whole convolution) of the outer derivative by a dot product. See docs/architecture.md.
 */
import { declareProven } from '../gradients/index.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';

const kernelName = 'ScalarProbe';

const install = () => {
  for (const backendName of ['tensorflow', 'cpu']) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, backend }) => {
        const { v } = inputs as { v: Tensor };
        // As in the Identity kernel, the result shares the data of its input.
        (backend as { incRef(dataId: object): void }).incRef(v.dataId);
        return { dataId: v.dataId, shape: v.shape, dtype: v.dtype };
      },
    });
  }
  tf.registerGradient({
    kernelName,
    inputsToSave: ['v', 's'],
    gradFunc: (dy, saved) => {
      const [v, s] = saved as [Tensor, Scalar];
      return { v: () => probe(dy as Tensor, s), s: () => tf.sum(tf.mul(dy as Tensor, v)) };
    },
  });
};
install();
// Tested in test/engine/ops/probe.test.ts.
declareProven(kernelName, 3);

/**
 * @param v any shape
 * @param s a scalar whose value is 1
 * @returns v, with the derivative of s * v
 */
export function probe<T extends Tensor>(v: T, s: Scalar): T {
  return tf.engine().runKernel(kernelName, { v, s } as never) as unknown as T;
}
