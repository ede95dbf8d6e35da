/** Reads the weights of a tfjs model.json and its shards, and checks that the manifest and the shards agree. */
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fromFloat16 } from '../codecs/half-float.ts';
import { isReservedName } from '../codecs/safetensors-header.ts';
import { AppError } from '../errors.ts';
import { isJsonObject, type JsonObject, show } from '../json.ts';
import { type NDArray, ndarray, sizeOf } from '../ndarray.ts';

/** Most bytes of a model.json. Real ones are far smaller, because the weights lie in the shards. */
const maxModelBytes = 2 ** 28;

interface Entry {
  readonly name: string;
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly stored: Stored;
}

/** How a tensor is encoded in the shards: unchanged, quantised (value = stored * scale + min), or as float16. */
interface Stored {
  readonly bytes: 1 | 2 | 4;
  readonly kind: 'plain' | 'affine' | 'float16';
  readonly scale: number;
  readonly min: number;
}

interface Group {
  readonly paths: readonly string[];
  readonly weights: readonly Entry[];
}

/**
 * Every weight of the manifest, under its name there; bool becomes uint8.
 *
 * @param file path of model.json; the shards are looked for in its folder
 * @throws WEIGHTS_MALFORMED naming the weight or the shard
 */
export async function readTfjsWeights(file: string): Promise<Map<string, NDArray>> {
  const weights = new Map<string, NDArray>();
  for (const group of parseManifest(await readJson(file), file)) {
    const buffer = await readShards(group, file);
    let at = 0;
    for (const { name, dtype, shape, stored } of group.weights) {
      if (weights.has(name)) throw malformed(file, `weight ${JSON.stringify(name)} appears twice`);
      const length = byteLength({ shape, stored });
      // A typed array needs an aligned buffer, and a weight of odd length (bool) leaves the next one unaligned: hence a copy.
      const bytes = buffer.slice(at, at + length);
      weights.set(name, decode({ dtype, shape, stored }, bytes));
      at += length;
    }
  }
  return weights;
}

/** Float32 values from quantised or float16 ones. */
function expand({ kind, bytes, scale, min }: Stored, raw: ArrayBuffer): Float32Array {
  const small = bytes === 1 ? new Uint8Array(raw) : new Uint16Array(raw);
  const number = kind === 'float16' ? fromFloat16 : (value: number) => value * scale + min;
  return Float32Array.from(small, number);
}

function decode({ dtype, shape, stored }: Omit<Entry, 'name'>, raw: ArrayBuffer): NDArray {
  if (dtype === 'bool') return ndarray('uint8', shape, new Uint8Array(raw));
  if (stored.kind === 'plain')
    return dtype === 'float32'
      ? ndarray('float32', shape, new Float32Array(raw))
      : ndarray('int32', shape, new Int32Array(raw));
  const values = expand(stored, raw);
  return dtype === 'float32'
    ? ndarray('float32', shape, values)
    : ndarray('int32', shape, Int32Array.from(values, Math.round));
}

const byteLength = ({ shape, stored }: Pick<Entry, 'shape' | 'stored'>) => sizeOf(shape) * stored.bytes;

/** Reads the entry `quantization` that the TensorFlow.js converter writes. */
function parseStored(entry: JsonObject, fail: (problem: string) => Error): Stored {
  const { quantization, dtype } = entry;
  const plain: Stored = { bytes: dtype === 'bool' ? 1 : 4, kind: 'plain', scale: 1, min: 0 };
  if (quantization === undefined) return plain;
  if (!isJsonObject(quantization) || dtype === 'bool') throw fail(`quantization ${show(quantization)} is not known`);
  const { scale, min } = quantization;
  if (quantization.dtype === 'float16') return { ...plain, bytes: 2, kind: 'float16' };
  const bytes = quantization.dtype === 'uint8' ? 1 : quantization.dtype === 'uint16' ? 2 : null;
  if (bytes === null || typeof scale !== 'number' || typeof min !== 'number')
    throw fail(
      `quantization ${show(quantization)} is not known; known are uint8, uint16 (with scale and min) and float16`,
    );
  return { bytes, kind: 'affine', scale, min };
}

async function readJson(file: string): Promise<unknown> {
  const { size } = await stat(file);
  if (size > maxModelBytes) throw malformed(file, `has ${size} bytes, at most ${maxModelBytes} are allowed`);
  const text = await readFile(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(file, 'is not JSON', cause);
  }
}

function parseManifest(model: unknown, file: string): Group[] {
  const manifest = isJsonObject(model) && Object.hasOwn(model, 'weightsManifest') ? model.weightsManifest : undefined;
  if (!Array.isArray(manifest))
    throw malformed(file, 'has no weightsManifest list; a topology without weights cannot give weights');
  return manifest.map((group: unknown, index) => {
    if (!isJsonObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights)) {
      throw malformed(file, `weightsManifest[${index}] must have paths and weights`);
    }
    return {
      paths: group.paths.map((name) => parsePath(name, file)),
      weights: group.weights.map((entry) => parseEntry(entry, file)),
    };
  });
}

function parsePath(name: unknown, file: string): string {
  const inside =
    typeof name === 'string' && !path.isAbsolute(name) && !name.includes('\0') && !name.split(/[\\/]/).includes('..');
  if (!inside || name === '') throw malformed(file, `shard path ${show(name)} must lie beside model.json`);
  return name;
}

const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) &&
  value.every((extent) => Number.isSafeInteger(extent) && extent >= 0) &&
  Number.isSafeInteger(sizeOf(value) * 4);

function parseEntry(entry: unknown, file: string): Entry {
  if (!isJsonObject(entry) || typeof entry.name !== 'string')
    throw malformed(file, 'a weight of the manifest has no name');
  const fail = (problem: string) => malformed(file, `weight ${JSON.stringify(entry.name)}: ${problem}`);
  const { name, dtype, shape } = entry;
  if (isReservedName(name)) throw fail('this name is reserved');
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw fail(`dtype ${show(dtype)} is not supported; supported are float32, int32, bool`);
  }
  if (!isShape(shape)) throw fail(`shape ${show(shape)} is not a shape`);
  return { name, dtype, shape, stored: parseStored(entry, fail) };
}

/** All shards of a group, concatenated. Memory is allocated only after the file sizes on disk agree with the manifest. */
async function readShards({ paths, weights }: Group, file: string): Promise<ArrayBuffer> {
  const expected = weights.reduce((bytes, entry) => bytes + byteLength(entry), 0);
  const shards = paths.map((name) => path.join(path.dirname(file), name));
  let total = 0;
  for (const shard of shards) {
    const stats = await stat(shard).catch(() => null);
    if (!stats?.isFile()) throw malformed(file, `its shard ${shard} is missing`);
    total += stats.size;
  }
  if (total !== expected) {
    throw malformed(
      file,
      `its weights take ${expected} bytes, but the shards (${paths.join(', ')}) hold ${total}; is one truncated?`,
    );
  }
  const bytes = new Uint8Array(expected);
  let at = 0;
  for (const shard of shards) at += await readInto(bytes.subarray(at), shard);
  if (at !== expected) throw malformed(file, 'its shards changed while they were read');
  return bytes.buffer;
}

async function readInto(bytes: Uint8Array, shard: string): Promise<number> {
  const handle = await open(shard, 'r');
  try {
    for (let at = 0; ; ) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(2 ** 30, bytes.byteLength - at), at);
      if (bytesRead === 0) return at;
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

const malformed = (file: string, problem: string, cause?: unknown) =>
  new AppError('WEIGHTS_MALFORMED', `${file}: ${problem}`, cause === undefined ? {} : { cause });
