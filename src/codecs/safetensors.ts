/**
 * safetensors: a weights format that PyTorch, JAX, Keras and numpy share.
 *
 * Tensors are written in the given order, except that larger element types come first, which keeps all of them aligned; readers list them by offset.
 * Metadata are sorted by key and the header is padded to 8 bytes, so that equal weights in equal order give equal bytes.
 * Reading and writing process one tensor at a time, so that memory holds one copy of the weights.
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
  /** Tensors in the order of the file. F64, F16 and BF16 become float32; I64, I16 and I8 become int32; BOOL becomes uint8. */
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

/** Reads and checks only the header: names, dtypes, shapes, and that the file is large enough. Throws the errors of `readSafetensors`. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const file = await openFile(path);
  try {
    return (await readHeader(file, path)).header;
  } finally {
    await file.close();
  }
}

/** Decodes a file in memory; `source` is its name in messages. The arrays are copies. Throws the errors of `readSafetensors`. */
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

/** A tensor of any element type of the format; its bytes are created when it is written. */
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
  // Wide element types come first, so that all tensors are aligned; otherwise the given order is kept.
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

/** The file as chunks for arrays, whose memory is written directly (not copied, and not to be changed until it is written). */
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

/** Writes a new file; fails where it exists. The file is not fsynced. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, NDArray>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFile(path, encodeSafetensors(tensors, metadata), { flag: 'wx' });
}

/** JSON of the header with keys in the given order. An object would move integer-like keys such as "0" to the front. */
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

/** Most bytes of one read call; the system limits a call to 2 GiB. */
const maxChunkBytes = 2 ** 30;

/** Reads exactly so many bytes into newly allocated memory, which arrays can use directly. */
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

/** Converts a tensor. `bytes` begins at offset 0 of its own buffer, which the array may keep. */
function convert({ name, dtype, shape }: StoredTensor, bytes: Uint8Array<ArrayBuffer>, source: string): NDArray {
  return storedTypes[dtype].decode(shape, bytes, (index, problem) => {
    const message = `${source}: tensor ${JSON.stringify(name)}: element ${index} of its ${dtype} data: ${problem}`;
    throw new AppError('WEIGHTS_MALFORMED', message, { details: { source, tensor: name } });
  });
}
