/** Tensors of an archive: storages with sizes, strides and offsets. Two tensors are tied where all of these agree, and only where there are bytes. */
import { storedTypes } from '../../codecs/safetensors-dtypes.ts';
import { AppError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { type NDArray, sizeOf } from '../../ndarray.ts';
import { malformed } from './archive.ts';
import { objectOf, type StoredType, type TensorMeta, tensorMeta, textOf } from './schema.ts';

export interface StoredTensor {
  readonly name: string;
  /** Path of its storage in the archive, behind the root. */
  readonly path: string;
  readonly isParameter: boolean;
  readonly meta: TensorMeta & { readonly type: StoredType };
  /** False in archives that were exported on the meta device. */
  readonly hasValues: boolean;
  /** Equal for tied tensors. */
  readonly key: string;
}

/** The tensors that a configuration describes, by name. Throws MODEL_MALFORMED. */
export function storedTensors(
  config: JsonObject,
  folder: 'data/weights' | 'data/constants',
  sizes: ReadonlyMap<string, number>,
): Map<string, StoredTensor> {
  return new Map(
    Object.entries(config).map(([name, value]): [string, StoredTensor] => {
      const entry = objectOf(value, `the description of "${name}"`);
      if (entry.use_pickle === true)
        malformed(`holds "${name}" as a pickle, which runs code when it is read; export without tensor subclasses`);
      const path = `${folder}/${textOf(entry.path_name, `the file of "${name}"`)}`;
      const meta = tensorMeta(entry.tensor_meta, `the description of "${name}"`);
      const { type } = meta;
      if (type === null) return malformed(`holds "${name}" in a type that is not read (complex or quantised)`);
      const bytes = sizes.get(path) ?? malformed(`lacks ${path}, the values of "${name}"`);
      const isEmpty = meta.hints.includes(0);
      const hasValues = isEmpty || bytes > 0;
      const key = hasValues && !isEmpty ? `${path}|${meta.offset}|${meta.hints}|${meta.strides}` : `|${name}`;
      return [name, { name, path, isParameter: entry.is_param === true, meta: { ...meta, type }, hasValues, key }];
    }),
  );
}

/** The elements in row-major order. */
function contiguous(storage: Uint8Array, { meta, name }: StoredTensor, width: number): Uint8Array<ArrayBuffer> {
  const { hints: shape, offset } = meta;
  const count = sizeOf(shape);
  const strides = meta.strides ?? shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const last = shape.reduce((at, extent, axis) => at + (extent - 1) * (strides[axis] ?? 0), offset);
  if (count > 0 && (last + 1) * width > storage.byteLength)
    malformed(`"${name}" reaches beyond its ${storage.byteLength} bytes of storage`);
  const bytes = new Uint8Array(count * width);
  const place = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let index = 0; index < count; index++) {
    for (let byte = 0; byte < width; byte++) bytes[index * width + byte] = storage[at * width + byte] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1;
      at += strides[axis] as number;
      if ((place[axis] as number) < (shape[axis] as number)) break;
      at -= (shape[axis] as number) * (strides[axis] as number);
      place[axis] = 0;
    }
  }
  return bytes;
}

const isRowMajor = ({ hints, strides }: TensorMeta) => {
  let size = 1;
  for (let axis = hints.length - 1; axis >= 0; axis--) {
    if (hints[axis] !== 1 && strides !== null && strides[axis] !== size) return false;
    size *= hints[axis] as number;
  }
  return true;
};

/** Integers of 64 bits must fit 32; floats become float32. Throws WEIGHTS_MALFORMED with the element. */
export function decodeTensor(tensor: StoredTensor, storage: Uint8Array): NDArray {
  const { meta, name } = tensor;
  const type = storedTypes[meta.type.stored as keyof typeof storedTypes];
  const count = sizeOf(meta.hints);
  const begin = meta.offset * type.bytes;
  const end = begin + count * type.bytes;
  const bytes =
    isRowMajor(meta) && end <= storage.byteLength
      ? new Uint8Array(storage.subarray(begin, end))
      : contiguous(storage, tensor, type.bytes);
  return type.decode(meta.hints, bytes, (index, problem) => {
    throw new AppError('WEIGHTS_MALFORMED', `"${name}", element ${index}: ${problem}`);
  });
}
