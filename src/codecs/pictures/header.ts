/** Reads a picture's header before decoding: its kind, by content and not by file name, and its size where the header gives it. */

export type PictureKind = 'png' | 'jpeg' | 'gif' | 'webp' | 'tiff' | 'avif' | 'bmp' | 'pnm';

export interface PictureHeader {
  readonly kind: PictureKind;
  /** Null where only the decoder can determine it. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Bits per channel; null where only the decoder can determine it. */
  readonly depth: number | null;
  /** Null where only the decoder can determine it. */
  readonly isGrey: boolean | null;
  /** True for the channels cyan, magenta, yellow and black. */
  readonly isCmyk: boolean;
}

const latin1 = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The header; null for bytes that are not a picture of a known kind. */
export function readPictureHeader(bytes: Uint8Array): PictureHeader | null {
  if (latin1(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return pngHeader(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return jpegHeader(bytes);
  const kind = otherKind(bytes);
  return kind === null ? null : { kind, size: null, depth: null, isGrey: null, isCmyk: false };
}

function otherKind(bytes: Uint8Array): PictureKind | null {
  const start = latin1(bytes, 0, 16);
  if (/^GIF8[79]a/.test(start)) return 'gif';
  if (/^RIFF.{4}WEBP/s.test(start)) return 'webp';
  if (start.startsWith('II*\0') || start.startsWith('MM\0*') || start.startsWith('II+\0') || start.startsWith('MM\0+'))
    return 'tiff';
  if (/^.{4}ftyp(avif|avis|mif1|heic|heix)/s.test(start)) return 'avif';
  if (start.startsWith('BM')) return 'bmp';
  if (/^P[1-6][\s#]/.test(start)) return 'pnm';
  return null;
}

/** The first chunk, IHDR: width, height, bits, colour type. */
function pngHeader(bytes: Uint8Array): PictureHeader {
  if (bytes.byteLength < 26) return { kind: 'png', size: null, depth: null, isGrey: null, isCmyk: false };
  const view = viewOf(bytes);
  const colour = bytes[25] ?? 0;
  return {
    kind: 'png',
    size: { width: view.getUint32(16), height: view.getUint32(20) },
    depth: bytes[24] ?? 0,
    isGrey: colour === 0 || colour === 4,
    isCmyk: false,
  };
}

/** The first marker "start of frame": bits, height, width, number of components. */
function jpegHeader(bytes: Uint8Array): PictureHeader {
  const view = viewOf(bytes);
  for (let at = 2; at + 10 <= bytes.byteLength; ) {
    if (bytes[at] !== 0xff) break;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) {
      const components = bytes[at + 9] ?? 0;
      const size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
      return { kind: 'jpeg', size, depth: bytes[at + 4] ?? 0, isGrey: components === 1, isCmyk: components === 4 };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return { kind: 'jpeg', size: null, depth: null, isGrey: null, isCmyk: false };
}
