/** GatherV2 without tfjs-node's check of the indices on the host, which stops the recording of a step. TensorFlow itself refuses bad indices on CPUs. */
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
