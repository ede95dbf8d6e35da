/**
 * Reads MATLAB files of level 5 (v5 to v7) and level 4: numeric arrays, character arrays as text, members of structs as NAME.MEMBER. Arrays keep the
 * column-major order of the file.
 *
 * Format: MathWorks, "MAT-File Format", R2024b.
 */
import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { malformed, memorySource, type Origin } from './byte-source.ts';
import { type ElementCode, type Elements, elementTypes, readElements } from './elements.ts';

export interface MatArray {
  readonly shape: readonly number[];
  /** Column-major. */
  readonly elements: Elements;
  readonly isInteger: boolean;
  readonly isLogical: boolean;
}

/** True for the first bytes of a file of level 5, or of v7.3, which is HDF5. */
export function isMat(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(0, 7)) === 'MATLAB ';
}

const inflateAsync = promisify(inflate);

/** Element types by the numbers that data elements store. */
const types: Readonly<Record<number, ElementCode>> = {
  1: 'i1',
  2: 'u1',
  3: 'i2',
  4: 'u2',
  5: 'i4',
  6: 'u4',
  7: 'f4',
  9: 'f8',
  12: 'i8',
  13: 'u8',
  16: 'u1',
  17: 'u2',
};
const matrixType = 14;
const compressedType = 15;
/** Array classes by number: 6 double, 7 single, 8 to 15 integers. */
const classes: Readonly<Record<number, string>> = {
  1: 'a cell array',
  3: 'an object',
  4: 'text',
  5: 'a sparse matrix',
  16: 'a function',
  17: 'an object',
};
const cellClass = 1;
const structClass = 2;
const textClass = 4;
const maxDepth = 16;
const maxTexts = 2 ** 24;

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
}

interface Reader {
  readonly little: boolean;
  readonly origin: Origin;
  readonly maxBytes: number;
  readonly arrays: Map<string, MatArray>;
  /** Lists of texts by name: from cell arrays of texts, and from the rows of character arrays. */
  readonly texts: Map<string, readonly string[]>;
  /** Descriptions of all other variables, by name. */
  readonly others: Map<string, string>;
}

export interface MatFile {
  readonly arrays: ReadonlyMap<string, MatArray>;
  readonly texts: ReadonlyMap<string, readonly string[]>;
  readonly others: ReadonlyMap<string, string>;
}

/** Throws the origin's code for damaged files and for v7.3. `maxBytes` bounds the decompressed size of variables. */
export async function readMat(bytes: Uint8Array, maxBytes: number, origin: Origin): Promise<MatFile> {
  const reader: Reader = { little: true, origin, maxBytes, arrays: new Map(), texts: new Map(), others: new Map() };
  if (!isMat(bytes)) {
    await readLevel4(bytes, reader);
    return reader;
  }
  if (bytes.length < 128) malformed(origin, 'truncated: a MATLAB file has a header of 128 bytes');
  const mark = String.fromCharCode(bytes[126] ?? 0, bytes[127] ?? 0);
  if (mark !== 'IM' && mark !== 'MI') malformed(origin, 'is damaged: the byte order of the MATLAB file is not clear');
  const ordered = { ...reader, little: mark === 'IM' };
  for (const element of elementsOf(bytes.subarray(128), ordered)) await readVariable(element, ordered);
  return reader;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The data elements in order. Each begins with type and size in 8 bytes; in the small format these 8 bytes also hold up to 4 bytes of data. */
function* elementsOf(bytes: Uint8Array, { little, origin }: Reader): Generator<Element> {
  const view = viewOf(bytes);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const first = view.getUint32(at, little);
    const isSmall = first >>> 16 !== 0;
    const [type, size, start] = isSmall
      ? [first & 0xffff, first >>> 16, at + 4]
      : [first, view.getUint32(at + 4, little), at + 8];
    if ((isSmall && size > 4) || start + size > bytes.length)
      malformed(origin, `truncated: a variable of ${size} bytes reaches beyond the end of the MATLAB file`);
    yield { type, data: bytes.subarray(start, start + size) };
    at = isSmall ? at + 8 : start + (type === compressedType ? size : Math.ceil(size / 8) * 8);
  }
}

