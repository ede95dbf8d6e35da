/** libtensorflow and its C headers out of PyPI's TensorFlow wheel; for GPUs the CUDA libraries beside it. */

import { tensorflowDir } from './paths.mjs';
import { tensorflowPins } from './pins.mjs';

/** The headers that the binding includes, directly or not: 1 % of the wheel's. */
const headers = [
  'tensorflow/c/*.h',
  'tensorflow/core/platform/ctstring*.h',
  'xla/tsl/c/*.h',
  'tsl/platform/ctstring*.h',
];

/** What TensorFlow loads or runs at run time; the CUDA headers and static libraries stay in the wheels. */
const cuda = ['nvidia/*/lib/*.so*', 'nvidia/cuda_nvcc/bin/*', 'nvidia/cuda_nvcc/nvvm/*'];

const libraries = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];

/** One library each of the CUDA wheels whose absence TensorFlow notices only at run time. */
const cudaFiles = ['nvidia/cudnn/lib/libcudnn.so.9', 'nvidia/cublas/lib/libcublas.so.12', 'nvidia/cuda_nvcc/bin/ptxas'];

/**
 * @param {string} cacheRoot
 * @param {import('./pins.mjs').Variant} variant
 * @returns {import('./wheel.mjs').WheelFolder}
 */
export function tensorflowFolder(cacheRoot, variant) {
  const gpu = variant === 'gpu';
  return {
    target: tensorflowDir(cacheRoot, variant),
    pins: tensorflowPins[variant],
    keep: [...libraries, ...headers.map((header) => `tensorflow/include/${header}`), ...(gpu ? cuda : [])],
    files: [...libraries, 'tensorflow/include/tensorflow/c/c_api.h', ...(gpu ? cudaFiles : [])],
    executables: gpu ? ['nvidia/cuda_nvcc/bin/ptxas'] : [],
  };
}
