/**
 * Decodes pictures as PIL does: alpha is dropped, palettes are resolved, EXIF orientation is applied, colour profiles are ignored, of an animation
 * the first frame is used, colours of 16 bits become 8 bits.
 */
import type { OutputInfo, Sharp } from 'sharp';
import { AppError } from '../../errors.ts';
import { malformed, type Origin } from '../byte-source.ts';
import { decodeBmp } from './bmp.ts';
import { type PictureHeader, readPictureHeader } from './header.ts';
import { loadSharp } from './load-sharp.ts';
import { checkPixels, defaultLimits, type Picture, type PictureLimits } from './picture.ts';
import { decodePnm } from './pnm.ts';

/** Throws the origin's code for files that are not pictures or damaged; DATASET_TOO_LARGE beyond the limits, before decoding. */
export async function decodePicture(
  bytes: Uint8Array,
  origin: Origin,
  limits: PictureLimits = defaultLimits,
): Promise<Picture> {
  if (bytes.byteLength === 0) return malformed(origin, 'is empty; replace or remove the file');
  const header = readPictureHeader(bytes);
  if (header === null)
    return malformed(
      origin,
      'is no picture of a known kind (PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, PPM); replace or remove the file',
    );
  if (header.size !== null) checkPixels(header.size.width, header.size.height, limits, origin);
  if (header.kind === 'bmp') return decodeBmp(bytes, origin, limits);
  if (header.kind === 'pnm') return decodePnm(bytes, origin, limits);
  try {
    return await decodeBySharp(bytes, header, origin, limits);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (cause instanceof Error && cause.message.includes('pixel limit'))
      throw new AppError(
        'DATASET_TOO_LARGE',
        `${origin.name}: has more pixels than the limit of ${limits.maxPixels} for one picture`,
      );
    const reason = cause instanceof Error ? firstLine(cause.message) : String(cause);
    return malformed(
      origin,
      `cannot be decoded as ${header.kind}, it is cut off or damaged (${reason}); replace or remove the file`,
      cause,
    );
  }
}

const firstLine = (text: string) => (text.split('\n')[0] ?? '').slice(0, 120);

async function decodeBySharp(
  bytes: Uint8Array,
  header: PictureHeader,
  origin: Origin,
  limits: PictureLimits,
): Promise<Picture> {
  const sharp = await loadSharp();
  const open = () =>
    sharp(bytes, { failOn: 'truncated', limitInputPixels: limits.maxPixels, ignoreIcc: true, autoOrient: true });
  const { depth, isGrey } =
    header.depth === null || header.isGrey === null
      ? await ask(open(), origin, limits)
      : { depth: header.depth, isGrey: header.isGrey };
  if (header.isCmyk)
    return fromCmyk(
      await open().pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer({ resolveWithObject: true }),
    );
  const isWide = depth === 16;
  const space = isWide ? (isGrey ? 'grey16' : 'rgb16') : isGrey ? 'b-w' : 'srgb';
  const { data, info } = await open()
    .removeAlpha()
    .toColourspace(space)
    .raw({ depth: isWide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 1 && info.channels !== 3)
    return malformed(origin, `has ${info.channels} channels; grey and colour are read`);
  const bytesOrWords = isWide
    ? new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength))
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // PIL has no 16-bit colours and takes the high byte; it keeps 16 bits for grey pictures.
  const numbers = isWide && info.channels === 3 ? Uint8Array.from(bytesOrWords, (value) => value >> 8) : bytesOrWords;
  return { height: info.height, width: info.width, channels: info.channels, data: numbers };
}

/** Reads depth and colour from the decoder, for kinds whose header this module does not parse. */
async function ask(picture: Sharp, origin: Origin, limits: PictureLimits): Promise<{ depth: number; isGrey: boolean }> {
  const { width, height, depth, channels, space, hasAlpha } = await picture.metadata();
  checkPixels(width, height, limits, origin);
  if (depth !== 'uchar' && depth !== 'ushort')
    malformed(origin, `holds ${depth} numbers; pictures of 8 and 16 bits are read: save arrays as npz`);
  if (channels > 4 || (channels === 4 && !hasAlpha && space !== 'cmyk'))
    malformed(origin, `has ${channels} channels; grey and colour are read: save arrays as npz`);
  return { depth: depth === 'ushort' ? 16 : 8, isGrey: space === 'b-w' || space === 'grey16' };
}

/** Converts CMYK without a colour profile, as PIL does: channel = (255 - ink) (255 - black) / 255, rounded. */
function fromCmyk({ data, info }: { data: Buffer; info: OutputInfo }): Picture {
  const pixels = info.width * info.height;
  const rgb = new Uint8Array(pixels * 3);
  for (let p = 0; p < pixels; p++) {
    const white = 255 - (data[p * 4 + 3] as number);
    for (let c = 0; c < 3; c++) rgb[p * 3 + c] = Math.round(((255 - (data[p * 4 + c] as number)) * white) / 255);
  }
  return { height: info.height, width: info.width, channels: 3, data: rgb };
}
