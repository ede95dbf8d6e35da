/**
 * Resizes with an antialiased triangle filter to any aspect ratio, as "bilinear" in PIL and torchvision.
 *
 *   out[i] = sum_j w_ij in[j] / sum_j w_ij,  w_ij = max(0, 1 - |(j + 0.5 - c_i) / s|),  c_i = (i + 0.5) n / m,  s = max(1, n / m)
 *
 * for n values to m values; rows first, then columns, rounded after each as in PIL. The linear kernel of libvips differs by up to 119 levels at sharp
 * edges.
 */
import type { Picture } from './picture.ts';

interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The picture at `height` x `width` pixels. */
export function resizePicture(picture: Picture, height: number, width: number): Picture {
  if (picture.height === height && picture.width === width) return picture;
  const { channels } = picture;
  const rows = picture.height;
  const across =
    picture.width === width
      ? picture.data
      : stretched(picture.data, {
          lines: rows,
          from: picture.width,
          to: width,
          step: channels,
          lineStep: picture.width * channels,
          outLineStep: width * channels,
          channels,
        });
  const data =
    rows === height
      ? across
      : stretched(across, {
          lines: width,
          from: rows,
          to: height,
          step: width * channels,
          lineStep: channels,
          outLineStep: channels,
          channels,
        });
  return { height, width, channels, data };
}

interface Pass {
  /** Number of lines, and their lengths before and after. */
  readonly lines: number;
  readonly from: number;
  readonly to: number;
  /** Distance between two values of a line and between two lines, in elements. */
  readonly step: number;
  readonly lineStep: number;
  readonly outLineStep: number;
  readonly channels: number;
}

function stretched(
  source: Picture['data'],
  { lines, from, to, step, lineStep, outLineStep, channels }: Pass,
): Picture['data'] {
  const taps = tapsOf(from, to);
  const count = lines * to * channels;
  const result = source instanceof Uint16Array ? new Uint16Array(count) : new Uint8Array(count);
  for (let line = 0; line < lines; line++) {
    for (const [i, { first, weights }] of taps.entries()) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++)
          sum += (weights[k] as number) * (source[line * lineStep + (first + k) * step + c] as number);
        result[line * outLineStep + i * step + c] = Math.round(sum);
      }
    }
  }
  return result;
}

function tapsOf(from: number, to: number): Taps[] {
  const ratio = from / to;
  const support = Math.max(1, ratio);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * ratio;
    const first = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(from, Math.floor(centre + support + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_unused, k) =>
      Math.max(0, 1 - Math.abs((first + k + 0.5 - centre) / support)),
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: weights.map((weight) => weight / total) };
  });
}
