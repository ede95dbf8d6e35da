/** Tensors of ONNX: element types, sizes that are checked before memory is taken, and elements that lie in further files. */
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { type StoredDtype, storedTypes } from '../../codecs/safetensors-dtypes.ts';
import { AppError } from '../../errors.ts';
import { type NDArray, sizeOf } from '../../ndarray.ts';
import type { Dtype } from '../../topology/operation-graph/graph.ts';
import type { AttributeProto, GraphProto, TensorProto } from './proto.ts';
import { damaged } from './wire.ts';

export interface ElementType {
  /** As computed with. */
  readonly dtype: Dtype;
  /** As safetensors calls it. */
  readonly stored: StoredDtype;
}

/** TensorProto.DataType; wider integers and floats are computed as int32 and float32. */
const types: Readonly<Record<number, ElementType>> = {
  1: { dtype: 'float32', stored: 'F32' },
  2: { dtype: 'int32', stored: 'U8' },
  3: { dtype: 'int32', stored: 'I8' },
  4: { dtype: 'int32', stored: 'U16' },
  5: { dtype: 'int32', stored: 'I16' },
  6: { dtype: 'int32', stored: 'I32' },
  7: { dtype: 'int32', stored: 'I64' },
  9: { dtype: 'bool', stored: 'BOOL' },
  10: { dtype: 'float32', stored: 'F16' },
  11: { dtype: 'float32', stored: 'F64' },
  16: { dtype: 'float32', stored: 'BF16' },
};

const names: Readonly<Record<number, string>> = {
  8: 'strings',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
};

export const typeName = (dataType: number): string => names[dataType] ?? `the element type ${dataType}`;

export const elementTypeOf = (dataType: number): ElementType | null => types[dataType] ?? null;

const typeOf = ({ name, dataType }: TensorProto): ElementType =>
  types[dataType] ?? damaged(`the tensor "${name}" holds ${typeName(dataType)}, which is not read`);

/** The shape of a tensor. Throws MODEL_MALFORMED for negative extents and for more elements than can be counted. */
export function shapeOf({ name, dims }: TensorProto): readonly number[] {
  if (dims.some((extent) => extent < 0) || !Number.isSafeInteger(sizeOf(dims)))
    damaged(`the tensor "${name}" has the shape [${dims}]`);
  return dims;
}

/** Fields in which elements lie as numbers, by the width in which the file keeps them. */
function listed(tensor: TensorProto): readonly number[] {
  const { stored } = typeOf(tensor);
  if (stored === 'F32') return tensor.floatData;
  if (stored === 'F64') return tensor.doubleData;
  return stored === 'I64' ? tensor.int64Data : tensor.int32Data;
}

/** The bytes of half floats that a file lists as whole numbers. */
const isHalf = (stored: StoredDtype) => stored === 'F16' || stored === 'BF16';

function rawOf(tensor: TensorProto): Uint8Array<ArrayBuffer> {
  const { stored } = typeOf(tensor);
  const { bytes: width } = storedTypes[stored];
  const count = sizeOf(shapeOf(tensor));
  if (tensor.rawData === null) {
    const values = listed(tensor);
    if (values.length !== count)
      damaged(`the tensor "${tensor.name}" holds ${values.length} elements, its shape needs ${count}`);
    return new Uint8Array(Uint16Array.from(values).buffer);
  }
  if (tensor.rawData.byteLength !== count * width)
    damaged(`the tensor "${tensor.name}" holds ${tensor.rawData.byteLength} bytes, its shape needs ${count * width}`);
  return new Uint8Array(tensor.rawData);
}

/** True where the elements are at hand. */
export const hasValues = (tensor: TensorProto): boolean => !tensor.isExternal || tensor.rawData !== null;

