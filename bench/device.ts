/** Where a benchmark runs. */

export type Device = 'cpu' | 'gpu';

/**
 * The device of a flag; null: TensorFlow's own choice. For 'cpu' the GPUs of this process and of its children are hidden, which works before TensorFlow
 * is loaded only.
 */
export function parseDevice(text: string | undefined): Device | null {
  if (text === undefined) return null;
  if (text !== 'cpu' && text !== 'gpu') throw new Error(`--device must be cpu or gpu, got ${text}`);
  if (text === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '';
  return text;
}
