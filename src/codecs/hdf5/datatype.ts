/**
 * Datatypes and dataspaces: the type of the elements, and their number.
 *
 * Format: HDF5 File Format Specification 3.0, IV.A.2.b "Dataspace Message" and IV.A.2.d "Datatype Message".
 */
import { type ElementCode, elementTypes } from '../elements.ts';
import { type Context, type Cursor, damaged } from './context.ts';

export type Hdf5Type =
  | {
      readonly kind: 'number';
      readonly code: ElementCode;
      readonly littleEndian: boolean;
      readonly bytes: number;
    }
  /** Text of a fixed number of bytes, padded with zeros or blanks. */
  | { readonly kind: 'fixed-string'; readonly bytes: number; readonly padding: 'zero' | 'blank' }
  /** Text of variable length, stored in a heap. */
  | { readonly kind: 'string'; readonly bytes: number }
  /** A type that is neither numeric nor text, by name. */
  | { readonly kind: 'other'; readonly bytes: number; readonly name: string };

const otherClasses: Readonly<Record<number, string>> = {
  2: 'times',
  4: 'bit fields',
  5: 'opaque bytes',
  6: 'compound values (records)',
  7: 'references',
  9: 'lists of different lengths (variable-length sequences)',
  10: 'arrays inside of elements',
  11: 'complex numbers',
};

/** The type of a datatype message. Throws the origin's code for invalid types. */
export function parseDatatype(cursor: Cursor, context: Context): Hdf5Type {
  const first = cursor.unsigned(1);
  const kind = first & 15;
  const flags = cursor.unsigned(3);
  const bytes = cursor.unsigned(4);
  if (bytes === 0) damaged(context, 'a datatype of 0 bytes');
  const other = (name = otherClasses[kind] ?? `class ${kind}`): Hdf5Type => ({ kind: 'other', bytes, name });
  switch (kind) {
    case 0:
      return integerOf(cursor, flags, bytes) ?? other(`integers of unusual bits (${bytes} bytes)`);
    case 1:
      return floatOf(cursor, flags, bytes) ?? other(`floats of unusual bits (${bytes} bytes)`);
    case 3:
      return { kind: 'fixed-string', bytes, padding: (flags & 15) === 2 ? 'blank' : 'zero' };
    case 6:
      return other(isComplex(cursor) ? 'complex numbers' : undefined);
    case 8: {
      const base = parseDatatype(cursor, context);
      return base.kind === 'number'
        ? { ...base, ...(isBoolean(cursor, flags & 0xffff) && base.bytes === 1 ? { code: 'b1' as const } : {}) }
        : other('an enumeration');
    }
    case 9:
      return (flags & 15) === 1 ? { kind: 'string', bytes } : other();
    default:
      return other();
  }
}

function numberOf(code: string, littleEndian: boolean, bytes: number): Hdf5Type | null {
  // Object.hasOwn has verified that `code` is a key.
  return Object.hasOwn(elementTypes, code) ? { kind: 'number', code: code as ElementCode, littleEndian, bytes } : null;
}

function integerOf(cursor: Cursor, flags: number, bytes: number): Hdf5Type | null {
  const [offset, precision] = [cursor.unsigned(2), cursor.unsigned(2)];
  if (offset !== 0 || precision !== bytes * 8) return null;
  return numberOf(`${flags & 8 ? 'i' : 'u'}${bytes}`, (flags & 1) === 0, bytes);
}

/** Bits of exponent and mantissa of IEEE 754 types, by size in bytes. */
const floatBits: Readonly<Record<number, readonly [number, number]>> = { 2: [5, 10], 4: [8, 23], 8: [11, 52] };

function floatOf(cursor: Cursor, flags: number, bytes: number): Hdf5Type | null {
  cursor.skip(2);
  const precision = cursor.unsigned(2);
  cursor.skip(1);
  const exponentBits = cursor.unsigned(1);
  cursor.skip(1);
  const mantissaBits = cursor.unsigned(1);
  const [exponent, mantissa] = floatBits[bytes] ?? [];
  const isIeee =
    precision === bytes * 8 && exponentBits === exponent && mantissaBits === mantissa && (flags & 0x40) === 0;
  return isIeee ? numberOf(`f${bytes}`, (flags & 1) === 0, bytes) : null;
}

/** True for an enumeration of FALSE and TRUE, as which h5py stores booleans. */
function isBoolean(cursor: Cursor, members: number): boolean {
  return members === 2 && /^FALSE\0+TRUE\0/.test(String.fromCharCode(...cursor.bytes.subarray(cursor.at())));
}

/** True for a compound of r and i, as which h5py stores complex numbers. */
function isComplex(cursor: Cursor): boolean {
  const rest = String.fromCharCode(...cursor.bytes.subarray(cursor.at()));
  return rest.startsWith('r\0') && rest.includes('i\0');
}

/** The shape, [] for one element; null for a dataspace without elements. */
export interface Dataspace {
  readonly shape: readonly number[] | null;
  /** Null for an unlimited axis. */
  readonly maxShape: readonly (number | null)[];
}

const maxRank = 32;

/** The shape of a dataspace message. Throws the origin's code for invalid ones. */
export function parseDataspace(cursor: Cursor, context: Context): Dataspace {
  const version = cursor.version(1, 2);
  const rank = cursor.unsigned(1);
  const flags = cursor.unsigned(1);
  if (rank > maxRank) damaged(context, `a dataspace of ${rank} axes`);
  const kind = cursor.unsigned(1);
  if (version === 1) cursor.skip(4);
  const shape = Array.from({ length: rank }, () => cursor.length());
  const unlimited = 256 ** context.lengthBytes - 1;
  const maxShape = (flags & 1) === 0 ? shape : shape.map(() => cursor.length()).map((n) => (n >= unlimited ? null : n));
  return { shape: version === 2 && kind === 2 ? null : shape, maxShape };
}
