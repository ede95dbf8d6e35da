/** Loads TensorFlow in a child process. CUDA_VISIBLE_DEVICES, set before loading, selects the device; one small computation initialises it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppError } from '../src/errors.ts';
import type { BackendReport } from './messages.ts';

/** tfjs types the backend as the abstract KernelBackend; these members exist in tfjs-node. */
interface NodeBackend {
  readonly binding: { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
}

/**
 * Loads TensorFlow and the engine in advance, so that a run starts to compute without delay.
 *
 * @param visibleGpu the value of CUDA_VISIBLE_DEVICES in this process; null for a process on the CPU
 * @throws BACKEND_UNAVAILABLE when TensorFlow cannot be loaded
 */
export async function loadBackend(visibleGpu: string | null): Promise<BackendReport> {
  try {
    const [{ tf }] = await Promise.all([
      import('../src/engine/tf.ts'),
      import('../src/engine/index.ts'),
      import('../src/jobs/run.ts'),
    ]);
    await tf.ready();
    const backend = tf.backend() as unknown as NodeBackend;
    // The first computation starts the thread pools, and on a GPU initialises the device.
    tf.tidy(() => tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])).dataSync());
    const gpu = backend.isUsingGpuDevice;
    const description = gpu ? `${await gpuName(visibleGpu)} (gpu ${visibleGpu ?? 0})` : 'cpu';
    return { description, gpu, tensorflow: backend.binding.TF_Version };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new AppError(
      'BACKEND_UNAVAILABLE',
      `TensorFlow cannot be loaded: ${reason}; run \`npm run gradinit -- doctor\``,
      { cause },
    );
  }
}

async function gpuName(index: string | null): Promise<string> {
  const query = ['--query-gpu=name', '--format=csv,noheader', ...(index === null ? [] : ['-i', index])];
  const output = await promisify(execFile)('nvidia-smi', query, { timeout: 10_000 }).catch(() => ({ stdout: '' }));
  return output.stdout.trim().split('\n')[0] || 'GPU';
}
