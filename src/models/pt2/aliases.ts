/** Names that torch.export keeps although they mean another operation: what is computed, and arguments that are called otherwise there. */
import type { Argument } from '../../topology/operation-graph/graph.ts';

/** Operations under a second name, with equal arguments. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  abs: ['absolute'],
  acos: ['arccos'],
  acosh: ['arccosh'],
  alias: [
    'alias_copy',
    'positive',
    'resolve_conj',
    'resolve_neg',
    'conj',
    'conj_physical',
    'real',
    'pin_memory',
    'data',
  ],
  asin: ['arcsin'],
  asinh: ['arcsinh'],
  atan: ['arctan'],
  atan2: ['arctan2'],
  atanh: ['arctanh'],
  cat: ['concat', 'concatenate'],
  channel_shuffle: ['native_channel_shuffle'],
  chunk: ['unsafe_chunk'],
  clamp: ['clip'],
  detach: ['detach_copy'],
  diagonal: ['diagonal_copy', 'linalg_diagonal'],
  div: ['divide'],
  erf: ['special_erf'],
  erfc: ['special_erfc'],
  exp2: ['special_exp2'],
  expand: ['expand_copy'],
  expm1: ['special_expm1'],
  ge: ['greater_equal'],
  gt: ['greater'],
  index: ['_unsafe_index'],
  index_put: ['_unsafe_index_put', '_index_put_impl'],
  le: ['less_equal'],
  linalg_vector_norm: ['_linalg_vector_norm'],
  log1p: ['special_log1p'],
  log_softmax: ['special_log_softmax'],
  logit: ['special_logit'],
  logsumexp: ['special_logsumexp'],
  lt: ['less'],
  mT: ['adjoint', 'mH'],
  masked_fill: ['_unsafe_masked_fill'],
  matmul: ['linalg_matmul'],
  movedim: ['moveaxis'],
  mul: ['multiply'],
  ne: ['not_equal'],
  neg: ['negative'],
  outer: ['ger'],
  permute: ['permute_copy'],
  round: ['special_round'],
  select: ['select_copy'],
  sigmoid: ['special_expit'],
  sinc: ['special_sinc'],
  slice: ['slice_copy'],
  softmax: ['special_softmax'],
  split: ['unsafe_split', 'split_copy'],
  split_with_sizes: ['unsafe_split_with_sizes', 'split_with_sizes_copy'],
  squeeze: ['squeeze_copy'],
  sub: ['subtract'],
  t: ['t_copy'],
  transpose: ['transpose_copy'],
  trunc: ['fix'],
  unbind: ['unbind_copy'],
  unfold: ['unfold_copy'],
  unsqueeze: ['unsqueeze_copy'],
  view: ['view_copy'],
  vstack: ['row_stack'],
  xlogy: ['special_xlogy'],
};

const names = new Map(Object.entries(synonyms).flatMap(([op, list]) => list.map((name) => [name, op] as const)));

/** Operations whose arguments are called otherwise. */
const renamed: Readonly<Record<string, { readonly op: string; readonly args: Readonly<Record<string, string>> }>> = {
  swapaxes: { op: 'transpose', args: { axis0: 'dim0', axis1: 'dim1' } },
  swapdims: { op: 'transpose', args: {} },
};

/** Whether a name says that the result has memory of its own, where the operation that it means gives a view. */
export const isCopyName = (name: string): boolean => /_copy$|^unsafe_/.test(name);

/** The operation that a name means; the name itself where it is one. */
export const canonicalName = (name: string): string => names.get(name) ?? renamed[name]?.op ?? name;

/** The arguments of an operation under the names of the one that it means. */
export function canonicalArguments(name: string, args: Record<string, Argument>): Record<string, Argument> {
  const others = Object.hasOwn(renamed, name) ? renamed[name]?.args : undefined;
  if (!others) return args;
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [others[key] ?? key, value]));
}
