/** The device of a benchmark. */

export type Device = 'cpu' | 'gpu';

/**
 * The device that a flag names; null: TensorFlow's own choice. For 'cpu', the GPUs are hidden from this process and its children, which has an effect
 * only before TensorFlow is loaded.
 */
export function parseDevice(text: string | undefined): Device | null {
  if (text === undefined) return null;
  if (text !== 'cpu' && text !== 'gpu') throw new Error(`--device must be cpu or gpu, got ${text}`);
  if (text === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '';
  return text;
}
