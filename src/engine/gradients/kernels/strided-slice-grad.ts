/** StridedSliceGrad(dy, x): a tensor of x's shape that is dy at the slice and zero elsewhere. The transpose of StridedSlice. */
import { tf } from '../../tf.ts';
import { attribute, type OwnKernel, runOperation } from './own-kernel.ts';

export interface StridedSliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

export const stridedSliceGradKernel: OwnKernel<'dy', StridedSliceAttributes & { shape: number[] }> = {
  kernelName: 'StridedSliceGrad',
  tensorflow: ({ dy }, { shape, begin, end, strides, ...masks }) => {
    const shapes = [shape, begin, end, strides].map((values) => tf.tensor1d(values, 'int32'));
    const attributes = [
      attribute.dtype('T', dy),
      attribute.type('Index', 'int32'),
      attribute.int('begin_mask', masks.beginMask),
      attribute.int('end_mask', masks.endMask),
      attribute.int('ellipsis_mask', masks.ellipsisMask),
      attribute.int('new_axis_mask', masks.newAxisMask),
      attribute.int('shrink_axis_mask', masks.shrinkAxisMask),
    ];
    return runOperation('StridedSliceGrad', attributes, [...shapes, dy]);
  },
};
