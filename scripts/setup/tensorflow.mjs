/** Installs libtensorflow and its C headers from PyPI's TensorFlow wheel; for GPUs also the CUDA libraries. */

import { tensorflowDir } from './paths.mjs';
import { tensorflowPins } from './pins.mjs';

/** The headers that the binding includes, directly or indirectly: 1 % of those in the wheel. */
const headers = [
  'tensorflow/c/*.h',
  'tensorflow/core/platform/ctstring*.h',
  'xla/tsl/c/*.h',
  'tsl/platform/ctstring*.h',
];

/** The files that TensorFlow uses at run time; CUDA headers and static libraries are not extracted. */
const cuda = ['nvidia/*/lib/*.so*', 'nvidia/cuda_nvcc/bin/*', 'nvidia/cuda_nvcc/nvvm/*'];

const libraries = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];

/** One library of each CUDA wheel whose absence TensorFlow would detect only at run time. */
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
