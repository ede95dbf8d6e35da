/**
 * safetensors: the weights format that PyTorch, JAX, Keras and numpy users share.
 *
 * Written tensors keep their order (larger elements first, so that each lies aligned), which readers give back by offset; metadata are sorted by key and
 * the header is padded to 8 bytes: equal weights in equal order give equal bytes.
 * Both ways work a tensor at a time, so memory stays at one copy of the weights.
 */
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import { type NDArray, sizeOf } from '../ndarray.ts';
import { type StoredDtype, storedDtypes, storedTypes } from './safetensors-dtypes.ts';
import {
  headerLength,
  isReservedName,
  parseHeader,
  type SafetensorsHeader,
  type StoredTensor,
} from './safetensors-header.ts';

export type { SafetensorsHeader, StoredTensor };

export interface Safetensors {
  /** In the order of the file. F64, F16 and BF16 become float32; I64, I16 and I8 int32; BOOL uint8. */
  readonly tensors: ReadonlyMap<string, NDArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file.
 *
 * @throws WEIGHTS_MALFORMED naming the file and the tensor; WEIGHTS_NOT_FOUND
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const file = await openFile(path);
  try {
    const { header, dataStart } = await readHeader(file, path);
    const tensors = new Map<string, NDArray>();
    for (const stored of header.tensors) {
      const bytes = await readExactly(file, dataStart + stored.begin, stored.end - stored.begin, path);
      tensors.set(stored.name, convert(stored, bytes, path));
    }
    return { tensors, metadata: header.metadata };
  } finally {
    await file.close();
  }
}

/** Reads and checks the header alone: names, dtypes, shapes and that the file holds the bytes it promises. Errors as `readSafetensors`. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const file = await openFile(path);
  try {
    return (await readHeader(file, path)).header;
  } finally {
    await file.close();
  }
}

/** Decodes a file held in memory; `source` is its name in messages. Errors as `readSafetensors`. The arrays are copies. */
export function decodeSafetensors(bytes: Uint8Array, source: string): Safetensors {
  const length = headerLength(bytes, bytes.byteLength, source);
  const data = bytes.subarray(8 + length);
  const header = parseHeader(bytes.subarray(8, 8 + length), data.byteLength, source);
  const entries = header.tensors.map((stored) => {
    const copy = new Uint8Array(data.subarray(stored.begin, stored.end));
    return [stored.name, convert(stored, copy, source)] as const;
  });
  return { tensors: new Map(entries), metadata: header.metadata };
}

/** A tensor of any type of the format, whose bytes are made when they are written. */
export interface StoredEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  bytes(): Uint8Array;
}

/** Bytes of the tensor in the file. */
export const bytesOfEntry = ({ dtype, shape }: StoredEntry): number => storedTypes[dtype].bytes * sizeOf(shape);

/**
 * The file as chunks: the header, then each tensor.
 *
 * @throws ARTIFACT_UNSUPPORTED for names that the format reserves
 */
export function* encodeStoredSafetensors(
  entries: readonly StoredEntry[],
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  // Wide elements first, so that all lie aligned; else in the given order.
  const sorted = [...entries].sort((a, b) => storedTypes[b.dtype].bytes - storedTypes[a.dtype].bytes);
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const header: [string, unknown][] = texts.length > 0 ? [['__metadata__', Object.fromEntries(texts)]] : [];
  let offset = 0;
  for (const entry of sorted) {
    const { name, dtype, shape } = entry;
    if (name === '__metadata__' || isReservedName(name)) {
      throw new AppError(
        'ARTIFACT_UNSUPPORTED',
        `a parameter named ${JSON.stringify(name)} cannot be stored in safetensors; rename its layer`,
      );
    }
    const end = offset + bytesOfEntry(entry);
    header.push([name, { dtype, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  yield encodeHeader(header);
  for (const entry of sorted) yield entry.bytes();
}

/** The same of arrays, which are written out of their own memory (not copied: do not change it while writing). */
export const encodeSafetensors = (
  tensors: ReadonlyMap<string, NDArray>,
  metadata: Readonly<Record<string, string>> = {},
): Generator<Uint8Array> => encodeStoredSafetensors(Array.from(tensors, entryOf), metadata);

const entryOf = ([name, { dtype, shape, data }]: readonly [string, NDArray]): StoredEntry => ({
  name,
  dtype: storedDtypes[dtype],
  shape,
  bytes: () => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

/** Writes a file that must not exist yet. Not fsynced. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, NDArray>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFile(path, encodeSafetensors(tensors, metadata), { flag: 'wx' });
}

/** Keys stay in the given order: an object literal would move names like "0" to the front. */
function encodeHeader(entries: readonly [string, unknown][]): Uint8Array {
  const body = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',');
  const json = new TextEncoder().encode(`{${body}}`);
  const length = Math.ceil(json.byteLength / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw new AppError('WEIGHTS_NOT_FOUND', `${path}: the weights file cannot be opened; does it exist?`, { cause });
  }
}

async function readHeader(file: FileHandle, path: string): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new AppError('WEIGHTS_MALFORMED', `${path}: is not a file`);
  const start = await readExactly(file, 0, Math.min(8, stats.size), path);
  const length = headerLength(start, stats.size, path);
  const dataStart = 8 + length;
  return { header: parseHeader(await readExactly(file, 8, length, path), stats.size - dataStart, path), dataStart };
}

/** One read call moves at most 2 GiB. */
const maxChunkBytes = 2 ** 30;

/** The bytes in memory of their own, so that arrays can lie on them. */
async function readExactly(
  file: FileHandle,
  position: number,
  length: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(maxChunkBytes, length - at), position + at);
    if (bytesRead === 0)
      throw new AppError('WEIGHTS_MALFORMED', `${path}: ended at byte ${position + at} while it was read`);
    at += bytesRead;
  }
  return bytes;
}

/** `bytes` must start at offset 0 of memory that may be kept. */
function convert({ name, dtype, shape }: StoredTensor, bytes: Uint8Array<ArrayBuffer>, source: string): NDArray {
  return storedTypes[dtype].decode(shape, bytes, (index, problem) => {
    const message = `${source}: tensor ${JSON.stringify(name)}: element ${index} of its ${dtype} data: ${problem}`;
    throw new AppError('WEIGHTS_MALFORMED', message, { details: { source, tensor: name } });
  });
}
