/**
 * Reads the stored numbers of a PNG without resolving its palette: in segmentation masks, the number of a pixel is its class.
 *
 * Format: W3C, Portable Network Graphics (Third Edition), sections 7.3 "Scanlines", 9 "Filtering", 10 "Compression", 8 "Interlacing".
 */
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { malformed, type Origin } from '../byte-source.ts';
import { checkPixels, type Picture, type PictureLimits } from './picture.ts';

const inflateAsync = promisify(inflate);

/** Samples per pixel by colour type: grey, colour, palette, grey and alpha, colour and alpha. */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Start and step of the columns and rows of each Adam7 pass. */
const passes = [
  [0, 8, 0, 8],
  [4, 8, 0, 8],
  [0, 4, 4, 8],
  [2, 4, 0, 4],
  [0, 2, 2, 4],
  [1, 2, 0, 2],
  [0, 1, 1, 2],
] as const;
const wholePass = [[0, 1, 0, 1]] as const;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly isInterlaced: boolean;
}

/**
 * One number a pixel: the index into the palette, or the grey value of 1 to 16 bits as stored.
 *
 * @throws the origin's code for damaged files and for colour pictures, which hold no classes; DATASET_TOO_LARGE beyond the limits
 */
export async function decodePngIndices(bytes: Uint8Array, origin: Origin, limits: PictureLimits): Promise<Picture> {
  const { header, packed } = readChunks(bytes, origin);
  const { width, height, depth, colour, isInterlaced } = header;
  checkPixels(width, height, limits, origin);
  const samples = samplesOf[colour] ?? malformed(origin, `is damaged: kind of colour ${colour}`);
  if (samples !== 1 && samples !== 2)
    malformed(origin, 'is a mask in colours; a mask holds one class id a pixel: grey, or with a palette');
  const layout = isInterlaced ? passes : wholePass;
  const extents = layout.map(([x0, dx, y0, dy]) => ({
    columns: Math.ceil((width - x0) / dx),
    rows: Math.ceil((height - y0) / dy),
  }));
  const rowBytes = (columns: number) => Math.ceil((columns * samples * depth) / 8);
  const total = extents.reduce((sum, { columns, rows }) => sum + (columns > 0 ? rows * (1 + rowBytes(columns)) : 0), 0);
  const raw = await inflateAsync(packed, { maxOutputLength: total + 1 }).catch((cause) =>
    malformed(origin, 'is cut off or damaged: its data cannot be inflated', cause),
  );
  if (raw.byteLength !== total)
    malformed(origin, `is cut off or damaged: ${raw.byteLength} bytes of pixels instead of ${total}`);
  const data = depth === 16 ? new Uint16Array(width * height) : new Uint8Array(width * height);
  let at = 0;
  layout.forEach(([x0, dx, y0, dy], pass) => {
    const { columns, rows } = extents[pass] ?? { columns: 0, rows: 0 };
    if (columns <= 0) return;
    let above: Uint8Array = new Uint8Array(rowBytes(columns));
    for (let row = 0; row < rows; row++) {
      const line = raw.subarray(at + 1, at + 1 + above.byteLength);
      unfilter(raw[at] ?? 0, line, above, Math.max(1, (samples * depth) >> 3), origin);
      at += 1 + above.byteLength;
      for (let column = 0; column < columns; column++)
        data[(y0 + row * dy) * width + x0 + column * dx] = sampleAt(line, column * samples, depth);
      above = line;
    }
  });
  return { height, width, channels: 1, data };
}

function sampleAt(line: Uint8Array, sample: number, depth: number): number {
  if (depth === 8) return line[sample] ?? 0;
  if (depth === 16) return (line[sample * 2] ?? 0) * 256 + (line[sample * 2 + 1] ?? 0);
  const bit = sample * depth;
  return ((line[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

function readChunks(bytes: Uint8Array, origin: Origin): { header: Header; packed: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let header: Header | null = null;
  for (let at = 8; at + 12 <= bytes.byteLength; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (at + 12 + length > bytes.byteLength)
      malformed(origin, `is cut off: the PNG file ends within its chunk ${type}`);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR' && length >= 13) {
      const [depth = 0, colour = 0, , , interlace = 0] = data.subarray(8);
      if (![1, 2, 4, 8, 16].includes(depth)) malformed(origin, `is damaged: ${depth} bits`);
      header = {
        width: view.getUint32(at + 8),
        height: view.getUint32(at + 12),
        depth,
        colour,
        isInterlaced: interlace === 1,
      };
    }
    if (type === 'IDAT') parts.push(data);
    at += 12 + length;
  }
  if (header === null || parts.length === 0)
    return malformed(origin, 'is cut off or damaged: a PNG without header or data');
  return { header, packed: Buffer.concat(parts) };
}

/** Reverses the filter of a scanline, in place. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number, origin: Origin): void {
  if (filter > 4) malformed(origin, `is damaged: filter ${filter}`);
  if (filter === 0) return;
  for (let i = 0; i < line.length; i++) {
    const a = i >= step ? (line[i - step] as number) : 0;
    const b = above[i] as number;
    const c = i >= step ? (above[i - step] as number) : 0;
    const predicted = filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c);
    line[i] = (line[i] as number) + predicted;
  }
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}
