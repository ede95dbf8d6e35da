/** Encodes numbers as an element type of safetensors, so that weights are written in the type in which the framework saved them. */
import { type StoredDtype, storedTypes } from './safetensors-dtypes.ts';

const word = new DataView(new ArrayBuffer(4));

/** The nearest bfloat16, ties to even: the upper half of a float32. */
export function toBfloat16(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

const roundHalfEven = (value: number): number => {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
};

/** The nearest IEEE 754 binary16, ties to even. */
export function toFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundHalfEven(size * 2 ** 24); // subnormal; a carry makes the smallest normal number
  const exponent = Math.floor(Math.log2(size));
  const lowered = 2 ** exponent > size ? exponent - 1 : exponent;
  return sign | (((lowered + 15) << 10) + roundHalfEven((size / 2 ** lowered - 1) * 1024));
}

type Write = (view: DataView, at: number, value: number) => void;

const writers: Readonly<Record<StoredDtype, Write>> = {
  F64: (view, at, value) => view.setFloat64(at, value, true),
  F32: (view, at, value) => view.setFloat32(at, value, true),
  F16: (view, at, value) => view.setUint16(at, toFloat16(value), true),
  BF16: (view, at, value) => view.setUint16(at, toBfloat16(value), true),
  I64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  I32: (view, at, value) => view.setInt32(at, value, true),
  I16: (view, at, value) => view.setInt16(at, value, true),
  I8: (view, at, value) => view.setInt8(at, value),
  U64: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  U32: (view, at, value) => view.setUint32(at, value, true),
  U16: (view, at, value) => view.setUint16(at, value, true),
  U8: (view, at, value) => view.setUint8(at, value),
  BOOL: (view, at, value) => view.setUint8(at, value === 0 ? 0 : 1),
};

/** The bytes of `data` in the type `dtype`, little-endian. */
export function encodeStored(data: ArrayLike<number>, dtype: StoredDtype): Uint8Array {
  if (dtype === 'F32' && data instanceof Float32Array)
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const { bytes: width } = storedTypes[dtype];
  const write = writers[dtype];
  const bytes = new Uint8Array(data.length * width);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < data.length; index++) write(view, index * width, data[index] as number);
  return bytes;
}
