/** Element types of files: how each is decoded, and the compact typed array that stores it. */
import { type NDArray, ndarray } from '../ndarray.ts';
import { type ByteSource, fillExactly, malformed, type Origin } from './byte-source.ts';
import { fromFloat16 } from './half-float.ts';

/** Typed arrays of decoded data, with at most 32 bits per element. */
export type Elements = Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Float32Array;

export type Storage = 'uint8' | 'int8' | 'uint16' | 'int16' | 'int32' | 'float32';

/** The constructor of each storage type. */
export const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
} as const satisfies Record<Storage, unknown>;

export function storageOfElements(data: Elements): Storage {
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint16Array) return 'uint16';
  if (data instanceof Int16Array) return 'int16';
  return data instanceof Int32Array ? 'int32' : 'float32';
}

/** Converts to another type; the caller guarantees that it can represent the numbers. */
export const convertElements = (data: Elements, storage: Storage): Elements =>
  storageOfElements(data) === storage ? data : arrays[storage].from(data);

/** An NDArray of the same numbers: integers of 8 and 16 bits become int32. */
export function arrayOfElements(shape: readonly number[], data: Elements): NDArray {
  if (data instanceof Float32Array) return ndarray('float32', shape, data);
  if (data instanceof Uint8Array) return ndarray('uint8', shape, data);
  return ndarray('int32', shape, Int32Array.from(data));
}

export interface ElementType {
  readonly bytes: number;
  readonly storage: Storage;
  /** True when the file's bytes in little-endian order are the bytes of the typed array. */
  readonly native: boolean;
  decode(view: DataView, at: number, littleEndian: boolean): number;
}

/** Keys are numpy's: kind and bytes. Integers of 64 bits and unsigned ones of 32 bits are stored as int32 if they fit, float64 and float16 as float32. */
export const elementTypes = {
  b1: { bytes: 1, storage: 'uint8', native: false, decode: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  u1: { bytes: 1, storage: 'uint8', native: true, decode: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, storage: 'int8', native: true, decode: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, storage: 'uint16', native: true, decode: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, storage: 'int16', native: true, decode: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, storage: 'int32', native: false, decode: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, storage: 'int32', native: true, decode: (view, at, little) => view.getInt32(at, little) },
  u8: {
    bytes: 8,
    storage: 'int32',
    native: false,
    decode: (view, at, little) => Number(view.getBigUint64(at, little)),
  },
  i8: { bytes: 8, storage: 'int32', native: false, decode: (view, at, little) => Number(view.getBigInt64(at, little)) },
  f2: {
    bytes: 2,
    storage: 'float32',
    native: false,
    decode: (view, at, little) => fromFloat16(view.getUint16(at, little)),
  },
  f4: { bytes: 4, storage: 'float32', native: true, decode: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, storage: 'float32', native: false, decode: (view, at, little) => view.getFloat64(at, little) },
} as const satisfies Record<string, ElementType>;

export type ElementCode = keyof typeof elementTypes;

/** Bytes of memory that `count` decoded elements take. */
export function storedBytes(type: ElementType, count: number): number {
  return count * arrays[type.storage].BYTES_PER_ELEMENT;
}

const scratchElements = 2 ** 15;

/**
 * Reads `count` elements directly into their array. The caller has checked `count` against the source's bound.
 *
 * @throws the origin's code when the source ends early or an integer does not fit 32 bits, naming the element
 */
export async function readElements(
  source: ByteSource,
  type: ElementType,
  littleEndian: boolean,
  count: number,
  origin: Origin,
): Promise<Elements> {
  const elements: Elements = new arrays[type.storage](count);
  const what = `the array of ${count} elements`;
  if (type.native && (littleEndian || type.bytes === 1)) {
    await fillExactly(source, new Uint8Array(elements.buffer), what, origin);
    return elements;
  }
  const scratch = new Uint8Array(Math.min(count, scratchElements) * type.bytes);
  const view = new DataView(scratch.buffer);
  for (let start = 0; start < count; start += scratchElements) {
    const length = Math.min(scratchElements, count - start);
    await fillExactly(source, scratch.subarray(0, length * type.bytes), what, origin);
    for (let i = 0; i < length; i++) {
      const value = type.decode(view, i * type.bytes, littleEndian);
      elements[start + i] = value;
      if (type.storage === 'int32' && elements[start + i] !== value) {
        malformed(origin, `element ${start + i} is ${value}, which does not fit a 32-bit integer`);
      }
    }
  }
  return elements;
}
