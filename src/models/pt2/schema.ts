/** Parts of torch.export's JSON, read with care: https://github.com/pytorch/pytorch/blob/main/torch/_export/serde/schema.py */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { Dtype, Extent } from '../../topology/operation-graph/graph.ts';
import { malformed } from './archive.ts';

export const objectOf = (value: Json | undefined, what: string): JsonObject =>
  isJsonObject(value) ? value : malformed(`${what} is missing or no object`);

export const listOf = (value: Json | undefined, what: string): readonly Json[] =>
  Array.isArray(value) ? value : malformed(`${what} is missing or no list`);

export const textOf = (value: Json | undefined, what: string): string =>
  typeof value === 'string' ? value : malformed(`${what} is missing or no text`);

/** A union is written as an object of one key. */
export function unionOf(value: Json | undefined, what: string): [kind: string, content: Json] {
  const [entry, ...others] = Object.entries(objectOf(value, what));
  if (!entry || others.length > 0) return malformed(`${what} must have one member`);
  return entry as [string, Json];
}

/** Numbers of torch.export's ScalarType: what is computed with, and what safetensors calls it. */
const types: ReadonlyMap<number, readonly [Dtype, string]> = new Map([
  [1, ['int32', 'U8']],
  [2, ['int32', 'I8']],
  [3, ['int32', 'I16']],
  [4, ['int32', 'I32']],
  [5, ['int32', 'I64']],
  [6, ['float32', 'F16']],
  [7, ['float32', 'F32']],
  [8, ['float32', 'F64']],
  [12, ['bool', 'BOOL']],
  [13, ['float32', 'BF16']],
]);

export interface StoredType {
  readonly dtype: Dtype;
  readonly stored: string;
}

/** Null for complex and quantised numbers. */
export function typeOf(value: Json | undefined): StoredType | null {
  const found = typeof value === 'number' ? types.get(value) : undefined;
  return found ? { dtype: found[0], stored: found[1] } : null;
}

export interface TensorMeta {
  readonly type: StoredType | null;
  readonly shape: readonly Extent[];
  /** Extents in the trace. */
  readonly hints: readonly number[];
  readonly strides: readonly number[] | null;
  readonly offset: number;
  readonly requiresGrad: boolean;
}

const symbolPattern = /^Symbol\('(\w+)'[^()]*\)$/;

interface Size {
  readonly extent: Extent;
  readonly hint: number;
}

/** An extent: a number, a symbol, or an expression of symbols, of which only the value in the trace is kept. */
function readSize(value: Json | undefined, what: string): Size {
  const [kind, content] = unionOf(value, what);
  if (kind === 'as_int' && typeof content === 'number') return { extent: content, hint: content };
  if (kind === 'as_expr') {
    const expression = objectOf(content, what);
    const [, symbol] = symbolPattern.exec(String(expression.expr_str)) ?? [];
    const hint = isJsonObject(expression.hint) ? expression.hint.as_int : undefined;
    return { extent: symbol ?? null, hint: typeof hint === 'number' ? hint : 1 };
  }
  return malformed(`${what} is no size`);
}

export function tensorMeta(value: Json | undefined, what: string): TensorMeta {
  const meta = objectOf(value, what);
  const sizes = listOf(meta.sizes, `${what}: sizes`).map((size) => readSize(size, what));
  const strides = Array.isArray(meta.strides) ? meta.strides.map((stride) => readSize(stride, what).hint) : null;
  return {
    type: typeOf(meta.dtype),
    shape: sizes.map(({ extent }) => extent),
    hints: sizes.map(({ hint }) => hint),
    strides,
    offset: meta.storage_offset === undefined ? 0 : readSize(meta.storage_offset, what).hint,
    requiresGrad: meta.requires_grad === true,
  };
}
