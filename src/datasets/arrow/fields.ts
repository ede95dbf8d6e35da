/** What the columns of an Arrow table hold. */
import type { DataType } from '../../codecs/arrow.ts';
import type { Storage } from '../../codecs/elements.ts';

export type FieldContent =
  | { readonly kind: 'scalars'; readonly isFloat: boolean; readonly isBoolean: boolean }
  /** Lists, nested or not; null: decided by the numbers. */
  | { readonly kind: 'arrays'; readonly storage: Storage | null }
  /** The encoded bytes of pictures: struct { bytes, path }, or bytes. */
  | { readonly kind: 'pictures'; readonly isStruct: boolean }
  | { readonly kind: 'unusable'; readonly problem: string };

const advice = 'leave it out by the option "inputs", or turn it into numbers (hour, weekday, seconds since a start)';

/** By the name of the type: Int32, Float64, Utf8, Dictionary<Int32, Utf8>, List<...>, ... */
export function contentOfField(type: DataType): FieldContent {
  const name = String(type);
  if (/^(Ui|I)nt\d+$/.test(name)) return { kind: 'scalars', isFloat: false, isBoolean: false };
  if (/^Float\d+$/.test(name)) return { kind: 'scalars', isFloat: true, isBoolean: false };
  if (name === 'Bool') return { kind: 'scalars', isFloat: false, isBoolean: true };
  if (/^(Large)?Utf8(View)?$/.test(name)) return { kind: 'scalars', isFloat: false, isBoolean: false };
  if (/^Dictionary</.test(name)) return contentOfField((type as DataType & { dictionary: DataType }).dictionary);
  if (/^(Large)?Binary(View)?$/.test(name)) return { kind: 'pictures', isStruct: false };
  if (/^(Large)?List<|^FixedSizeList/.test(name)) return listContent(type);
  if (/^Struct</.test(name)) {
    const members = type.children?.map((child) => child.name) ?? [];
    if (members.includes('bytes')) return { kind: 'pictures', isStruct: true };
    return {
      kind: 'unusable',
      problem: `holds groups of the fields ${members.join(', ')}: write each as a column of its own`,
    };
  }
  if (/^(Timestamp|Date|Time|Duration|Interval)/.test(name))
    return { kind: 'unusable', problem: `holds timestamps or dates (${name}): ${advice}` };
  return { kind: 'unusable', problem: `holds ${name}, which is not read: leave it out by the option "inputs"` };
}

function listContent(type: DataType): FieldContent {
  const element: DataType | undefined = type.children?.[0]?.type;
  if (element === undefined) return { kind: 'unusable', problem: 'holds lists of an unknown kind' };
  const name = String(element);
  if (/List/.test(name)) return listContent(element);
  if (name === 'Uint8' || name === 'Bool') return { kind: 'arrays', storage: 'uint8' };
  if (/^(Ui|I)nt\d+$/.test(name)) return { kind: 'arrays', storage: 'int32' };
  if (/^Float\d+$/.test(name)) return { kind: 'arrays', storage: 'float32' };
  return { kind: 'unusable', problem: `holds lists of ${name}, which a network does not take` };
}

type Listed = { readonly nullCount: number; toArray(): ArrayLike<unknown> & Iterable<unknown> } & Iterable<unknown>;
const isListed = (value: unknown): value is Listed =>
  typeof value === 'object' && value !== null && 'toArray' in value && typeof value.toArray === 'function';

/** Nested lists of plain numbers. */
export function listValues(value: unknown): unknown[] {
  if (!isListed(value)) return [];
  // The memory of a missing number holds anything: a vector that has some gives null for it only when it is asked for one by one.
  return Array.from(value.nullCount > 0 ? value : value.toArray(), (element) =>
    isListed(element) ? listValues(element) : typeof element === 'bigint' ? Number(element) : element,
  );
}
