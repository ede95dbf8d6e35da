/**
 * What a parameter is for, told from the operations that read it: its group, the axes of its fans and the initialiser of PyTorch's module.
 *
 *   Linear, convolution   W ~ U(-k, k), b ~ U(-k, k), k = 1 / sqrt(fan_in)     (kaiming_uniform with a = sqrt 5)
 *   recurrent             all ~ U(-k, k), k = 1 / sqrt(hidden size)
 *   Embedding             N(0, 1);   normalisations 1 and 0;   PReLU 1/4
 */
import { sizeOf } from '../../ndarray.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerParam, ParamGroup } from '../topology.ts';
import {
  type Argument,
  type GraphNode,
  type GraphParam,
  inputNames,
  isReference,
  type OperationGraph,
  outputNames,
} from './graph.ts';

export interface Role extends Pick<LayerParam, 'key' | 'group' | 'initializer' | 'outputFirst'> {
  readonly className: string;
  /** False where no module defines how it is drawn. */
  readonly isKnown: boolean;
  /** The node that reads it. */
  readonly node: GraphNode | null;
}

interface Use {
  readonly node: GraphNode;
  readonly argument: string;
  /** Position in a list of tensors. */
  readonly position: number;
  /** Whether it was transposed on the way. */
  readonly isTransposed: boolean;
}

const transpositions = new Set(['t', 'transpose', 'permute', 'mT', 'numpy_T']);
const passing = new Set([
  ...transpositions,
  'view',
  'reshape',
  'alias',
  'to',
  '_to_copy',
  'clone',
  'contiguous',
  'unsqueeze',
  'expand',
  'select',
  'slice',
  'split_with_sizes',
]);

const constant = (value: number): Initializer => ({ kind: 'constant', value });
const within = (bound: number): Initializer => ({ kind: 'uniform', min: -bound, max: bound });

const torchDefault = (inputAxes: readonly number[], outputAxes: readonly number[]): Initializer => ({
  kind: 'variance-scaling',
  scale: 1 / 3,
  mode: 'fanIn',
  distribution: 'uniform',
  inputAxes,
  outputAxes,
});

interface Origin {
  readonly param: string;
  readonly isTransposed: boolean;
}

/** Every use of each parameter, through views and through joins of parameters alone. */
function usesOf({ nodes, params }: OperationGraph): Map<string, Use[]> {
  const origins = new Map<string, readonly Origin[]>();
  for (const { name, refs } of params) for (const ref of refs) origins.set(ref, [{ param: name, isTransposed: false }]);
  const uses = new Map<string, Use[]>(params.map(({ name }) => [name, []]));
  const found = (entry: Argument) => (isReference(entry) ? (origins.get(entry.ref) ?? []) : []);
  for (const node of nodes) {
    for (const [argument, value] of Object.entries(node.args)) {
      const list: readonly Argument[] = Array.isArray(value) ? (value as readonly Argument[]) : [value];
      const isJoin = node.op === 'cat' && argument === 'tensors' && list.every((entry) => found(entry).length > 0);
      if (isJoin || (passing.has(node.op) && argument === 'self')) {
        const passed = list.flatMap(found).map(({ param, isTransposed }): Origin => {
          return { param, isTransposed: isTransposed !== transpositions.has(node.op) };
        });
        if (passed.length > 0) for (const output of outputNames(node)) origins.set(output, passed);
        continue;
      }
      list.forEach((entry, position) => {
        for (const { param, isTransposed } of found(entry))
          uses.get(param)?.push({ node, argument, position, isTransposed });
      });
    }
  }
  return uses;
}

/** Names of values that are products with a kernel. */
const productsOf = ({ nodes }: OperationGraph): ReadonlySet<string> =>
  new Set(nodes.flatMap((node) => (/^(conv|linear$|matmul$|mm$)/.test(node.op) ? outputNames(node) : [])));

const kernel = { key: 'kernel', group: 'weight' } as const satisfies { key: string; group: ParamGroup };