/** Integers must fit in 32 bits, floats become float32. Throws MODEL_MALFORMED, WEIGHTS_MALFORMED with the element. */
export function decodeTensor(tensor: TensorProto): NDArray {
  const { stored } = typeOf(tensor);
  const { name } = tensor;
  const refuse = (index: number, problem: string): never => {
    throw new AppError('WEIGHTS_MALFORMED', `"${name}", element ${index}: ${problem}`);
  };
  if (tensor.rawData !== null || isHalf(stored))
    return storedTypes[stored].decode(shapeOf(tensor), rawOf(tensor), refuse);
  const values = listed(tensor);
  const count = sizeOf(shapeOf(tensor));
  if (values.length !== count)
    damaged(`the tensor "${name}" holds ${values.length} elements, its shape needs ${count}`);
  const wide = stored === 'F64' || stored === 'F32' ? 'F64' : 'I64';
  const bytes = wide === 'F64' ? Float64Array.from(values) : BigInt64Array.from(values, BigInt);
  return storedTypes[wide].decode(shapeOf(tensor), new Uint8Array(bytes.buffer), refuse);
}

/** The elements as numbers, without a limit of 32 bits: bounds of slices are often the largest of 64. */
export function numbersOf(tensor: TensorProto): readonly number[] {
  const { stored } = typeOf(tensor);
  if (stored !== 'I64') return Array.from(decodeTensor(tensor).data);
  if (tensor.rawData === null) return tensor.int64Data;
  const raw = rawOf(tensor);
  return Array.from(new BigInt64Array(raw.buffer), Number);
}

const tensorsOf = ({ tensor, graph }: AttributeProto): TensorProto[] => [
  ...(tensor ? [tensor] : []),
  ...(graph ? allTensors(graph) : []),
];

/** Every tensor of a graph, those of its attributes too. */
export const allTensors = ({ initializers, nodes }: GraphProto): TensorProto[] => [
  ...initializers,
  ...nodes.flatMap(({ attributes }) => attributes.flatMap(tensorsOf)),
];

/** The names of uploads in their store, which lie beside each other and belong to nobody in common. */
const isDigest = (name: string) => /^[0-9a-f]{64}$/.test(name);

/** Further files lie beside the first, under plain names: nothing leads out of the upload. */
function placeOf(file: string, { name, externalData }: TensorProto): string {
  const location = externalData.get('location') ?? '';
  const plain = location.replace(/^\.\//, '');
  if (plain === '' || plain === '.' || plain === '..' || /[/\\\0]/.test(plain) || isDigest(plain))
    throw new AppError(
      'MODEL_MALFORMED',
      `keeps "${name}" in the file ${JSON.stringify(location)}; further files must lie beside the model under plain names, and be sent in the same upload; or save it whole with onnx.save_model(model, path, save_as_external_data=False)`,
    );
  return path.join(path.dirname(file), plain);
}

const wholeNumber = (text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : damaged(`an offset or length in another file is ${text}`);
};

/** Fills in the elements of tensors that lie in further files. Throws MODEL_MALFORMED for files that are missing or too short. */
export async function loadExternal(file: string, tensors: readonly TensorProto[]): Promise<void> {
  for (const tensor of tensors.filter((each) => !hasValues(each))) {
    const place = placeOf(file, tensor);
    const stats = await stat(place).catch(() => null);
    if (!stats?.isFile())
      throw new AppError(
        'MODEL_MALFORMED',
        `keeps "${tensor.name}" in the file ${path.basename(place)}, which is not there; send it in the same upload, beside the model`,
      );
    const length = sizeOf(shapeOf(tensor)) * storedTypes[typeOf(tensor).stored].bytes;
    const offset = wholeNumber(tensor.externalData.get('offset'), 0);
    const stated = wholeNumber(tensor.externalData.get('length'), length);
    if (stated !== length || offset + length > stats.size)
      damaged(
        `"${tensor.name}" needs ${length} bytes from ${offset} of ${path.basename(place)}, which has ${stats.size} bytes`,
      );
    tensor.rawData = await readPart(place, offset, length);
  }
}

async function readPart(place: string, offset: number, length: number): Promise<Uint8Array> {
  const handle = await open(place);
  try {
    const part = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const { bytesRead } = await handle.read(part, at, length - at, offset + at);
      if (bytesRead === 0) damaged(`${path.basename(place)} ended at byte ${offset + at}`);
      at += bytesRead;
    }
    return part;
  } finally {
    await handle.close();
  }
}
