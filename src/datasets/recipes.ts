/** A normalisation as lines to paste into other frameworks, so that they feed a network the numbers that it was measured with. */
import type { Normalization } from './normalization.ts';

export interface Recipes {
  /** A layer that takes the numbers of the file. */
  readonly keras: string;
  /** For tensors of the file's numbers, pictures channels first; after ToTensor(), which brings bytes to 0..1, where the format has a range. */
  readonly torch: string;
}

/** (x - offset) / scale, with the numbers to all their digits. */
export function recipesOf(
  { offset, scale }: Pick<Normalization, 'offset' | 'scale'>,
  range: readonly [number, number] | null,
): Recipes {
  const variance = scale.map((value) => value * value);
  const [low, high] = range ?? [0, 1];
  const mean = offset.map((value) => (value - low) / (high - low));
  const std = scale.map((value) => value / (high - low));
  const axis = offset.length === 1 ? 'None' : '-1';
  const layer = `keras.layers.Normalization(axis=${axis}, mean=${list(offset)}, variance=${list(variance)})`;
  return {
    keras: layer,
    torch: `torchvision.transforms.Normalize(mean=[${mean.join(', ')}], std=[${std.join(', ')}])`,
  };
}

const list = (values: readonly number[]) => (values.length === 1 ? String(values[0]) : `[${values.join(', ')}]`);
