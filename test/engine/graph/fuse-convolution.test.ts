import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-node-gpu';
import { compile } from '../../../src/engine/graph/compile.ts';
import { fuseConvolutions } from '../../../src/engine/graph/fuse-convolution.ts';
import { record, type Step } from '../../../src/engine/graph/record.ts';
import { reachableNodes } from '../../../src/engine/graph/recording.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';

await tf.ready();

interface Inputs {
  readonly x: Tensor4D;
  readonly filter: Tensor4D;
  readonly bias: Tensor1D;
}
const inputs: Inputs = {
  x: tf.randomNormal([2, 5, 5, 3], 0, 1, 'float32', 1) as Tensor4D,
  filter: tf.randomNormal([3, 3, 3, 3], 0, 1, 'float32', 2) as Tensor4D,
  bias: tf.randomNormal([3], 0, 1, 'float32', 3) as Tensor1D,
};
const conv = ({ x, filter }: Inputs, strides = 1, pad: 'same' | 'valid' = 'same', dilation = 1) =>
  tf.conv2d(x, filter, strides, pad, 'NHWC', dilation);
const stepOf = (run: (given: Inputs) => Record<string, Tensor>): Step => run as unknown as Step;

const rows: readonly {
  title: string;
  run: (given: Inputs) => Record<string, Tensor>;
  fused: number;
  left: string[];
}[] = [
  { title: 'conv + bias', run: (g) => ({ y: tf.add(conv(g), g.bias) }), fused: 1, left: [] },
  { title: 'bias + conv', run: (g) => ({ y: tf.add(g.bias, conv(g)) }), fused: 1, left: [] },
  { title: 'relu(conv + bias)', run: (g) => ({ y: tf.relu(tf.add(conv(g), g.bias)) }), fused: 1, left: [] },
  {
    title: 'strides and valid padding',
    run: (g) => ({ y: tf.relu(tf.add(conv(g, 2, 'valid'), g.bias)) }),
    fused: 1,
    left: [],
  },
  { title: 'dilation', run: (g) => ({ y: tf.relu(tf.add(conv(g, 1, 'same', 2), g.bias)) }), fused: 1, left: [] },
  {
    title: 'a sum that somebody else reads keeps its rectifier apart',
    run: (g) => {
      const z = tf.add(conv(g), g.bias);
      return { y: tf.relu(z), z };
    },
    fused: 1,
    left: ['Relu'],
  },
  {
    title: 'a convolution that somebody else reads',
    run: (g) => {
      const c = conv(g);
      return { y: tf.relu(tf.add(c, g.bias)), energy: tf.sum(tf.square(c)) };
    },
    fused: 0,
    left: ['Conv2D', 'Relu', 'Square', 'Sum'],
  },
  {
    title: 'a sum with an activation',
    run: (g) => ({ y: tf.relu(tf.add(conv(g), g.x)) }),
    fused: 0,
    left: ['Conv2D', 'Relu'],
  },
  {
    title: 'a bias for the rows of the last axis but one',
    run: (g) => ({ y: tf.add(conv(g, 1, 'valid'), tf.reshape(g.bias, [3, 1])) }),
    fused: 0,
    left: ['Conv2D', 'Reshape'],
  },
];

for (const { title, run, fused, left } of rows) {
  test(`fused convolutions: ${title}`, () => {
    const recording = fuseConvolutions(record(stepOf(run), { ...inputs }));
    const needed = reachableNodes(recording);
    const ops = recording.nodes.flatMap((node, index) => (needed[index] && node.kind === 'op' ? [node.op] : []));
    assert.equal(ops.filter((op) => op === '_FusedConv2D').length, fused);
    for (const op of left) assert.ok(ops.includes(op), `${op} in ${ops}`);
    if (fused > 0) assert.ok(!ops.includes('Conv2D') && !ops.includes('Add') && !ops.includes('AddV2'));

    const [graph, eager] = [compile('fused', stepOf(run), 'graph'), compile('fused', stepOf(run), 'eager')];
    const [a, b] = [graph.run({ ...inputs }), eager.run({ ...inputs })];
    for (const [name, expected] of Object.entries(b)) {
      const actual = a[name] as Tensor;
      assert.deepEqual(actual.shape, expected.shape);
      const difference = tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0] as number;
      assert.ok(
        difference <= 1e-5 * (1 + (tf.max(tf.abs(expected)).dataSync()[0] as number)),
        `${name}: ${difference}`,
      );
    }
    tf.dispose([a, b]);
    graph.dispose();
    eager.dispose();
  });
}
