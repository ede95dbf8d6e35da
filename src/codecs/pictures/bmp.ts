/**
 * Decodes uncompressed Windows bitmaps: 1, 4 and 8 bits with a palette, 24 and 32 bits, and 16 and 32 bits with masks.
 *
 * Format: Microsoft, "Bitmap Storage": https://learn.microsoft.com/windows/win32/gdi/bitmap-storage
 */
import { malformed, type Origin } from '../byte-source.ts';
import { checkPixels, type Picture, type PictureLimits } from './picture.ts';

interface Header {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bits: number;
  readonly dataAt: number;
  /** Bit masks of red, green and blue in a pixel of 16 or 32 bits. */
  readonly masks: readonly [number, number, number] | null;
  readonly paletteAt: number;
  readonly paletteEntryBytes: number;
}

/** Throws the origin's code for damaged and compressed files; DATASET_TOO_LARGE beyond the limits. */
export function decodeBmp(bytes: Uint8Array, origin: Origin, limits: PictureLimits): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 26) malformed(origin, 'is cut off: a BMP picture has a longer header');
  const header = readHeader(view, origin);
  const { width, height, bits, dataAt, isTopDown } = header;
  checkPixels(width, height, limits, origin);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (dataAt + stride * height > bytes.byteLength) malformed(origin, 'is cut off: the BMP file ends within its pixels');
  const palette = bits <= 8 ? readPalette(view, header) : null;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = dataAt + stride * (isTopDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) writePixel(view, row, x, header, palette, data, (y * width + x) * 3);
  }
  return palette !== null && isGreyRamp(palette) ? greyOf(data, width, height) : { height, width, channels: 3, data };
}

function readHeader(view: DataView, origin: Origin): Header {
  const dataAt = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  if (headerBytes === 12) {
    const [width, height, bits] = [view.getUint16(18, true), view.getUint16(20, true), view.getUint16(24, true)];
    return {
      width,
      height,
      isTopDown: false,
      bits: checkBits(bits, origin),
      dataAt,
      masks: null,
      paletteAt: 26,
      paletteEntryBytes: 3,
    };
  }
  if (headerBytes < 40 || 14 + headerBytes > view.byteLength)
    malformed(origin, `is damaged: a BMP header of ${headerBytes} bytes`);
  const height = view.getInt32(22, true);
  const bits = checkBits(view.getUint16(28, true), origin);
  const compression = view.getUint32(30, true);
  if (compression !== 0 && compression !== 3 && compression !== 6)
    malformed(origin, 'is a compressed BMP picture, which is not read; save it as PNG');
  const hasMasks = compression !== 0 && view.byteLength >= 66;
  const masks = hasMasks
    ? ([view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)] as const)
    : bits === 16
      ? ([0x7c00, 0x03e0, 0x001f] as const)
      : null;
  return {
    width: view.getInt32(18, true),
    height: Math.abs(height),
    isTopDown: height < 0,
    bits,
    dataAt,
    masks,
    paletteAt: 14 + headerBytes,
    paletteEntryBytes: 4,
  };
}

function checkBits(bits: number, origin: Origin): number {
  return [1, 4, 8, 16, 24, 32].includes(bits)
    ? bits
    : malformed(origin, `is a BMP picture of ${bits} bits, which is not read`);
}

/** Red, green, blue of every palette entry in the file. */
function readPalette(view: DataView, { bits, paletteAt, paletteEntryBytes, dataAt }: Header): Uint8Array {
  const room = Math.floor((Math.min(dataAt, view.byteLength) - paletteAt) / paletteEntryBytes);
  const count = Math.max(0, Math.min(2 ** bits, room));
  const palette = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) palette[i * 3 + c] = view.getUint8(paletteAt + i * paletteEntryBytes + 2 - c);
  }
  return palette;
}

function writePixel(
  view: DataView,
  row: number,
  x: number,
  { bits, masks }: Header,
  palette: Uint8Array | null,
  data: Uint8Array,
  at: number,
): void {
  if (palette !== null) {
    const perByte = 8 / bits;
    const byte = view.getUint8(row + Math.floor(x / perByte));
    const index = (byte >> (8 - bits * ((x % perByte) + 1))) & (2 ** bits - 1);
    for (let c = 0; c < 3; c++) data[at + c] = palette[index * 3 + c] ?? 0;
    return;
  }
  const from = row + (x * bits) / 8;
  if (masks === null) {
    for (let c = 0; c < 3; c++) data[at + c] = view.getUint8(from + 2 - c);
    return;
  }
  const pixel = bits === 16 ? view.getUint16(from, true) : view.getUint32(from, true);
  masks.forEach((mask, c) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    const most = mask >>> shift;
    data[at + c] = most === 0 ? 0 : Math.floor((((pixel & mask) >>> shift) * 255) / most);
  });
}

/** True for a palette of grey levels; the picture then has one channel. */
const isGreyRamp = (palette: Uint8Array) => {
  for (let at = 0; at < palette.length; at += 3)
    if (palette[at] !== palette[at + 1] || palette[at] !== palette[at + 2]) return false;
  return true;
};

function greyOf(rgb: Uint8Array, width: number, height: number): Picture {
  return { height, width, channels: 1, data: Uint8Array.from({ length: width * height }, (_, p) => rgb[p * 3] ?? 0) };
}
