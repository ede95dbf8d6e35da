/**
 * The operations of Keras 3: class name -> name in the catalogue and the arguments of its call, in order; the other arguments are in its configuration.
 * Where there are two lists of names, the second one has the catalogue's names of the arguments.
 */
export interface Signature {
  readonly operation: string;
  readonly arguments: readonly string[];
  readonly renames?: Readonly<Record<string, string>>;
  /** Attributes of this format that the catalogue does not have, with the only value that is accepted. */
  readonly fixed?: Readonly<Record<string, unknown>>;
}

const unary = (operation: string): Signature => ({ operation, arguments: ['x'] });
const binary = (operation: string): Signature => ({ operation, arguments: ['x1', 'x2'] });

const snakeCase = (name: string) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();

/** Classes whose name differs from the operation's only in its case (CamelCase instead of snake_case). */
const unaryClasses = [
  ...['Absolute', 'Exp', 'Expm1', 'Log', 'Log1p', 'Log2', 'Log10', 'Sqrt', 'Rsqrt', 'Square', 'Reciprocal', 'Negative'],
  ...[
    'Sin',
    'Cos',
    'Erf',
    'Identity',
    'LogicalNot',
    'StopGradient',
    'Relu',
    'Relu6',
    'LeakyRelu',
    'Elu',
    'Selu',
    'Gelu',
    'Celu',
  ],
  ...[
    'Silu',
    'Mish',
    'Sigmoid',
    'LogSigmoid',
    'HardSigmoid',
    'HardSilu',
    'HardTanh',
    'Tanh',
    'TanhShrink',
    'Softplus',
    'Softsign',
  ],
  ...[
    'Squareplus',
    'HardShrink',
    'SoftShrink',
    'SparsePlus',
    'SparseSigmoid',
    'Sparsemax',
    'Softmax',
    'LogSoftmax',
    'Glu',
  ],
  ...[
    'Threshold',
    'Mean',
    'Sum',
    'Prod',
    'Std',
    'Any',
    'All',
    'Logsumexp',
    'ExpandDims',
    'Squeeze',
    'Reshape',
    'Transpose',
  ],
  ...['Swapaxes', 'Stack', 'Split', 'Unstack', 'Tile', 'Repeat', 'Flip', 'BroadcastTo', 'Normalize'],
];
const binaryClasses = [
  ...['Add', 'Subtract', 'Multiply', 'Divide', 'Power', 'Maximum', 'Minimum', 'Equal', 'NotEqual', 'Less', 'LessEqual'],
  ...['Greater', 'GreaterEqual', 'LogicalAnd', 'LogicalOr', 'Matmul', 'Dot'],
];

export const keras3Signatures: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ...unaryClasses.map((name): [string, Signature] => [name, unary(snakeCase(name))]),
  ...binaryClasses.map((name): [string, Signature] => [name, binary(snakeCase(name))]),
  ['ReLU', unary('relu')],
  ['Abs', unary('absolute')],
  ['Fabs', unary('absolute')],
  ['Copy', unary('identity')],
  ['Cast', { operation: 'cast', arguments: ['x', 'dtype'], renames: { dtype: 'to' } }],
  ['Var', unary('variance')],
  ['Max', { ...unary('max'), fixed: { initial: null } }],
  ['Min', { ...unary('min'), fixed: { initial: null } }],
  ['Amax', unary('max')],
  ['Amin', unary('min')],
  ['TrueDivide', binary('divide')],
  ['ZerosLike', unary('zeros_like')],
  ['OnesLike', unary('ones_like')],
  ['Average', { operation: 'average', arguments: ['x', 'weights'] }],
  ['Concatenate', { operation: 'concatenate', arguments: ['xs'] }],
  ['Clip', unary('clip')],
  ['Where', { operation: 'where', arguments: ['condition', 'x1', 'x2'] }],
  ['GetItem', { operation: 'get_item', arguments: ['x', 'key'] }],
  ['Pad', { operation: 'pad', arguments: ['x', 'constant_values'] }],
  ['Einsum', { operation: 'einsum', arguments: ['operands', 'operands2'] }],
  [
    'DotProductAttention',
    { operation: 'dot_product_attention', arguments: ['query', 'key', 'value', 'bias', 'mask', 'scale'] },
  ],
  ['LayerNorm', { operation: 'layer_norm', arguments: ['x', 'gamma', 'beta'] }],
  ['RMSNorm', { operation: 'rms_norm', arguments: ['x', 'scale'] }],
  ['BatchNorm', { operation: 'batch_normalization', arguments: ['x', 'mean', 'variance', 'offset', 'scale'] }],
]);
