/**
 * GatherV2 without the check of indices on the host in tfjs-node, which reads values and therefore cannot be recorded. TensorFlow itself refuses
 * invalid indices on CPUs.
 */
import { tf } from '../../tf.ts';
import { attribute, type OwnKernel, runOperation } from './own-kernel.ts';

export const gatherKernel: OwnKernel<'x' | 'indices', { axis: number; batchDims: number }> = {
  kernelName: 'GatherV2',
  tensorflow: ({ x, indices }, { axis, batchDims }) => {
    const axisTensor = tf.scalar(axis, 'int32');
    const attributes = [
      attribute.int('batch_dims', batchDims),
      attribute.dtype('Tparams', x),
      attribute.dtype('Tindices', indices),
      attribute.dtype('Taxis', axisTensor),
    ];
    return runOperation('GatherV2', attributes, [x, indices, axisTensor]);
  },
};
