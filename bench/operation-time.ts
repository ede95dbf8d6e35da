/** Measures each distinct operation of a recording by itself. */
import { type OpAttribute, type TensorFlowBinding, tensorFlowBackend } from '../src/engine/graph/binding.ts';
import { type RecordedNode, type Recording, reachableNodes, type ValueRef } from '../src/engine/graph/recording.ts';
import { scoped, tf } from '../src/engine/tf.ts';

type Operation = Extract<RecordedNode, { kind: 'op' }>;

export interface OperationTime {
  readonly op: string;
  readonly shapes: string;
  /** Number of times that the step runs it. */
  readonly count: number;
  /** Duration of one run: the second shortest of four. */
  readonly seconds: number;
}

/** Operations without a measurable duration, which split or join small vectors. */
const skipped = new Set(['Unpack', 'Split', 'SplitV']);

const shapeOf = (recording: Recording, { node, output }: ValueRef): readonly number[] => {
  const source = recording.nodes[node];
  if (source?.kind === 'op') return source.outputShapes[output] ?? [];
  return source?.kind === 'constant' ? source.value.shape : (source?.shape ?? []);
};

/** A real tensor for an input: the constant itself, otherwise values that are valid for every operation. */
function makeInput(recording: Recording, ref: ValueRef, dtype: number, binding: TensorFlowBinding): number {
  const source = recording.nodes[ref.node];
  if (source?.kind === 'constant')
    return binding.createTensor([...source.value.shape], source.value.dtype, source.value.data);
  const shape = [...shapeOf(recording, ref)];
  const tensor =
    dtype === 3 ? tf.zeros(shape, 'int32') : dtype === 10 ? tf.ones(shape, 'bool') : tf.randomUniform(shape, 0.1, 1);
  return tensorFlowBackend().getInputTensorIds([tensor])[0] ?? -1;
}

function timeOf(recording: Recording, node: Operation): number {
  const { binding } = tensorFlowBackend();
  return scoped(() => {
    const ids = node.inputs.map((ref, index) => makeInput(recording, ref, node.inputTypes[index] ?? 1, binding));
    const times = Array.from({ length: 4 }, () => {
      const start = performance.now();
      const results = binding.executeOp(node.op, node.attributes as OpAttribute[], ids, node.outputShapes.length);
      const seconds = (performance.now() - start) / 1000;
      for (const { id } of results) binding.deleteTensor(id);
      return seconds;
    });
    return times.sort((a, b) => a - b)[1] ?? 0;
  });
}

/** Measures every distinct operation on which the outputs depend. */
export function timeOperations(recording: Recording): OperationTime[] {
  const needed = reachableNodes(recording);
  const times = new Map<string, { op: string; shapes: string; count: number; seconds: number }>();
  recording.nodes.forEach((node, index) => {
    if (!needed[index] || node.kind !== 'op' || skipped.has(node.op)) return;
    const shapes = node.inputs.map((ref) => `[${shapeOf(recording, ref)}]`).join(' ');
    const key = `${node.op}|${JSON.stringify(node.attributes)}|${shapes}`;
    const known = times.get(key);
    if (known) known.count += 1;
    else times.set(key, { op: node.op, shapes, count: 1, seconds: timeOf(recording, node) });
  });
  return [...times.values()];
}
