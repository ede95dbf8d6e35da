/** A decoded picture, and the limits that are checked before decoding. */
import { AppError } from '../../errors.ts';
import { malformed, type Origin } from '../byte-source.ts';

export interface Picture {
  readonly height: number;
  readonly width: number;
  /** 1: grey; 3: red, green, blue, interleaved. */
  readonly channels: 1 | 3;
  /** Bytes in 0..255 or 16-bit numbers in 0..65535; rows from the top. */
  readonly data: Uint8Array | Uint16Array;
}

export interface PictureLimits {
  /** Most pixels, width times height. */
  readonly maxPixels: number;
}

/** 8,192 x 8,192. */
export const defaultLimits: PictureLimits = { maxPixels: 2 ** 26 };

/** Most bytes of a picture file, also after decompression from an archive. */
export const maxPictureFileBytes = 2 ** 27;

/** Throws the origin's code for a picture without pixels; DATASET_TOO_LARGE for one beyond the limit. */
export function checkPixels(width: number, height: number, { maxPixels }: PictureLimits, origin: Origin): void {
  if (width < 1 || height < 1) malformed(origin, `is damaged: a picture of ${height} x ${width} pixels`);
  if (width * height > maxPixels)
    throw new AppError(
      'DATASET_TOO_LARGE',
      `${origin.name}: ${height} x ${width} pixels are more than the limit of ${maxPixels} for one picture`,
    );
}
