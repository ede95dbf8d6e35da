/**
 * Decodes PBM, PGM and PPM, plain and raw, with up to 16 bits.
 *
 * Format: https://netpbm.sourceforge.net/doc/pnm.html
 */
import { malformed, type Origin } from '../byte-source.ts';
import { checkPixels, type Picture, type PictureLimits } from './picture.ts';

/** Throws the origin's code for damaged files; DATASET_TOO_LARGE beyond the limits. */
export function decodePnm(bytes: Uint8Array, origin: Origin, limits: PictureLimits): Picture {
  const kind = (bytes[1] ?? 0) - 0x30;
  const isBits = kind === 1 || kind === 4;
  const isPlain = kind <= 3;
  const scan = createScanner(bytes, origin);
  const [width, height] = [scan.number(), scan.number()];
  const most = isBits ? 1 : scan.number();
  if (most < 1 || most > 65535) malformed(origin, `is damaged: its largest value is ${most}`);
  checkPixels(width, height, limits, origin);
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  const count = width * height * channels;
  const values = isPlain
    ? scan.plain(count, isBits)
    : isBits
      ? rawBits(scan.rest(), width, height, origin)
      : rawNumbers(scan.rest(), count, most, origin);
  return { height, width, channels, data: scaled(values, most, isBits, origin) };
}

/** Scales 8-bit values to 0..255 and wider ones to 0..65535; in a PBM, 1 is black. */
function scaled(values: Uint16Array, most: number, isBits: boolean, origin: Origin): Uint8Array | Uint16Array {
  if (isBits) return Uint8Array.from(values, (bit) => (bit === 0 ? 255 : 0));
  const top = most < 256 ? 255 : 65535;
  const data = top === 255 ? new Uint8Array(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value > most) malformed(origin, `is damaged: the value ${value} is above its largest value ${most}`);
    data[i] = most === top ? value : Math.round((value * top) / most);
  }
  return data;
}

function rawNumbers(bytes: Uint8Array, count: number, most: number, origin: Origin): Uint16Array {
  const width = most < 256 ? 1 : 2;
  if (bytes.byteLength < count * width)
    malformed(origin, `is cut off: ${count * width} bytes of pixels are promised, ${bytes.byteLength} are there`);
  return Uint16Array.from({ length: count }, (_, i) =>
    width === 1 ? (bytes[i] ?? 0) : (bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0),
  );
}

function rawBits(bytes: Uint8Array, width: number, height: number, origin: Origin): Uint16Array {
  const stride = Math.ceil(width / 8);
  if (bytes.byteLength < stride * height) malformed(origin, 'is cut off: the file ends within its pixels');
  const bits = new Uint16Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) bits[y * width + x] = ((bytes[y * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
  }
  return bits;
}

const isBlank = (byte: number | undefined) => byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Reads decimal numbers separated by blanks and comments, which extend from # to the end of the line. */
function createScanner(bytes: Uint8Array, origin: Origin) {
  let at = 2;
  const skipBlanks = () => {
    while (at < bytes.byteLength && (isBlank(bytes[at]) || bytes[at] === 0x23)) {
      if (bytes[at] === 0x23) while (at < bytes.byteLength && bytes[at] !== 0x0a) at++;
      else at++;
    }
  };
  const number = () => {
    skipBlanks();
    if (!isDigit(bytes[at])) malformed(origin, 'is cut off or damaged: a number is missing');
    let value = 0;
    for (; isDigit(bytes[at]); at++) value = Math.min(2 ** 31, value * 10 + (bytes[at] ?? 0) - 0x30);
    return value;
  };
  return {
    number,
    /** The data after the single blank that ends the header. */
    rest: () => bytes.subarray(at + 1),
    /** Reads plain numbers. Bits need no blanks between them. */
    plain(count: number, isBits: boolean): Uint16Array {
      if (count > bytes.byteLength) malformed(origin, 'is cut off: the file is shorter than its pixels');
      const values = new Uint16Array(count);
      for (let i = 0; i < count; i++) {
        if (!isBits) values[i] = Math.min(65535, number());
        else {
          skipBlanks();
          if (bytes[at] !== 0x30 && bytes[at] !== 0x31) malformed(origin, 'is cut off or damaged: a bit is missing');
          values[i] = (bytes[at++] ?? 0) - 0x30;
        }
      }
      return values;
    },
  };
}
