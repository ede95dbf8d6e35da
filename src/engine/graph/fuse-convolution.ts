/**
 * Convolution, bias and rectifier as one operation:
 *
 *   relu(conv(x, F) + b)  ->  _FusedConv2D(x, F, [b])
 *
 * As separate operations, the sum and the rectifier each read and write a whole activation. They are fused where no other operation reads the
 * intermediate values: second-order steps need the convolution itself (for <dy, conv>) and keep the three operations. TensorFlow's own optimiser does
 * the same, but leaves out operations with control edges, which all recorded operations have (schedule.ts). CPU only: on a GPU the fused kernel
 * exists only for some algorithms.
 */
import { attributeTypes, dataTypes, type OpAttribute } from './binding.ts';
import { type RecordedNode, type Recording, reachableNodes, type ValueRef } from './recording.ts';

type Operation = Extract<RecordedNode, { kind: 'op' }>;

const shapeOf = (nodes: readonly RecordedNode[], { node, output }: ValueRef): readonly number[] | undefined => {
  const source = nodes[node];
  if (source?.kind === 'op') return source.outputShapes[output];
  return source?.kind === 'constant' ? source.value.shape : source?.shape;
};

/** For every node, the operations that read it; an output of the step has the reader -1. */
function readersOf(recording: Recording): number[][] {
  const needed = reachableNodes(recording);
  const readers: number[][] = recording.nodes.map(() => []);
  recording.nodes.forEach((node, index) => {
    if (needed[index] && node.kind === 'op') for (const input of node.inputs) readers[input.node]?.push(index);
  });
  for (const { value } of recording.outputs) readers[value.node]?.push(-1);
  return readers;
}

const isConvolution = (node: RecordedNode | undefined): node is Operation =>
  node?.kind === 'op' &&
  node.op === 'Conv2D' &&
  node.inputTypes[0] === dataTypes.float32 &&
  node.attributes.some(({ name, value }) => name === 'data_format' && value === 'NHWC');

/** The bias, when `sum` adds a vector with one number per channel to a convolution. */
function biasOf(nodes: readonly RecordedNode[], sum: Operation, convolution: number): ValueRef | null {
  const channels = shapeOf(nodes, { node: convolution, output: 0 })?.at(-1);
  const other = sum.inputs.find(({ node }) => node !== convolution);
  const shape = other && shapeOf(nodes, other);
  return other && shape?.length === 1 && shape[0] === channels ? other : null;
}

function fused(convolution: Operation, bias: ValueRef, last: Operation, operations: readonly string[]): Operation {
  const kept = convolution.attributes.filter(({ name }) => name !== 'use_cudnn_on_gpu');
  const added: OpAttribute[] = [
    { name: 'TArgs', type: attributeTypes.type, value: [dataTypes.float32] },
    { name: 'num_args', type: attributeTypes.int, value: 1 },
    { name: 'fused_ops', type: attributeTypes.string, value: operations },
  ];
  return {
    kind: 'op',
    op: '_FusedConv2D',
    attributes: [...kept, ...added],
    inputs: [...convolution.inputs, bias],
    inputTypes: [...convolution.inputTypes, dataTypes.float32],
    outputShapes: last.outputShapes,
  };
}

/** The fused recording: a fused operation replaces its last operation, and the others are left without readers. */
export function fuseConvolutions(recording: Recording): Recording {
  const readers = readersOf(recording);
  const nodes = [...recording.nodes];
  const onlyReader = (index: number, ...ops: string[]) => {
    const [reader = -1, ...others] = readers[index] ?? [];
    const node = nodes[reader];
    return others.length === 0 && node?.kind === 'op' && ops.includes(node.op) ? { reader, node } : null;
  };
  recording.nodes.forEach((convolution, index) => {
    if (!isConvolution(convolution)) return;
    const sum = onlyReader(index, 'Add', 'AddV2');
    const bias = sum && biasOf(recording.nodes, sum.node, index);
    if (!sum || !bias) return;
    const rectifier = onlyReader(sum.reader, 'Relu');
    if (rectifier) nodes[rectifier.reader] = fused(convolution, bias, rectifier.node, ['BiasAdd', 'Relu']);
    else nodes[sum.reader] = fused(convolution, bias, sum.node, ['BiasAdd']);
  });
  return { ...recording, nodes };
}
