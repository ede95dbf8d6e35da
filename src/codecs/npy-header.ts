/** The header of an npy file: a Python dictionary literal with three keys. */
import { malformed, type Origin } from './byte-source.ts';
import { type ElementCode, elementTypes } from './elements.ts';

/** A text type of fixed length: '<U5' has 5 code points of 4 bytes, '|S5' has 5 bytes. */
export interface TextType {
  readonly kind: 'U' | 'S';
  readonly length: number;
  readonly bytes: number;
}

export interface NpyHeader {
  readonly type: ElementCode | TextType;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Number of elements, at most 2^53. */
  readonly count: number;
}

/** One entry of the dictionary. Python 2 wrote extents as "3L". */
const entry =
  /'(descr|fortran_order|shape)'\s*:\s*('[^'\\]*'|True|False|\((?:\s*\d{1,16}L?\s*,?)*\s*\)|\[.*\])\s*(?:,\s*|(?=\}))/y;

/** Parses and checks the dictionary. Throws the origin's code. */
export function parseNpyDictionary(text: string, origin: Origin): NpyHeader {
  const fields = parseFields(text, origin);
  const { type, littleEndian } = parseDescription(fields.descr ?? '', origin);
  const order = fields.fortran_order;
  if (order !== 'True' && order !== 'False') malformed(origin, `npy header: fortran_order is ${order ?? 'missing'}`);
  const shape = parseShape(fields.shape ?? '', origin);
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (!Number.isSafeInteger(count * (typeof type === 'string' ? elementTypes[type] : type).bytes)) {
    malformed(origin, `npy header: shape [${shape}] has more elements than any file can hold`);
  }
  return { type, littleEndian, fortranOrder: order === 'True', shape, count };
}

function parseFields(text: string, origin: Origin): Partial<Record<'descr' | 'fortran_order' | 'shape', string>> {
  const literal = text.trim();
  const fields: Partial<Record<'descr' | 'fortran_order' | 'shape', string>> = {};
  entry.lastIndex = /^\{\s*/.exec(literal)?.[0].length ?? literal.length;
  let end = entry.lastIndex;
  for (let match = entry.exec(literal); match !== null; match = entry.exec(literal)) {
    const [, key, value] = match;
    if (key === 'descr' || key === 'fortran_order' || key === 'shape') fields[key] = value ?? '';
    end = entry.lastIndex;
  }
  if (literal.slice(end) !== '}')
    malformed(origin, `npy header ${JSON.stringify(literal.slice(0, 80))} cannot be read`);
  return fields;
}

function parseDescription(value: string, origin: Origin): Pick<NpyHeader, 'type' | 'littleEndian'> {
  const description = value.replaceAll("'", '');
  const [, order, code] = /^([<>|=])([a-zA-Z]\d*)$/.exec(description) ?? [];
  if (code?.startsWith('O'))
    malformed(
      origin,
      'holds Python objects (a pickle), which run code when they are opened; save a plain dtype: np.array(y.tolist())',
    );
  if (code?.startsWith('c'))
    malformed(origin, `holds complex numbers (${description}); give real and imaginary parts as two channels`);
  const [, textKind, length] = /^([US])(\d{1,6})$/.exec(code ?? '') ?? [];
  if (textKind === 'U' || textKind === 'S') {
    const bytes = Number(length) * (textKind === 'U' ? 4 : 1);
    return { type: { kind: textKind, length: Number(length), bytes }, littleEndian: order !== '>' };
  }
  if (code === undefined || !Object.hasOwn(elementTypes, code)) {
    malformed(
      origin,
      `npy dtype ${JSON.stringify(description.slice(0, 40))} is not a plain number; save int, float or bool`,
    );
  }
  // Object.hasOwn has verified that `code` is a key.
  return { type: code as ElementCode, littleEndian: order !== '>' };
}

function parseShape(value: string, origin: Origin): number[] {
  if (!value.startsWith('(')) malformed(origin, 'npy header: shape is missing');
  const shape = [...value.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  if (shape.length > 32) malformed(origin, `npy header: ${shape.length} axes; numpy has at most 32`);
  return shape;
}
