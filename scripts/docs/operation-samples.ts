/** One call of every graph operation, small enough to run at once, by which the table of operations finds the gradient rules that it needs. */
import type { Resolved } from '../../src/engine/network/operation-graph/arguments.ts';
import { Value } from '../../src/engine/network/operation-graph/value.ts';
import { tf } from '../../src/engine/tf.ts';
import { sizeOf } from '../../src/ndarray.ts';
import type { Signature } from '../../src/topology/operation-graph/signature.ts';

/** A leaf that is differentiated: numbers in (0, 1), all different. */
export interface Leaf {
  readonly leaf: readonly number[];
}

export type SampleArgument = Resolved | Leaf | readonly Leaf[];

const leaf = (...shape: number[]): Leaf => ({ leaf: shape });
const ids = (shape: number[], ...values: number[]) => Value.of(tf.tensor(values, shape, 'int32'));
const repeated = (shape: number[], modulo: number) =>
  ids(shape, ...Array.from({ length: sizeOf(shape) }, (_, index) => index % modulo));
const truth = (shape: number[]) => Value.of(tf.cast(repeated(shape, 2).tensor, 'bool'));

/** What arguments of a name are in most operations. */
const usual: Readonly<Record<string, SampleArgument>> = {
  self: leaf(2, 4, 4),
  other: leaf(2, 4, 4),
  input: leaf(2, 4, 4),
  tensor1: leaf(2, 4, 4),
  tensor2: leaf(2, 4, 4),
  end: leaf(2, 4, 4),
  weight: leaf(4, 4),
  exponent: 3,
  tensors: [leaf(2, 4), leaf(2, 4)],
  matrices: [leaf(4, 4), leaf(4, 4)],
  dim: 1,
  dims: [0, 1, 2],
  size: [2, 16],
  shape: [2, 16],
  sizes: [2, 2],
  min: 0.2,
  max: 0.7,
  value: 0.5,
  values: leaf(),
  fill_value: 1,
  mask: truth([2, 4, 4]),
  condition: truth([2, 4, 4]),
  train: false,
  training: true,
  p: 0.5,
  k: 2,
  q: 0.3,
  a: 7,
  b: 2,
  s: 1,
  n: 3,
  start: 0,
  step: 1,
  steps: 3,
  row: 3,
  col: 3,
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
  transposed: false,
  output_padding: 0,
  momentum: 0.1,
  eps: 1e-5,
  kernel_size: 2,
  output_size: 2,
  repeats: 2,
  chunks: 2,
  split_size: 2,
  split_sizes: [1, 1],
  sections: 2,
  index: repeated([2, 4, 4], 2),
  indices: repeated([2, 3], 4),
  source: leaf(2, 4, 4),
  src: leaf(2, 4, 4),
  elements: repeated([4], 3),
  test_elements: ids([2], 0, 2),
  test_element: 1,
  boundaries: Value.of(tf.tensor1d([0.2, 0.6])),
  sorted_sequence: Value.of(tf.tensor1d([0.2, 0.6])),
  threshold: 0.5,
  half_to_float: false,
  query: leaf(2, 2, 3, 4),
  key: leaf(2, 2, 3, 4),
  compute_log_sumexp: false,
  length: 2,
  upscale_factor: 2,
  downscale_factor: 2,
  dimension: 1,
  align_corners: false,
  normalized_shape: [4],
  has_biases: true,
  num_layers: 1,
  dropout: 0,
  bidirectional: false,
  batch_first: true,
};

const image = leaf(2, 4, 4, 4);
const volume = leaf(1, 4, 4, 4, 4);
const matrices = { self: leaf(3, 4), mat1: leaf(3, 4), mat2: leaf(4, 3), mat: leaf(3, 4), vec: leaf(4) };
const batches = { self: leaf(2, 3, 3), batch1: leaf(2, 3, 4), batch2: leaf(2, 4, 3) };
const norm = {
  weight: leaf(4),
  bias: leaf(4),
  running_mean: Value.of(tf.zeros([4])),
  running_var: Value.of(tf.ones([4])),
};
const recurrent = (gates: number) => [leaf(gates * 4, 4), leaf(gates * 4, 4), leaf(gates * 4), leaf(gates * 4)];
const cell = (gates: number, hx: SampleArgument) => {
  const [w_ih, w_hh, b_ih, b_hh] = recurrent(gates) as [Leaf, Leaf, Leaf, Leaf];
  return { input: leaf(2, 4), hx, w_ih, w_hh, b_ih, b_hh };
};
const bags = { weight: leaf(4, 3), indices: repeated([4], 4), offsets: ids([2], 0, 2) };
const pair = { x1: leaf(3, 4), x2: leaf(3, 4), x: leaf(3, 4), y: leaf(3, 4) };