async function readVariable({ type, data }: Element, reader: Reader): Promise<void> {
  if (type === matrixType) return readMatrix(data, null, reader, 0);
  if (type !== compressedType) return;
  const content = await inflateAsync(data, { maxOutputLength: reader.maxBytes }).catch((cause) =>
    malformed(
      reader.origin,
      `a compressed variable is damaged, or larger than the limit of ${reader.maxBytes} bytes`,
      cause,
    ),
  );
  for (const element of elementsOf(content, reader))
    if (element.type === matrixType) await readMatrix(element.data, null, reader, 0);
}

/** A matrix: flags, dimensions, name, then the numbers or the members. */
async function readMatrix(data: Uint8Array, givenName: string | null, reader: Reader, depth: number): Promise<void> {
  const { little, origin, arrays, others } = reader;
  if (data.length === 0) return;
  if (depth > maxDepth) malformed(origin, 'holds structs within structs without end');
  const [flags, dimensions, name, ...rest] = [...elementsOf(data, reader)];
  if (flags === undefined || dimensions === undefined || name === undefined || flags.data.length < 8)
    return malformed(origin, 'is damaged: a variable has no header');
  const word = viewOf(flags.data).getUint32(0, little);
  const kind = word & 0xff;
  const title = givenName ?? new TextDecoder().decode(name.data);
  const shape = Array.from({ length: dimensions.data.length / 4 }, (_, axis) =>
    viewOf(dimensions.data).getInt32(axis * 4, little),
  );
  if (kind === structClass) return readStruct(rest, title, shape, reader, depth);
  const texts =
    kind === cellClass ? cellTexts(rest, reader) : kind === textClass ? textRows(rest[0], shape, reader) : null;
  if (texts !== null) return void reader.texts.set(title, texts);
  if (kind < 6 || kind > 15) return void others.set(title, classes[kind] ?? `of class ${kind}`);
  if (word & 0x800) return void others.set(title, 'complex');
  const numbers = rest[0] ?? malformed(origin, `variable "${title}" is damaged: it has no numbers`);
  const array = await numbersOf(numbers, shape, title, reader);
  arrays.set(title, { ...array, isInteger: kind >= 8, isLogical: (word & 0x200) !== 0 });
}

async function numbersOf(
  { type, data }: Element,
  shape: readonly number[],
  title: string,
  { little, origin }: Reader,
): Promise<Pick<MatArray, 'shape' | 'elements'>> {
  const code = types[type] ?? malformed(origin, `variable "${title}" has numbers of type ${type}, which is unknown`);
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (!(count >= 0) || count * elementTypes[code].bytes !== data.length)
    malformed(origin, `variable "${title}" is damaged: ${data.length} bytes for an array of shape [${shape}]`);
  return {
    shape,
    elements: await readElements(memorySource(data), elementTypes[code], little, count, {
      ...origin,
      name: `${origin.name}: "${title}"`,
    }),
  };
}

/** The rows of a character array, which is stored column by column; trailing blanks are padding and are removed. Null for codes that are not text. */
function textRows(content: Element | undefined, shape: readonly number[], { little }: Reader): string[] | null {
  const [rows = 0, width = 0] = shape;
  if (shape.length !== 2 || content === undefined || rows > maxTexts) return null;
  const label = content.type === 4 || content.type === 17 ? (little ? 'utf-16le' : 'utf-16be') : 'utf-8';
  // A character beyond the basic multilingual plane is two UTF-16 codes, and MATLAB counts codes as columns.
  const codes = new TextDecoder(label).decode(content.data).split('');
  if (codes.length !== rows * width) return null;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: width }, (_, column) => codes[column * rows + row])
      .join('')
      .trimEnd(),
  );
}

/** The texts of a cell array; null when one of its cells is not a single text. */
function cellTexts(cells: readonly Element[], reader: Reader): string[] | null {
  const texts: string[] = [];
  for (const { data } of cells) {
    const [flags, dimensions, , content] = [...elementsOf(data, reader)];
    if (flags === undefined || dimensions === undefined || flags.data.length < 8 || dimensions.data.length !== 8)
      return null;
    if ((viewOf(flags.data).getUint32(0, reader.little) & 0xff) !== textClass) return null;
    const shape = [0, 4].map((at) => viewOf(dimensions.data).getInt32(at, reader.little));
    const [text, second] = textRows(content, shape, reader) ?? [];
    if (text === undefined || second !== undefined) return null;
    texts.push(text);
  }
  return texts.length === 0 ? null : texts;
}

