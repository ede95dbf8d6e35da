/** Encodes pictures as small PNG files. */
import { loadSharp } from './load-sharp.ts';
import type { Picture } from './picture.ts';

/**
 * A PNG of at most `maxSide` pixels per side; smaller pictures keep their size.
 *
 * @param picture bytes, [height, width, channels] with 1 or 3 channels
 */
export async function encodeThumbnail(
  { height, width, channels, data }: Picture & { readonly data: Uint8Array },
  maxSide: number,
): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const raw = { height, width, channels: channels === 1 ? (1 as const) : (3 as const) };
  return sharp(data, { raw })
    .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
}
