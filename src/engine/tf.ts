/**
 * The only import of TensorFlow.js in src. Sets what must be set before libtensorflow loads:
 *
 *   TF_CPP_MIN_LOG_LEVEL=2             TensorFlow prints every device to stderr otherwise
 *   TF_FORCE_GPU_ALLOW_GROWTH=true     else a GPU process takes all device memory at once
 *   TF_NUM_INTEROP_THREADS=1           one inter-op thread: the same bytes from run to run (docs/architecture.md, Repeatability)
 *   NVIDIA_TF32_OVERRIDE=0             no TF32: 10-bit mantissas would cost the second derivatives their accuracy on Ampere and later
 *   TF_ENABLE_ONEDNN_OPTS=1            oneDNN's convolutions and products on CPUs: builds differ in their default, and the weights with it
 *   TF_NUM_INTRAOP_THREADS             the cores that this process may use
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import type * as TensorFlow from '@tensorflow/tfjs-node-gpu';
import { usableCores } from '../cores.ts';
import { withoutLoadMessages } from './load-messages.ts';

/** A user who sets the log level wants to see TensorFlow's output, also that of a crash while it is loaded. */
const showsLoadMessages = process.env.TF_CPP_MIN_LOG_LEVEL !== undefined;
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
process.env.NVIDIA_TF32_OVERRIDE ??= '0';
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
process.env.TF_NUM_INTEROP_THREADS ??= '1';
process.env.TF_NUM_INTRAOP_THREADS ??= String(usableCores());

// tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed.
const legacyUtil = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
legacyUtil.isNullOrUndefined ??= (value) => value === null || value === undefined;

// The package is CommonJS; `require` loads it synchronously, after the variables above have been set.
const require = createRequire(import.meta.url);
const packageFile = require.resolve('@tensorflow/tfjs-node-gpu/package.json');
const load = () => require('@tensorflow/tfjs-node-gpu') as typeof TensorFlow;
const standardError = path.join(path.dirname(packageFile), 'lib/napi-v8/standard_error.node');
const tf = showsLoadMessages ? load() : withoutLoadMessages(standardError, load);

/** Runs `run` and frees every tensor that it creates; the result must be plain data (tf.tidy is for results that contain tensors). */
export function scoped<T>(run: () => T): T {
  const engine = tf.engine();
  engine.startScope();
  try {
    return run();
  } finally {
    engine.endScope();
  }
}

export { tf };
export type Tensor = TensorFlow.Tensor;
export type Tensor4D = TensorFlow.Tensor4D;
export type Tensor5D = TensorFlow.Tensor5D;
export type Scalar = TensorFlow.Scalar;
export type GradConfig = TensorFlow.GradConfig;
export type KernelConfig = TensorFlow.KernelConfig;
export type TensorInfo = TensorFlow.TensorInfo;
export type NamedTensorMap = TensorFlow.NamedTensorMap;