/** The role by one use; null where the operation says nothing. */
function roleOf(
  { node, argument, position, isTransposed }: Use,
  { shape }: GraphParam,
  fanInOf: (node: GraphNode) => number,
  products: ReadonlySet<string>,
): Omit<Role, 'node'> | null {
  const { op } = node;
  const rank = shape.length;
  const known = { isKnown: true } as const;
  const rest = shape.map((_, axis) => axis).slice(2);
  if (/^(conv|linear$)/.test(op) && argument === 'weight') {
    const className = op === 'linear' ? 'Linear' : op.includes('transpose') ? 'ConvTranspose' : 'Conv';
    const groups = typeof node.args.groups === 'number' ? node.args.groups : 1;
    const initializer = torchDefault([1, ...rest], [0, ...rest]);
    return { ...kernel, className, ...known, initializer, outputFirst: { blocks: groups } };
  }
  if (/^(conv|linear$)/.test(op) && argument === 'bias')
    return {
      key: 'bias',
      group: 'bias',
      className: 'Linear',
      ...known,
      initializer: within(1 / Math.sqrt(Math.max(1, fanInOf(node)))),
    };
  if (/^(lstm|gru|rnn)/.test(op) && argument !== 'input' && argument !== 'hx') {
    const blocks = op.startsWith('lstm') ? 4 : op.startsWith('gru') ? 3 : 1;
    // ONNX keeps kernels as [directions, rows, columns] and both biases of a cell in one row.
    const isBias = rank < 2 || (node.args.has_biases === true && position % 4 >= 2);
    const rows = isBias ? (shape.at(-1) ?? 1) / rank : (shape.at(-2) ?? 1);
    const hidden = rows / blocks;
    // One range for all, whatever the number of inputs.
    const shared = { className: 'Recurrent', ...known, initializer: within(1 / Math.sqrt(hidden)) };
    if (isBias) return { key: 'bias', group: 'bias', ...shared };
    return { ...kernel, ...shared, ...(rank === 2 ? { outputFirst: { blocks } } : {}) };
  }
  if (/embedding/.test(op) && argument === 'weight') {
    const initializer: Initializer = { kind: 'normal', mean: 0, stddev: 1, truncated: false };
    return { key: 'embeddings', group: 'weight', className: 'Embedding', ...known, initializer };
  }
  if (/norm/.test(op) && !op.startsWith('_weight_norm') && !/vector_norm|^norm$/.test(op)) {
    const className = /batch_norm/.test(op)
      ? 'BatchNorm'
      : /layer_norm/.test(op)
        ? 'LayerNorm'
        : /rms/.test(op)
          ? 'RMSNorm'
          : 'GroupNorm';
    if (argument === 'weight') return { key: 'gamma', group: 'weight', className, ...known, initializer: constant(1) };
    if (argument === 'bias') return { key: 'beta', group: 'bias', className, ...known, initializer: constant(0) };
    if (!argument.startsWith('running_')) return null;
    const key = argument === 'running_var' ? 'moving_variance' : 'moving_mean';
    return { key, group: 'none', className, ...known, initializer: constant(argument === 'running_var' ? 1 : 0) };
  }
  if (/prelu/.test(op) && argument === 'weight')
    return { key: 'alpha', group: 'weight', className: 'PReLU', ...known, initializer: constant(0.25) };
  const isRight = /^(matmul|mm|bmm)$/.test(op)
    ? /^(other|mat2)$/.test(argument)
    : op === 'addmm' && argument === 'mat2';
  if (isRight && rank === 2) {
    const initializer = isTransposed ? torchDefault([1], [0]) : torchDefault([0], [1]);
    return {
      ...kernel,
      className: 'Linear',
      ...known,
      initializer,
      ...(isTransposed ? { outputFirst: { blocks: 1 } } : {}),
    };
  }
  if (op === 'addmm' && argument === 'self' && rank === 1)
    return { key: 'bias', group: 'bias', className: 'Linear', ...known, initializer: constant(0) };
  // A row added to a product.
  const isRow = sizeOf(shape) === shape.at(-1) && rank <= 2;
  if (op === 'add' && isRow && inputNames(node).some((name) => products.has(name)))
    return { key: 'bias', group: 'bias', className: 'Linear', ...known, initializer: constant(0) };
  if (op === 'einsum' && position > 0 && rank >= 2)
    return {
      ...kernel,
      className: 'Linear',
      ...known,
      initializer: torchDefault([0], shape.map((_, axis) => axis).slice(1)),
    };
  return null;
}

const unknownDeviation = 0.02;

/** The role of every parameter and buffer, by name. */
export function rolesOf(graph: OperationGraph): Map<string, Role> {
  const uses = usesOf(graph);
  const products = productsOf(graph);
  const shapes = new Map(
    graph.params.flatMap(({ refs, shape }) => refs.map((ref): [string, readonly number[]] => [ref, shape])),
  );
  const fanInOf = ({ args }: GraphNode) => {
    const weight = isReference(args.weight) ? shapes.get(args.weight.ref) : undefined;
    return sizeOf((weight ?? [1, 1]).slice(1));
  };
  return new Map(
    graph.params.map((param): [string, Role] => {
      const found = (uses.get(param.name) ?? [])
        .map((use): Role | null => {
          const role = roleOf(use, param, fanInOf, products);
          return role && { ...role, node: use.node };
        })
        .filter((role) => role !== null);
      // A table that is an output projection too is drawn as a table.
      const role = found.find(({ key }) => key === 'embeddings') ?? found[0] ?? unknownRole(param);
      return [param.name, param.trainable ? role : { ...role, group: 'none' }];
    }),
  );
}

function unknownRole({ name, isParameter, trainable }: GraphParam): Role {
  const last = name.split('.').at(-1) ?? name;
  if (!isParameter || !trainable)
    return { key: last, group: 'none', className: 'Module', isKnown: false, initializer: constant(0), node: null };
  const isBias = /bias/.test(last);
  const initializer: Initializer = isBias
    ? constant(0)
    : { kind: 'normal', mean: 0, stddev: unknownDeviation, truncated: false };
  return { key: last, group: isBias ? 'bias' : 'weight', className: 'Module', isKnown: false, initializer, node: null };
}
