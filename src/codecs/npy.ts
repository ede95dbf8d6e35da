/**
 * npy: one numpy array in a file. All numeric dtypes in both byte orders are read, versions 1 to 3; float32, int32 and uint8 are written.
 *
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { AppError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';
import { type ByteSource, expectEnd, malformed, memorySource, type Origin, readBytes } from './byte-source.ts';
import { type Elements, elementTypes, readElements, storedBytes } from './elements.ts';
import { type NpyHeader, parseNpyDictionary, type TextType } from './npy-header.ts';

export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major. 64-bit integers become int32, float64 and float16 become float32, bool becomes uint8. */
  readonly elements: Elements;
  readonly kind: 'bool' | 'integer' | 'float';
  /** For an array of text: its distinct texts. The elements are indexes into this list. */
  readonly names?: readonly string[];
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // "\x93NUMPY"
/** Longest header that is accepted; numpy refuses headers above 10,000 characters by default. */
const maxHeaderBytes = 2 ** 16;

/** True for the first bytes of an npy file. */
export function isNpy(head: Uint8Array): boolean {
  return magic.every((byte, at) => head[at] === byte);
}

/**
 * Reads one array up to the end of `source`, directly into its memory.
 *
 * @throws the origin's code for truncated, inconsistent or unsupported files; DATASET_TOO_LARGE when the array would take more than `maxBytes`
 */
export async function readNpy(source: ByteSource, maxBytes: number, origin: Origin): Promise<NpyArray> {
  const { type, littleEndian, fortranOrder, shape, count } = await readHeader(source, origin);
  if (typeof type !== 'string' && origin.code === 'WEIGHTS_MALFORMED')
    malformed(origin, 'holds text, and weights are numbers');
  if (typeof type !== 'string') return readText(source, type, littleEndian, shape, count, maxBytes, origin);
  const elementType = elementTypes[type];
  if (count * elementType.bytes > source.bound()) {
    const needed = `an array of shape [${shape}] needs ${count * elementType.bytes} bytes`;
    malformed(origin, `truncated: ${needed}, the file can hold at most ${source.bound()}`);
  }
  if (storedBytes(elementType, count) > maxBytes) {
    const problem = `an array of shape [${shape}] takes ${storedBytes(elementType, count)} bytes`;
    throw new AppError('DATASET_TOO_LARGE', `${origin.name}: ${problem}, the limit leaves ${maxBytes}`);
  }
  const elements = await readElements(source, elementType, littleEndian, count, origin);
  await expectEnd(source, `an array of shape [${shape}]`, origin);
  const kind = type === 'b1' ? 'bool' : elementType.storage === 'float32' ? 'float' : 'integer';
  return { shape, elements: fortranOrder ? toRowMajor(elements, shape) : elements, kind };
}

const textPerRead = 4096;
const maxTextBytes = 2 ** 16;

/** Reads text labels as the list of distinct texts and an index for each element. */
async function readText(
  source: ByteSource,
  { kind, length, bytes }: TextType,
  littleEndian: boolean,
  shape: readonly number[],
  count: number,
  maxBytes: number,
  origin: Origin,
): Promise<NpyArray> {
  const needed = `an array of ${count} texts of ${length} characters needs ${count * bytes} bytes`;
  if (bytes === 0 || bytes > maxTextBytes) malformed(origin, `holds text of ${length} characters, which is no label`);
  if (shape.length !== 1) malformed(origin, `holds text of shape [${shape}]; labels are one text a sample`);
  if (count * bytes > source.bound())
    malformed(origin, `truncated: ${needed}, the file can hold at most ${source.bound()}`);
  if (count * 4 > maxBytes)
    throw new AppError('DATASET_TOO_LARGE', `${origin.name}: ${needed}, the limit leaves ${maxBytes}`);
  const positions = new Map<string, number>();
  const elements = new Int32Array(count);
  const decode = kind === 'U' ? decodeCodePoints : decodeBytes;
  for (let start = 0; start < count; start += textPerRead) {
    const texts = Math.min(textPerRead, count - start);
    const chunk = await readBytes(source, texts * bytes, 'the texts', origin);
    for (let i = 0; i < texts; i++) {
      const text = decode(chunk.subarray(i * bytes, (i + 1) * bytes), littleEndian);
      if (text === null) return malformed(origin, `element ${start + i} is no text of UTF-8 or Unicode`);
      const position = positions.get(text) ?? positions.size;
      positions.set(text, position);
      elements[start + i] = position;
    }
  }
  await expectEnd(source, `an array of shape [${shape}]`, origin);
  return { shape, elements, kind: 'integer', names: [...positions.keys()] };
}

/** Decodes UTF-32 that is padded with zeros; null for invalid code points. */
function decodeCodePoints(bytes: Uint8Array, littleEndian: boolean): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.byteLength; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (point > 0x10ffff) return null;
    text += String.fromCodePoint(point);
  }
  return text.replace(/\0+$/, '');
}

function decodeBytes(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\0+$/, '');
  } catch {
    return null;
  }
}

/** Decodes an npy file in memory. Throws the errors of `readNpy`. */
export function decodeNpy(bytes: Uint8Array, origin: Origin): Promise<NpyArray> {
  return readNpy(memorySource(bytes), Number.MAX_SAFE_INTEGER, origin);
}

const descriptions = { float32: '<f4', int32: '<i4', uint8: '|u1' } as const;

/** The file as two chunks: the header (version 1, padded to 64 bytes as numpy does), then the memory of the array. */
export function encodeNpy({ dtype, shape, data }: NDArray): readonly [Uint8Array, Uint8Array] {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = new Uint8Array(length).fill(0x20);
  header.set([...magic, 1, 0]);
  new DataView(header.buffer).setUint16(8, length - 10, true);
  header.set(new TextEncoder().encode(text), 10);
  header[length - 1] = 0x0a;
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

async function readHeader(source: ByteSource, origin: Origin): Promise<NpyHeader> {
  const start = await readBytes(source, 8, 'the npy magic', origin);
  if (!isNpy(start)) malformed(origin, 'is not an npy array: it does not start with \\x93NUMPY');
  const version = start[6] ?? 0;
  if (version < 1 || version > 3) malformed(origin, `npy version ${version} is unknown; versions 1 to 3 are read`);
  const lengthBytes = await readBytes(source, version === 1 ? 2 : 4, 'the npy header length', origin);
  const view = new DataView(lengthBytes.buffer);
  const length = version === 1 ? view.getUint16(0, true) : view.getUint32(0, true);
  if (length > maxHeaderBytes) malformed(origin, `an npy header of ${length} bytes is beyond reason`);
  const bytes = await readBytes(source, length, 'the npy header', origin);
  return parseNpyDictionary(new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes), origin);
}

/** Converts column-major to row-major order. */
function toRowMajor(elements: Elements, shape: readonly number[]): Elements {
  if (shape.length < 2) return elements;
  const result = elements.slice();
  const strides: number[] = [];
  for (let axis = 0, stride = 1; axis < shape.length; axis++) {
    strides.push(stride);
    stride *= shape[axis] ?? 1;
  }
  const index = new Array<number>(shape.length).fill(0);
  for (let target = 0, from = 0; target < result.length; target++) {
    result[target] = elements[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      from += strides[axis] ?? 0;
      index[axis] = next;
      if (next < (shape[axis] ?? 1)) break;
      from -= next * (strides[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return result;
}