type Sample = Readonly<Record<string, SampleArgument>>;

/** What differs from the usual, for operations whose names begin so; later entries go before earlier ones. */
const special: readonly (readonly [RegExp, Sample])[] = [
  [/^linear$/, { weight: leaf(3, 4) }],
  [/^bilinear/, { input1: leaf(2, 3), input2: leaf(2, 4), weight: leaf(5, 3, 4) }],
  [/^(mm|addmm|t|mv|addmv|outer|trace|diag|numpy_T|rot90|fliplr|flipud)$/, { ...matrices, vec2: leaf(4) }],
  [/^addmm/, { self: leaf(3) }],
  [/^addmv/, { self: leaf(3) }],
  [/^(bmm|baddbmm|addbmm)/, { ...batches, mat2: leaf(2, 3, 3) }],
  [/^addbmm/, { self: leaf(3, 3) }],
  [/^(dot|vdot|outer)$/, { self: leaf(4), tensor: leaf(4), other: leaf(4) }],
  [/^einsum/, { equation: 'ij,jk->ik', tensors: [leaf(3, 4), leaf(4, 3)] }],
  [/^linalg_multi_dot/, { tensors: [leaf(4, 4), leaf(4, 4)] }],
  [/^(cosine_similarity|pairwise_distance|cdist|_cdist|linalg_vecdot)/, { ...pair, p: 2 }],
  [/^tensordot/, { self: leaf(3, 4), other: leaf(4, 3), dims_self: [1], dims_other: [0] }],
  [/cross$/, { self: leaf(2, 3), other: leaf(2, 3) }],
  [
    /^_trilinear/,
    { i1: leaf(2, 3), i2: leaf(2, 3), i3: leaf(2, 3), expand1: [], expand2: [], expand3: [], sumdim: [1] },
  ],
  [/^conv1d/, { weight: leaf(3, 4, 2) }],
  [/^(conv2d|convolution)/, { input: image, weight: leaf(3, 4, 2, 2), bias: leaf(3) }],
  [/^conv3d/, { input: volume, weight: leaf(3, 4, 2, 2, 2) }],
  [/^conv.*\.padding/, { padding: 'same' }],
  [/^conv_transpose1d/, { weight: leaf(4, 3, 2) }],
  [/^conv_transpose2d/, { input: image, weight: leaf(4, 3, 2, 2) }],
  [/^conv_transpose3d/, { input: volume, weight: leaf(4, 3, 2, 2, 2) }],
  [/^(im2col|pixel_|channel_shuffle)/, { self: image, kernel_size: 2 }],
  [/^channel_shuffle/, { groups: 2 }],
  [/^col2im/, { self: leaf(2, 16, 9), output_size: [4, 4], kernel_size: 2 }],
  [/pool2d/, { self: image }],
  [/pool3d/, { self: volume }],
  [/^_?(native_)?batch_norm|^_native_batch/, { input: image, ...norm }],
  [/^instance_norm/, { input: image, ...norm, use_input_stats: true }],
  [/layer_norm|rms_norm/, { weight: leaf(4), bias: leaf(4) }],
  [/^group_norm/, { input: image, num_groups: 2, weight: leaf(4), bias: leaf(4) }],
  [/^native_group_norm/, { input: image, weight: leaf(4), bias: leaf(4), N: 2, C: 4, HxW: 16, group: 2 }],
  [/^_weight_norm/, { v: leaf(3, 4), g: leaf(3, 1) }],
  [/prelu/, { weight: leaf(4) }],
  [/^(hardshrink|softshrink)/, { lambd: 0.5 }],
  [/^_scaled_dot/, { attn_bias: null }],
  [/dot_product/, { value: leaf(2, 2, 3, 4) }],
  [/^(asin|acos|atanh|logit)$/, { self: leaf(2, 3) }],
  [/^acosh/, { self: leaf(2, 3) }],
  [/^where/, { self: leaf(2, 4, 4), other: leaf(2, 4, 4) }],
  [/^(masked_fill|index_fill)/, { value: 0.5 }],
  [/^lerp/, { weight: 0.3 }],
  [/^heaviside/, { values: leaf(2, 4, 4) }],
  [/^local_response/, { self: image, size: 3 }],
  [/^bitwise|^__/, { self: truth([2, 4]), other: truth([2, 4]) }],
  [/^(unflatten)/, { dim: 1 }],
  [/^(expand|broadcast_to)$/, { self: leaf(2, 1), size: [2, 4] }],
  [/^(repeat|tile)$/, { repeats: [1, 2, 1], dims: [1, 2, 1] }],
  [/^movedim/, { source: 0, destination: 1 }],
  [/^transpose/, { dim0: 0, dim1: 1 }],
  [/^squeeze/, { dim: 0, self: leaf(1, 4) }],
  [/^tensor_split\.indices/, { indices: [1] }],
  [/^split\.sizes/, { split_size: [1, 1] }],
  [/^select/, { index: 1 }],
  [/^select_scatter/, { src: leaf(2, 4) }],
  [/^slice_scatter/, { src: leaf(1, 4, 4), start: 1, end: 2 }],
  [/^slice$/, { start: 0, end: 1 }],
  [/^narrow/, { start: 1 }],
  [/^(flip|roll)/, { dims: [1], shifts: [1] }],
  [/^rot90/, { dims: [0, 1], k: 1 }],
  [/^(pad|constant_pad_nd)/, { pad: [1, 1], value: 0 }],
  [/^(reflection|replication)_pad1d/, { padding: [1, 1] }],
  [/^(reflection|replication)_pad2d/, { self: image, padding: [1, 1, 1, 1] }],
  [/^(reflection|replication)_pad3d/, { self: volume, padding: [1, 1, 1, 1, 1, 1] }],
  [/^diag$/, { self: leaf(4) }],
  [/^diag_embed/, { self: leaf(2, 3) }],
  [/^diagonal_scatter/, { self: leaf(4, 4), src: leaf(4) }],
  [/^unfold/, { size: 2 }],
  [/^meshgrid/, { tensors: [leaf(2), leaf(3)] }],
  [/^(hstack|vstack|dstack|column_stack|block_diag)/, { tensors: [leaf(2, 4), leaf(2, 4)] }],
  [/^embedding$/, { weight: leaf(4, 3), indices: repeated([2, 3], 4) }],
  [/embedding_bag/, bags],
  [/^index$/, { indices: [null, ids([2], 0, 2)] }],
  [/^index_put/, { indices: [null, ids([2], 0, 2)] }],
  [/^index_(select|add|copy|fill)/, { index: ids([2], 0, 2), source: leaf(2, 2, 4) }],
  [/^(take|put)$/, { index: ids([2], 0, 2), source: leaf(2) }],
  [/^scatter$/, { src: leaf(2, 4, 4) }],
  [/^scatter_reduce/, { reduce: 'mean' }],
  [/^take_along/, { indices: repeated([2, 4, 4], 4) }],
  [/^one_hot/, { self: repeated([3], 3), num_classes: 3 }],
  [/^upsample.*1d|^_upsample.*1d/, { output_size: [8] }],
  [/upsample.*2d/, { input: image, output_size: [8, 8] }],
  [/upsample.*3d/, { input: volume, output_size: [8, 8, 8] }],
  [/^grid_sampler/, { input: image, grid: leaf(2, 3, 3, 2), interpolation_mode: 0, padding_mode: 0 }],
  [/^affine_grid/, { theta: leaf(2, 2, 3), size: [2, 1, 3, 3] }],
  [/^lstm$/, { hx: [leaf(1, 2, 4), leaf(1, 2, 4)], params: recurrent(4) }],
  [/^gru$/, { hx: leaf(1, 2, 4), params: recurrent(3) }],
  [/^rnn_(tanh|relu)$/, { hx: leaf(1, 2, 4), params: recurrent(1) }],
  [/^lstm_cell/, cell(4, [leaf(2, 4), leaf(2, 4)])],
  [/^gru_cell/, cell(3, leaf(2, 4))],
  [/^rnn_\w+_cell/, cell(1, leaf(2, 4))],
  [/^(arange|linspace|logspace)/, { end: 3 }],
  [/^empty_permuted/, { physical_layout: [0, 1] }],
  [/^(zeros|ones|full|empty|new_)/, { size: [2, 3] }],
  [/^new_empty_strided|^empty_strided/, { stride: [3, 1] }],
  [/^fill$/, { value: leaf() }],
  [/^(copy)$/, { src: leaf(2, 4, 4) }],
  [/^(view_as|reshape_as)/, { other: leaf(4, 8) }],
  [/^(norm|logsumexp)$/, { dim: [1], p: 2 }],
  [/^linalg_matrix_norm/, { dim: [1, 2], ord: 'fro' }],
];

/** The arguments of a sample call. */
export function sampleOf({ op, parameters }: Signature): Record<string, SampleArgument> {
  const own = Object.assign(
    {},
    ...special.filter(([pattern]) => pattern.test(op)).map(([, sample]) => sample),
  ) as Sample;
  return Object.fromEntries(
    parameters.flatMap(({ name, fallback }): [string, SampleArgument][] => {
      if (Object.hasOwn(own, name)) return [[name, own[name] as SampleArgument]];
      if (fallback !== undefined) return [[name, fallback as Resolved]];
      return [[name, usual[name] ?? null]];
    }),
  );
}