/** A struct: the length of a field name, all field names, then one matrix per field. */
async function readStruct(
  rest: readonly Element[],
  title: string,
  shape: readonly number[],
  reader: Reader,
  depth: number,
): Promise<void> {
  const [width, names, ...members] = rest;
  if (shape.some((extent) => extent !== 1)) return void reader.others.set(title, 'an array of structs');
  if (width === undefined || names === undefined || width.data.length < 4)
    return malformed(reader.origin, `the struct "${title}" is damaged`);
  const bytes = viewOf(width.data).getInt32(0, reader.little);
  if (bytes < 1) malformed(reader.origin, `the struct "${title}" is damaged`);
  for (const [i, { data }] of members.entries()) {
    const raw = names.data.subarray(i * bytes, (i + 1) * bytes);
    const end = raw.indexOf(0);
    const member = new TextDecoder().decode(end < 0 ? raw : raw.subarray(0, end));
    await readMatrix(data, `${title}.${member}`, reader, depth + 1);
  }
}

/** Element types of level 4, whose header has five numbers (type, rows, columns, imaginary, length of the name), followed by the name and the numbers. */
const level4Types: readonly ElementCode[] = ['f8', 'f4', 'i4', 'i2', 'u2', 'u1'];

/** True for a plausible first header of a file of level 4, which has no signature. */
export function isMatLevel4(head: Uint8Array): boolean {
  return head.length > 20 && level4Header(head) !== null;
}

function level4Header(bytes: Uint8Array) {
  const view = viewOf(bytes);
  for (const little of [true, false]) {
    const [type = 0, rows = 0, columns = 0, imaginary = 0, nameBytes = 0] = [0, 4, 8, 12, 16].map((at) =>
      view.getInt32(at, little),
    );
    const [machine, zero, precision, kind] = [
      Math.floor(type / 1000),
      Math.floor(type / 100) % 10,
      Math.floor(type / 10) % 10,
      type % 10,
    ];
    const code = level4Types[precision];
    const fits = type >= 0 && machine === (little ? 0 : 1) && zero === 0 && code !== undefined && kind <= 2;
    const name = bytes.subarray(20, 20 + nameBytes - 1);
    const isName =
      nameBytes > 1 &&
      nameBytes <= 64 &&
      bytes[19 + nameBytes] === 0 &&
      /^[A-Za-z]\w*$/.test(String.fromCharCode(...name));
    if (fits && isName && rows >= 0 && columns >= 0 && (imaginary === 0 || imaginary === 1))
      return {
        little,
        rows,
        columns,
        isComplex: imaginary === 1,
        code,
        kind,
        name: String.fromCharCode(...name),
        start: 20 + nameBytes,
      };
  }
  return null;
}

async function readLevel4(bytes: Uint8Array, reader: Reader): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.subarray(at);
    const header = rest.length > 20 ? level4Header(rest) : null;
    if (header === null)
      return malformed(
        reader.origin,
        'is damaged or truncated: a variable of the MATLAB file (version 4) has no header',
      );
    const { rows, columns, code, start, name, little, isComplex, kind } = header;
    const size = rows * columns * elementTypes[code].bytes;
    const end = start + size * (isComplex ? 2 : 1);
    if (end > rest.length)
      malformed(reader.origin, `truncated: variable "${name}" reaches beyond the end of the MATLAB file`);
    if (isComplex || kind !== 0)
      reader.others.set(name, isComplex ? 'complex' : kind === 1 ? 'text' : 'a sparse matrix');
    else {
      const elements = await readElements(
        memorySource(rest.subarray(start, start + size)),
        elementTypes[code],
        little,
        rows * columns,
        reader.origin,
      );
      reader.arrays.set(name, { shape: [rows, columns], elements, isInteger: false, isLogical: false });
    }
    at += end;
  }
}
