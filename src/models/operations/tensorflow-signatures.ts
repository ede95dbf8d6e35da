/** The functions of TensorFlow that Keras 2 records as TFOpLambda: name -> operation of the catalogue, and the catalogue's names of its arguments. */
import type { Signature } from './keras3-signatures.ts';

const unary = (operation: string, renames: Record<string, string> = {}): Signature => ({
  operation,
  arguments: ['x', 'axis'],
  renames: { input: 'x', tensor: 'x', features: 'x', logits: 'x', input_tensor: 'x', ...renames },
});
const binary = (operation: string): Signature => ({
  operation,
  arguments: ['x1', 'x2'],
  renames: { x: 'x1', y: 'x2', a: 'x1', b: 'x2' },
});

const binaries: Readonly<Record<string, string>> = {
  add: 'add',
  subtract: 'subtract',
  sub: 'subtract',
  multiply: 'multiply',
  mul: 'multiply',
  divide: 'divide',
  truediv: 'divide',
  pow: 'power',
  maximum: 'maximum',
  minimum: 'minimum',
  squared_difference: 'squared_difference',
  equal: 'equal',
  not_equal: 'not_equal',
  less: 'less',
  greater: 'greater',
};

const unaries: Readonly<Record<string, string>> = {
  abs: 'absolute',
  negative: 'negative',
  exp: 'exp',
  log: 'log',
  log1p: 'log1p',
  sqrt: 'sqrt',
  rsqrt: 'rsqrt',
  square: 'square',
  reciprocal: 'reciprocal',
  sin: 'sin',
  cos: 'cos',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  softplus: 'softplus',
  erf: 'erf',
};

const reductions: Readonly<Record<string, string>> = {
  reduce_mean: 'mean',
  reduce_sum: 'sum',
  reduce_max: 'max',
  reduce_min: 'min',
  reduce_prod: 'prod',
  reduce_variance: 'variance',
  reduce_std: 'std',
  reduce_logsumexp: 'logsumexp',
};

const entries = (
  table: Readonly<Record<string, string>>,
  prefixes: readonly string[],
  make: (operation: string) => Signature,
) =>
  Object.entries(table).flatMap(([name, operation]) =>
    prefixes.map((prefix): [string, Signature] => [`${prefix}${name}`, make(operation)]),
  );

const reduction = (operation: string): Signature => ({
  operation,
  arguments: ['x', 'axis', 'keepdims'],
  renames: { input_tensor: 'x' },
});

/** Keys are names without the leading "tf.". */
export const tensorflowSignatures: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ...entries(binaries, ['', 'math.', '__operators__.'], binary),
  ...entries(unaries, ['', 'math.', 'nn.'], (operation) => ({ ...unary(operation), arguments: ['x'] })),
  ...entries(reductions, ['', 'math.'], reduction),
  ['nn.relu', { ...unary('relu'), arguments: ['x'] }],
  ['nn.relu6', { ...unary('relu6'), arguments: ['x'] }],
  ['nn.elu', { ...unary('elu'), arguments: ['x'] }],
  ['nn.selu', { ...unary('selu'), arguments: ['x'] }],
  ['nn.silu', { ...unary('silu'), arguments: ['x', 'beta'], fixed: { beta: 1 } }],
  ['nn.swish', { ...unary('silu'), arguments: ['x', 'beta'], fixed: { beta: 1 } }],
  ['nn.leaky_relu', { ...unary('leaky_relu', { alpha: 'negative_slope' }), arguments: ['x', 'negative_slope'] }],
  // By default, TensorFlow computes the exact form, unlike Keras 3.
  ['nn.gelu', { ...unary('gelu_tensorflow'), arguments: ['x', 'approximate'] }],
  ['nn.softmax', unary('softmax')],
  ['nn.log_softmax', unary('log_softmax')],
  ['nn.softsign', { ...unary('softsign'), arguments: ['x'] }],
  ['__operators__.getitem', { operation: 'get_item', arguments: ['x', 'key'], renames: { slice_spec: 'key' } }],
  ['linalg.matmul', { ...binary('matmul'), fixed: matmulFlags() }],
  ['matmul', { ...binary('matmul'), fixed: matmulFlags() }],
  ['expand_dims', unary('expand_dims')],
  ['squeeze', unary('squeeze')],
  ['reshape', { operation: 'reshape', arguments: ['x', 'newshape'], renames: { tensor: 'x', shape: 'newshape' } }],
  [
    'transpose',
    {
      operation: 'transpose',
      arguments: ['x', 'axes'],
      renames: { a: 'x', perm: 'axes' },
      fixed: { conjugate: false },
    },
  ],
  ['concat', { operation: 'concatenate', arguments: ['xs', 'axis'], renames: { values: 'xs' } }],
  ['stack', { operation: 'stack', arguments: ['x', 'axis'], renames: { values: 'x' } }],
  ['unstack', { operation: 'unstack', arguments: ['x', 'num', 'axis'], renames: { value: 'x' } }],
  [
    'split',
    {
      operation: 'split',
      arguments: ['x', 'indices_or_sections', 'axis'],
      renames: { value: 'x', num_or_size_splits: 'indices_or_sections' },
      fixed: { num: null },
    },
  ],
  ['tile', { operation: 'tile', arguments: ['x', 'repeats'], renames: { input: 'x', multiples: 'repeats' } }],
  ['repeat', { operation: 'repeat', arguments: ['x', 'repeats', 'axis'], renames: { input: 'x' } }],
  [
    'pad',
    {
      operation: 'pad',
      arguments: ['x', 'pad_width', 'mode', 'constant_values'],
      renames: { tensor: 'x', paddings: 'pad_width' },
    },
  ],
  ['reverse', { operation: 'flip', arguments: ['x', 'axis'], renames: { tensor: 'x' } }],
  [
    'clip_by_value',
    {
      operation: 'clip',
      arguments: ['x', 'x_min', 'x_max'],
      renames: { t: 'x', clip_value_min: 'x_min', clip_value_max: 'x_max' },
    },
  ],
  ['where', { operation: 'where', arguments: ['condition', 'x1', 'x2'], renames: { x: 'x1', y: 'x2' } }],
  [
    'einsum',
    {
      operation: 'einsum',
      arguments: ['subscripts', 'operands'],
      renames: { equation: 'subscripts', inputs: 'operands' },
    },
  ],
  ['cast', { operation: 'cast', arguments: ['x', 'dtype'], renames: { dtype: 'to' } }],
  ['identity', unary('identity')],
  ['stop_gradient', unary('stop_gradient')],
  ['zeros_like', unary('zeros_like')],
  ['ones_like', unary('ones_like')],
]);

function matmulFlags(): Record<string, unknown> {
  const flags = ['transpose_a', 'transpose_b', 'adjoint_a', 'adjoint_b', 'a_is_sparse', 'b_is_sparse'];
  return Object.fromEntries(flags.map((flag) => [flag, false]));
}
