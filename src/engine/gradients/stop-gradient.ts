/** Detaches a tensor from differentiation. */
import { type Tensor, tf } from '../tf.ts';

/** A second handle of the data of `x` that is on no gradient tape. No kernel runs, and no data is copied. */
export function stopGradient(x: Tensor): Tensor {
  const engine = tf.engine();
  engine.backend.incRef(x.dataId);
  return engine.makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype });
}
