/** The element types of safetensors and their conversion to NDArray types: exact, rounded to float32, or refused. */
import { type DType, type NDArray, ndarray } from '../ndarray.ts';
import { fromBfloat16, fromFloat16 } from './half-float.ts';

interface StoredType {
  /** Bytes of one element. */
  readonly bytes: number;
  /** Converts `raw`, which begins at offset 0 of its own buffer and may be kept. `refuse` throws an error with the index of an element. */
  decode(
    shape: readonly number[],
    raw: Uint8Array<ArrayBuffer>,
    refuse: (index: number, problem: string) => never,
  ): NDArray;
}

type ReadElement = (view: DataView, at: number) => number;

const toFloat32 = (bytes: number, read: ReadElement): StoredType => ({
  bytes,
  decode(shape, raw, refuse) {
    const view = new DataView(raw.buffer);
    const data = new Float32Array(raw.byteLength / bytes);
    for (let index = 0; index < data.length; index++) {
      const value = read(view, index * bytes);
      data[index] = value;
      if (Number.isFinite(value) && !Number.isFinite(data[index])) refuse(index, `${value} does not fit in float32`);
    }
    return ndarray('float32', shape, data);
  },
});

const toInt32 = (bytes: number, read: ReadElement): StoredType => ({
  bytes,
  decode(shape, raw, refuse) {
    const view = new DataView(raw.buffer);
    const data = new Int32Array(raw.byteLength / bytes);
    for (let index = 0; index < data.length; index++) {
      const value = read(view, index * bytes);
      data[index] = value;
      if (data[index] !== value) refuse(index, `${value} does not fit in int32`);
    }
    return ndarray('int32', shape, data);
  },
});

/** Types that no parameter has (states of random generators, steps of optimizers): kept as bytes, so that the other tensors can be read. */
const asBytes = (bytes: number): StoredType => ({
  bytes,
  decode: (shape, raw) => ndarray('uint8', [...shape, bytes], raw),
});

const asUint8: StoredType = { bytes: 1, decode: (shape, raw) => ndarray('uint8', shape, raw) };

// Arrays use the file's little-endian bytes directly: like TensorFlow, this requires a little-endian machine.
export const storedTypes = {
  F64: toFloat32(8, (view, at) => view.getFloat64(at, true)),
  F32: { bytes: 4, decode: (shape, raw) => ndarray('float32', shape, new Float32Array(raw.buffer)) },
  F16: toFloat32(2, (view, at) => fromFloat16(view.getUint16(at, true))),
  BF16: toFloat32(2, (view, at) => fromBfloat16(view.getUint16(at, true))),
  I64: toInt32(8, (view, at) => Number(view.getBigInt64(at, true))),
  I32: { bytes: 4, decode: (shape, raw) => ndarray('int32', shape, new Int32Array(raw.buffer)) },
  I16: toInt32(2, (view, at) => view.getInt16(at, true)),
  I8: toInt32(1, (view, at) => view.getInt8(at)),
  U64: asBytes(8),
  U32: asBytes(4),
  U16: toInt32(2, (view, at) => view.getUint16(at, true)),
  U8: asUint8,
  BOOL: asUint8,
} as const satisfies Record<string, StoredType>;

export type StoredDtype = keyof typeof storedTypes;

/** The dtype in the file for each dtype of NDArray. */
export const storedDtypes = { float32: 'F32', int32: 'I32', uint8: 'U8' } as const satisfies Record<DType, StoredDtype>;
