/** The same values, cut off from everything that is differentiated. */
import { type Tensor, tf } from '../tf.ts';

/** A second handle on the data of `x` that no gradient tape knows: no kernel runs and nothing is copied. */
export function stopGradient(x: Tensor): Tensor {
  const engine = tf.engine();
  engine.backend.incRef(x.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype });
}
