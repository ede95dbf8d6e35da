/**
 * Child process of `gradinit doctor`: loads TensorFlow, computes one convolution and prints one line of JSON. It is a separate process, because a
 * library that is incompatible with the machine may end the process that loads it.
 */
import { fileURLToPath } from 'node:url';
import { type Static, Type } from 'typebox';

export const probeResultSchema = Type.Object({
  libtensorflow: Type.String(),
  tfjs: Type.String(),
  usesGpu: Type.Boolean(),
  intraOpThreads: Type.String(),
  interOpThreads: Type.String(),
  oneDnn: Type.Boolean(),
  convolution: Type.Number(),
});

/** The result of a probe whose TensorFlow works. */
export type ProbeResult = Static<typeof probeResultSchema>;

/** Sum over a 3x3 box filter applied to a 4x4 image of ones with padding: 4 corners of 4, 8 edges of 6, 4 inner pixels of 9. */
export const expectedConvolution = 100;

async function probe(): Promise<ProbeResult> {
  const { tf } = await import('../engine/tf.ts');
  await tf.ready();
  // tfjs types the backend as the abstract KernelBackend; these two members exist in tfjs-node.
  const backend = tf.backend() as unknown as { binding: { TF_Version: string }; isUsingGpuDevice: boolean };
  const convolution = tf.tidy(() => {
    const image = tf.tensor4d(new Float32Array(16).fill(1), [1, 4, 4, 1]);
    const filter = tf.tensor4d(new Float32Array(9).fill(1), [3, 3, 1, 1]);
    return tf.sum(tf.conv2d(image, filter, 1, 'same')).dataSync()[0];
  });
  return {
    libtensorflow: backend.binding.TF_Version,
    tfjs: tf.version.tfjs,
    usesGpu: backend.isUsingGpuDevice,
    intraOpThreads: process.env.TF_NUM_INTRAOP_THREADS ?? 'default',
    interOpThreads: process.env.TF_NUM_INTEROP_THREADS ?? 'default',
    oneDnn: process.env.TF_ENABLE_ONEDNN_OPTS === '1',
    convolution: convolution ?? Number.NaN,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await probe()));
