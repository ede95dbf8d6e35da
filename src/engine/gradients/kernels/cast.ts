/** A Cast kernel that returns its input when the dtype does not change. tfjs casts the cotangent of every saved tensor, usually from float32 to float32. */

import type { dataTypes } from '../../graph/binding.ts';
import { tf } from '../../tf.ts';
import { attribute, type OwnKernel, runOperation } from './own-kernel.ts';

export const castKernel: OwnKernel<'x', { dtype: keyof typeof dataTypes }> = {
  kernelName: 'Cast',
  tensorflow: ({ x }, { dtype }) => {
    if (x.dtype === dtype) return tf.clone(x);
    const attributes = [attribute.dtype('SrcT', x), attribute.type('DstT', dtype), attribute.bool('Truncate', false)];
    return runOperation('Cast', attributes, [x]);
  },
};
