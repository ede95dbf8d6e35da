/** What the columns of a Parquet file hold, from its schema and from the features that Hugging Face writes beside it. */
import type { SchemaElement, SchemaTree } from 'hyparquet';
import type { Storage } from '../../codecs/elements.ts';
import type { TableHints } from '../table/columns.ts';

export type ColumnContent =
  | { readonly kind: 'scalars'; readonly isFloat: boolean; readonly isBoolean: boolean }
  /** Lists, nested or not; null: decided by the numbers. */
  | { readonly kind: 'arrays'; readonly storage: Storage | null }
  /** The encoded bytes of pictures: struct { bytes, path }, or bytes. */
  | { readonly kind: 'pictures'; readonly isStruct: boolean }
  | { readonly kind: 'unusable'; readonly problem: string };

const timeTypes = /^(DATE|TIME|TIMESTAMP|INTERVAL)/;
const advice = 'leave it out by the option "inputs", or turn it into numbers (hour, weekday, seconds since a start)';

/** The content of one top-level column. */
export function contentOf(tree: SchemaTree): ColumnContent {
  if (tree.children.length === 0) return leafContent(tree.element);
  const names = tree.children.map(({ element }) => element.name);
  if (names.includes('bytes')) return { kind: 'pictures', isStruct: true };
  const leaf = listLeaf(tree);
  if (leaf === null)
    return {
      kind: 'unusable',
      problem: `holds groups of the fields ${names.join(', ')}: write each as a column of its own`,
    };
  const content = leafContent(leaf);
  if (content.kind !== 'scalars')
    return {
      kind: 'unusable',
      problem: `holds lists that a network does not take: each ${content.kind === 'unusable' ? content.problem : 'holds pictures'}`,
    };
  return { kind: 'arrays', storage: storageOf(leaf) };
}

/** The element of a list, or of a list of lists; null for other groups. */
function listLeaf(tree: SchemaTree): SchemaElement | null {
  const [only, ...others] = tree.children;
  if (only === undefined || others.length > 0) return null;
  if (only.children.length === 0) return only.element;
  return listLeaf(only);
}

function leafContent(element: SchemaElement): ColumnContent {
  const logical = element.logical_type?.type ?? element.converted_type ?? '';
  if (timeTypes.test(logical) || element.type === 'INT96')
    return { kind: 'unusable', problem: `holds timestamps or dates (${logical || 'INT96'}): ${advice}` };
  if (/^(STRING|UTF8|ENUM)$/.test(logical)) return { kind: 'scalars', isFloat: false, isBoolean: false };
  if (/^(DECIMAL|FLOAT16)$/.test(logical)) return { kind: 'scalars', isFloat: true, isBoolean: false };
  if (/BYTE_ARRAY$/.test(element.type ?? '') && (logical === '' || logical === 'NULL'))
    return { kind: 'pictures', isStruct: false };
  if (/^(JSON|BSON|UUID|VARIANT|GEOMETRY|GEOGRAPHY)$/.test(logical))
    return { kind: 'unusable', problem: `holds ${logical}, which is no number: leave it out by the option "inputs"` };
  return {
    kind: 'scalars',
    isFloat: element.type === 'FLOAT' || element.type === 'DOUBLE',
    isBoolean: element.type === 'BOOLEAN',
  };
}

function storageOf({ type, logical_type, converted_type }: SchemaElement): Storage {
  const isByte =
    converted_type === 'UINT_8' ||
    (logical_type?.type === 'INTEGER' && logical_type.bitWidth === 8 && !logical_type.isSigned);
  if (isByte || type === 'BOOLEAN') return 'uint8';
  return type === 'INT32' || type === 'INT64' ? 'int32' : 'float32';
}

/** The features of `datasets`: {"info": {"features": {"label": {"names": [...], "_type": "ClassLabel"}}}}. */
export function classLabelsOf(metadata: string | undefined): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const features = member(member(parseOrNull(metadata), 'info'), 'features');
  if (typeof features !== 'object' || features === null) return found;
  for (const [name, feature] of Object.entries(features)) {
    const names: unknown = member(feature, 'names');
    if (member(feature, '_type') !== 'ClassLabel' || !Array.isArray(names)) continue;
    if (names.every((other): other is string => typeof other === 'string')) found.set(name, names);
  }
  return found;
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

function parseOrNull(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

export const hintsOf = (
  columns: readonly { readonly name: string; readonly content: ColumnContent }[],
  classNames: TableHints['classNames'],
): TableHints => {
  const scalars = columns.flatMap(({ name, content }) => (content.kind === 'scalars' ? [{ name, ...content }] : []));
  return {
    classNames,
    booleans: new Set(scalars.filter(({ isBoolean }) => isBoolean).map(({ name }) => name)),
    floats: new Set(scalars.filter(({ isFloat }) => isFloat).map(({ name }) => name)),
  };
};
