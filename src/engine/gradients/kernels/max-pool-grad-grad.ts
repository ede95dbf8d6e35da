/** MaxPoolGradGrad(dx, x): the elements of dx at the positions of the maxima that max pooling takes from x. It is the transpose of MaxPoolGrad. */
import { tf } from '../../tf.ts';
import { attribute, type OwnKernel, runOperation } from './own-kernel.ts';

interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export const maxPoolGradGradKernel: OwnKernel<'dx' | 'input', PoolAttributes> = {
  kernelName: 'MaxPoolGradGrad',
  tensorflow: ({ dx, input }, { filterSize, strides, pad, dimRoundingMode }) => {
    const shape = input.shape as [number, number, number, number];
    const pool = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const output = tf.engine().runKernel('MaxPool', { x: input }, { filterSize, strides, pad });
    const attributes = [
      attribute.dtype('T', input),
      attribute.int('ksize', [1, pool.filterHeight, pool.filterWidth, 1]),
      attribute.int('strides', [1, pool.strideHeight, pool.strideWidth, 1]),
      attribute.string('padding', pool.padInfo.type),
      attribute.string('data_format', 'NHWC'),
    ];
    return runOperation('MaxPoolGradGrad', attributes, [input, output as typeof input, dx]);
  },
};
