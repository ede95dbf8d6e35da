/**
 * Which initializers are trained. ONNX does not say; this is the rule:
 *
 *   whole numbers and truth values          constants
 *   running statistics of a normalisation   buffers: part of the state, not trained
 *   frequencies of rotary embeddings        constants: PyTorch computes them and saves none
 *   files of PyTorch                        initializers with names of a state_dict are parameters; those that the exporter has made (val_6, onnx::Mul_12) by use
 *   all other files                         by use: kernels, biases, scales and shifts, slopes, tables, recurrent kernels, and what is added to a product
 *
 * An initializer is followed through views (Transpose, Reshape, Unsqueeze, ...) to the operators that use it.
 */
import { sizeOf } from '../../ndarray.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from './proto.ts';
import { elementTypeOf } from './tensors.ts';

export type InitializerKind = 'parameter' | 'buffer' | 'constant';

const views = new Set([
  'Transpose',
  'Reshape',
  'Unsqueeze',
  'Squeeze',
  'Identity',
  'Cast',
  'CastLike',
  'Flatten',
  'Slice',
  'Split',
  'Concat',
  'Expand',
  'Tile',
]);

/** Inputs in which operators take parameters. */
const roles: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  Einsum: [0, 1, 2],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  GroupNormalization: [1, 2],
  LayerNormalization: [1, 2],
  RMSNormalization: [1],
  LSTM: [1, 2, 3],
  GRU: [1, 2, 3],
  RNN: [1, 2, 3],
  PRelu: [1],
  Gather: [0],
};

const products = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Einsum', 'BatchNormalization']);

/** Names that exporters make for what has none in the model. */
const isMade = (name: string) =>
  /^(onnx::|val_\d+|_?lifted_tensor|_tensor_constant|const_|ortshared)/.test(name) || /^\d+$/.test(name);

const isFrequency = (name: string) => /(^|\.)(rotary_emb\.|rope\.)?inv_freq$/.test(name);

/** What frameworks call parameters. */
const isCalledParameter = (name: string) =>
  /(kernel|bias|gamma|beta|weight|embedding|alpha|scale)(s)?(:\d+|$|[/._])/i.test(name);

export const isPyTorch = ({ producer }: Pick<ModelProto, 'producer'>): boolean => /^(py)?torch/i.test(producer);

interface Use {
  readonly node: NodeProto;
  readonly index: number;
}

function usesOf({ nodes }: GraphProto): Map<string, Use[]> {
  const uses = new Map<string, Use[]>();
  for (const node of nodes)
    node.inputs.forEach((name, index) => {
      const known = uses.get(name);
      if (known) known.push({ node, index });
      else uses.set(name, [{ node, index }]);
    });
  return uses;
}

/** The uses of a value through views; each name once. */
function finalUses(name: string, uses: ReadonlyMap<string, readonly Use[]>): Use[] {
  const seen = new Set([name]);
  const found: Use[] = [];
  for (const at of seen)
    for (const use of uses.get(at) ?? []) {
      if (views.has(use.node.opType) && (use.index === 0 || use.node.opType === 'Concat'))
        for (const output of use.node.outputs) seen.add(output);
      else found.push(use);
    }
  return found;
}

function createIsUsed(graph: GraphProto): (tensor: TensorProto) => boolean {
  const uses = usesOf(graph);
  const makers = new Map(
    graph.nodes.flatMap((node) => node.outputs.map((output): [string, NodeProto] => [output, node])),
  );
  /** Whether a value comes out of a product, through views. */
  const isProduct = (name: string, depth = 0): boolean => {
    const maker = makers.get(name);
    if (!maker || depth > 8) return false;
    return products.has(maker.opType) || (views.has(maker.opType) && isProduct(maker.inputs[0] ?? '', depth + 1));
  };
  return ({ name, dims }) =>
    (dims.length > 0 || isCalledParameter(name)) &&
    finalUses(name, uses).some(({ node, index }) => {
      if (node.opType === 'Gather') return index === 0 && dims.length >= 2;
      if (roles[node.opType]?.includes(index)) return true;
      if (sizeOf(dims) === 1 && !isCalledParameter(name)) return false;
      if (node.opType === 'Add') return isProduct(node.inputs[1 - index] ?? '') || isCalledParameter(name);
      return /^(Mul|Sub|Div)$/.test(node.opType) && isCalledParameter(name);
    });
}

/** Names in chosen inputs of the batch normalisations. */
const inNormalizations = ({ nodes }: GraphProto, positions: readonly number[]): ReadonlySet<string | undefined> =>
  new Set(
    nodes.flatMap(({ opType, inputs }) =>
      opType === 'BatchNormalization' ? positions.map((position) => inputs[position]) : [],
    ),
  );

/** Parameters that are running statistics too: tf2onnx writes equal tensors of a new model once. */
export function sharedStatistics(graph: GraphProto, kinds: ReadonlyMap<string, InitializerKind>): TensorProto[] {
  const statistics = inNormalizations(graph, [3, 4]);
  return graph.initializers.filter(({ name }) => kinds.get(name) === 'parameter' && statistics.has(name));
}

/** The kind of every initializer, by name. */
export function classifyInitializers(model: ModelProto, graph: GraphProto): Map<string, InitializerKind> {
  const isUsed = createIsUsed(graph);
  const statistics = inNormalizations(graph, [3, 4]);
  const affine = inNormalizations(graph, [1, 2]);
  const kindOf = (tensor: TensorProto): InitializerKind => {
    const { name } = tensor;
    if (elementTypeOf(tensor.dataType)?.dtype !== 'float32' || isFrequency(name)) return 'constant';
    if ((statistics.has(name) && !affine.has(name)) || /(^|\.)running_(mean|var)$/.test(name)) return 'buffer';
    if (isPyTorch(model) && !isMade(name)) return 'parameter';
    return isUsed(tensor) ? 'parameter' : 'constant';
  };
  return new Map(graph.initializers.map((tensor) => [tensor.name, kindOf(tensor)]));
}
