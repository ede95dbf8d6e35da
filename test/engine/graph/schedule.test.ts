import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordedNode, Recording } from '../../../src/engine/graph/recording.ts';
import { controlEdges } from '../../../src/engine/graph/schedule.ts';

const large = [128, 1024];
const small = [8];

const op = (inputs: readonly number[], shape: readonly number[]): RecordedNode => ({
  kind: 'op',
  op: 'Relu',
  attributes: [],
  inputs: inputs.map((node) => ({ node, output: 0 })),
  inputTypes: inputs.map(() => 1),
  outputShapes: [shape],
});

function recordingOf(nodes: readonly RecordedNode[]): Recording {
  return {
    nodes,
    inputs: [{ name: 'x', node: 0 }],
    outputs: [{ name: 'y', value: { node: nodes.length - 1, output: 0 } }],
  };
}

const nodes: readonly RecordedNode[] = [
  { kind: 'input', name: 'x', dtype: 1, shape: large },
  op([0], large), // 1
  op([0], small), // 2: reads only the input, which lives anyway
  op([1], large), // 3
  op([1], small), // 4: frees 1 when it has run
  op([2], small), // 5
  op([3, 4, 5], small), // 6
];

test('operations that touch large results wait for each other in recorded order', () => {
  const edges = controlEdges(
    recordingOf(nodes),
    nodes.map(() => true),
  );
  assert.deepEqual([...edges], [-1, -1, -1, 1, 3, -1, 4]);
});

test('nodes that no output needs take no part in the order', () => {
  const needed = nodes.map((_, index) => index !== 3);
  assert.deepEqual([...controlEdges(recordingOf(nodes), needed)], [-1, -1, -1, -1, 1, -1, 4]);
});
