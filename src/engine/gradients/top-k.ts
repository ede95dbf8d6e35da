/** The largest elements of the last axis: dx = dy at their positions, which are constant almost everywhere. */
import { type GradConfig, type Tensor, tf } from '../tf.ts';
import { stopGradient } from './stop-gradient.ts';

export const topK: GradConfig = {
  kernelName: 'TopK',
  inputsToSave: ['x'],
  gradFunc: (dys, saved, attributes) => {
    const [x] = saved as [Tensor];
    const [dy] = dys as Tensor[];
    const { k } = attributes as unknown as { k: number };
    return {
      x: () => {
        const { indices } = tf.topk(stopGradient(x), k, true);
        const places = tf.oneHot(indices, x.shape.at(-1) ?? 1, 1, 0, 'float32'); // [.., k, n]
        return tf.sum(tf.mul(places, tf.expandDims(dy as Tensor, -1)), -2);
      },
    };
  },
};
