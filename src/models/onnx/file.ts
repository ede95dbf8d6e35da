/** An ONNX file: what is told by its first bytes and its outermost fields, and the message in it. */
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { AppError } from '../../errors.ts';
import { type ModelProto, readModelProto } from './proto.ts';

/** Protocol buffers hold no larger message. */
const maxFileBytes = 2 ** 31;

/** Tags of ModelProto with one byte: ir_version first, in the order in which all tools write. */
const secondTags = new Set([0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72]);

/**
 * True for first bytes such as those of an ONNX file: ir_version (3 or later, which SavedModels never have there), then another field of ModelProto.
 */
export const looksLikeOnnx = (head: Uint8Array): boolean =>
  head[0] === 0x08 && (head[1] ?? 0) >= 3 && (head[1] ?? 0) < 64 && secondTags.has(head[2] ?? 0);

/** Field numbers of ModelProto, and whether they have a length. */
const fields: Readonly<Record<number, 0 | 2>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
};

/** A varint at a place: its value and the bytes that it takes; null where there is none. */
function varint(bytes: Uint8Array, start: number): { value: number; next: number } | null {
  let value = 0;
  for (let at = start; at < Math.min(bytes.length, start + 10); at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return null;
}

const headBytes = 20;
const maxFields = 10_000;

/** Follows the outermost fields to the end of the file, which must come exactly where the last of them ends. */
async function isModel(handle: FileHandle, size: number): Promise<boolean> {
  let at = 0;
  let graphs = 0;
  for (let count = 0; at < size && count < maxFields; count++) {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(headBytes), 0, headBytes, at);
    const bytes = buffer.subarray(0, bytesRead);
    const tag = varint(bytes, 0);
    const content = tag && varint(bytes, tag.next);
    if (!tag || !content) return false;
    const field = tag.value >>> 3;
    if (fields[field] !== (tag.value & 7)) return false;
    if (field === 7) graphs += 1;
    at += content.next + (fields[field] === 2 ? content.value : 0);
  }
  return at === size && graphs === 1;
}

/** Whether a file is an ONNX model, by its whole outermost structure; false for all else and for files that are cut off. */
export async function isOnnxFile(file: string): Promise<boolean> {
  const { size } = await stat(file);
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(new Uint8Array(headBytes), 0, headBytes, 0);
    return looksLikeOnnx(buffer) && (await isModel(handle, size));
  } finally {
    await handle.close();
  }
}

/** Throws MODEL_TOO_LARGE, MODEL_MALFORMED. */
export async function readOnnxFile(file: string): Promise<ModelProto> {
  const { size } = await stat(file);
  if (size > maxFileBytes)
    throw new AppError(
      'MODEL_TOO_LARGE',
      `has ${size} bytes, at most ${maxFileBytes} are read; keep its tensors in a further file`,
    );
  return readModelProto(await readFile(file));
}
