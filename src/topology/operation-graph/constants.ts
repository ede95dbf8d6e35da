/** The elements of a constant, packed in the text of a graph and unpacked once. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { AppError } from '../../errors.ts';
import { sizeOf } from '../../ndarray.ts';
import type { Dtype, GraphConstant } from './graph.ts';

export type ConstantData = Float32Array | Int32Array | Uint8Array;

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

export const packConstant = (data: ConstantData): string =>
  deflateRawSync(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).toString('base64');

const unpacked = new WeakMap<GraphConstant, ConstantData>();

/** Throws MODEL_MALFORMED for data that are not what dtype and shape promise. */
export function constantData(constant: GraphConstant): ConstantData {
  const known = unpacked.get(constant);
  if (known) return known;
  const data = unpack(constant.data, constant.dtype, constant.shape, constant.name);
  unpacked.set(constant, data);
  return data;
}

function unpack(text: string, dtype: Dtype, shape: readonly number[], name: string): ConstantData {
  const count = sizeOf(shape);
  const bytes = count * arrays[dtype].BYTES_PER_ELEMENT;
  let content: Buffer;
  try {
    content = inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: Math.max(bytes, 1) });
  } catch (cause) {
    throw new AppError('MODEL_MALFORMED', `the constant "${name}" cannot be unpacked to ${bytes} bytes`, { cause });
  }
  if (content.byteLength !== bytes)
    throw new AppError(
      'MODEL_MALFORMED',
      `the constant "${name}" holds ${content.byteLength} bytes, its shape needs ${bytes}`,
    );
  const copy = new Uint8Array(content);
  return new arrays[dtype](copy.buffer, 0, count);
}
