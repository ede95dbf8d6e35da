/** Masks brought to another size by the nearest pixel, so that no class arises between two: out[i] = in[floor((i + 0.5) n / m)], as PIL. */
import type { Picture } from '../../codecs/pictures/picture.ts';

export function resizeMask(mask: Picture, height: number, width: number): Picture {
  if (mask.height === height && mask.width === width) return mask;
  const data = mask.data instanceof Uint16Array ? new Uint16Array(height * width) : new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * mask.height) / height) * mask.width;
    for (let x = 0; x < width; x++)
      data[y * width + x] = mask.data[row + Math.floor(((x + 0.5) * mask.width) / width)] as number;
  }
  return { height, width, channels: 1, data };
}
