/**
 * The header of a safetensors file, parsed and checked as untrusted input.
 *
 *   8 bytes   N, little-endian
 *   N bytes   JSON: { "__metadata__"?: { text: text }, NAME: { dtype, shape, data_offsets: [begin, end] } }, may end in spaces
 *   rest      the tensors, little-endian and row-major; offsets count from here, cover every byte and do not overlap
 *
 * Reference: https://huggingface.co/docs/safetensors (format, "Notes").
 */
import { AppError } from '../errors.ts';
import { type StoredDtype, storedTypes } from './safetensors-dtypes.ts';

export interface StoredTensor {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** Offsets from the start of the data section; the end is exclusive. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** Tensors in the order of their data. */
  readonly tensors: readonly StoredTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Longest header; the reference implementation has the same limit. */
const maxHeaderBytes = 100_000_000;

const malformed = (source: string, problem: string, tensor?: string) =>
  new AppError('WEIGHTS_MALFORMED', `${source}: ${tensor === undefined ? '' : `tensor ${quote(tensor)}: `}${problem}`, {
    details: tensor === undefined ? { source } : { source, tensor },
  });

const quote = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
};

/** True for names of properties that all JavaScript objects inherit (`__proto__`, `constructor`, `valueOf`, ...); no framework writes them. */
export const isReservedName = (name: string) => name in Object.prototype;

/**
 * Length N of the header.
 *
 * @param start the first bytes of the file, at least 8
 * @param fileBytes size of the whole file
 * @throws WEIGHTS_MALFORMED when N is impossible
 */
export function headerLength(start: Uint8Array, fileBytes: number, source: string): number {
  if (fileBytes < 8 || start.byteLength < 8) {
    throw malformed(
      source,
      `has ${fileBytes} bytes, a safetensors file starts with 8 bytes of header length; is it truncated?`,
    );
  }
  const declared = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (declared > BigInt(maxHeaderBytes)) {
    throw malformed(
      source,
      `declares a header of ${declared} bytes, at most ${maxHeaderBytes} are allowed; is it a safetensors file?`,
    );
  }
  const length = Number(declared);
  if (length > fileBytes - 8) {
    throw malformed(
      source,
      `declares a header of ${length} bytes, but only ${fileBytes - 8} bytes follow; is it truncated?`,
    );
  }
  return length;
}

/**
 * Parses and checks the header.
 *
 * @param bytes exactly the N bytes of the header
 * @param dataBytes size of the data section
 * @throws WEIGHTS_MALFORMED naming the tensor for every inconsistency: offsets outside the file, overlaps, gaps, sizes that differ from the shape
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, source: string): SafetensorsHeader {
  const text = decodeText(bytes, source);
  const header = parseJson(text, source);
  refuseDuplicates(text, source);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  const tensors = entries.map(([name, entry]) => parseTensor(name, entry, dataBytes, source));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(tensors, dataBytes, source);
  return { tensors, metadata: parseMetadata(header.__metadata__, source) };
}

function decodeText(bytes: Uint8Array, source: string): string {
  if (bytes[0] !== 0x7b) throw malformed(source, 'the header does not start with "{"; is it a safetensors file?');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('WEIGHTS_MALFORMED', `${source}: the header is not UTF-8 text`, { cause });
  }
}

function parseJson(text: string, source: string): Record<string, unknown> {
  try {
    // The text begins with "{" (checked above), so that the result is an object.
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new AppError('WEIGHTS_MALFORMED', `${source}: the header is not JSON`, { cause });
  }
}

/** Refuses duplicate keys, of which JSON.parse keeps the last and other readers may keep the first. `text` is known to be valid JSON. */
function refuseDuplicates(text: string, source: string): void {
  const open: Set<string>[] = [];
  let quoted = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const start = at++;
      while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      quoted = text.slice(start, at + 1);
    } else if (character === '{') open.push(new Set());
    else if (character === '}') open.pop();
    else if (character === ':') {
      const key: string = JSON.parse(quoted);
      const keys = open.at(-1);
      if (isReservedName(key)) throw malformed(source, 'this name is reserved', key);
      if (keys?.has(key)) throw malformed(source, 'the key appears twice in the header', key);
      keys?.add(key);
    }
  }
}

function parseMetadata(value: unknown, source: string): Record<string, string> {
  if (value === undefined) return {};
  const valid = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!valid || !Object.values(value).every((entry) => typeof entry === 'string')) {
    throw malformed(source, '__metadata__ must map texts to texts');
  }
  return value as Record<string, string>;
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function parseTensor(name: string, entry: unknown, dataBytes: number, source: string): StoredTensor {
  const fail = (problem: string) => malformed(source, problem, name);
  if (typeof entry !== 'object' || entry === null) throw fail('must be an object with dtype, shape and data_offsets');
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(storedTypes, dtype)) {
    throw fail(`dtype ${quote(dtype)} is not supported; supported are ${Object.keys(storedTypes).join(', ')}`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw fail(`shape must list whole numbers >= 0, got ${quote(shape)}`);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!isCount(begin) || !isCount(end))
    throw fail(`data_offsets must be two whole numbers >= 0, got ${quote(offsets)}`);
  if (begin > end) throw fail(`data_offsets [${begin}, ${end}] run backwards`);
  if (end > dataBytes)
    throw fail(`data_offsets end at byte ${end}, but the file has ${dataBytes} bytes of data; is it truncated?`);
  const stored = dtype as StoredDtype;
  const expected = byteLength(shape, storedTypes[stored].bytes);
  if (expected === null) throw fail(`shape ${quote(shape)} overflows`);
  if (expected !== end - begin) {
    throw fail(
      `${dtype} of shape ${quote(shape)} takes ${expected} bytes, but data_offsets [${begin}, ${end}] hold ${end - begin}`,
    );
  }
  return { name, dtype: stored, shape, begin, end };
}

/** Bytes of a tensor; null when any partial product exceeds 2^53, even where a later extent is 0. */
function byteLength(shape: readonly number[], element: number): number | null {
  let bytes = element;
  for (const extent of shape) {
    bytes *= extent;
    if (!Number.isSafeInteger(bytes)) return null;
  }
  return bytes;
}

function checkCoverage(sorted: readonly StoredTensor[], dataBytes: number, source: string): void {
  let covered = 0;
  let previous = '';
  for (const { name, begin, end } of sorted) {
    if (begin < covered)
      throw malformed(source, `its bytes [${begin}, ${end}) overlap tensor ${quote(previous)}`, name);
    if (begin > covered) throw malformed(source, `bytes [${covered}, ${begin}) before it belong to no tensor`, name);
    covered = end;
    previous = name;
  }
  if (covered !== dataBytes) throw malformed(source, `the last ${dataBytes - covered} bytes belong to no tensor`);
}
