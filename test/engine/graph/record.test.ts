import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { record, recordPure, type Step, type Tensors } from '../../../src/engine/graph/record.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';

installGradients();

const x = tf.tensor2d([
  [1, 2],
  [3, 4],
]);
const xOf = (inputs: Tensors) => inputs.x as Tensor;
const captured = tf.tensor1d([1, 2]);
const capturedLarge = tf.ones([300, 300]);

const impure: readonly { title: string; step: Step; message: RegExp }[] = [
  {
    title: 'reads a value',
    step: (inputs) => ({ y: tf.scalar(xOf(inputs).dataSync()[0] ?? 0) }),
    message: /read the value/,
  },
  {
    title: 'reads a computed value',
    step: (inputs) => ({ y: tf.scalar(tf.sum(xOf(inputs)).arraySync() as number) }),
    message: /read the value/,
  },
  {
    title: 'uses a small tensor from outside',
    step: (inputs) => ({ y: tf.add(xOf(inputs), captured) }),
    message: /neither an input/,
  },
  {
    title: 'uses a large tensor from outside',
    step: (inputs) => ({ y: tf.sum(tf.mul(tf.sum(xOf(inputs)), capturedLarge)) }),
    message: /neither an input/,
  },
  { title: 'returns a tensor from outside', step: () => ({ y: captured }), message: /neither an input/ },
  {
    title: 'draws a random number on the host',
    step: (inputs) => ({ y: tf.mul(xOf(inputs), Math.random()) }),
    message: /differs between two recordings/,
  },
  {
    title: 'draws a random tensor',
    step: (inputs) => ({ y: tf.add(xOf(inputs), tf.randomNormal([2, 2])) }),
    message: /differs between two recordings/,
  },
  {
    title: 'makes a large tensor of different values on the host',
    step: (inputs) => ({
      y: tf.sum(tf.mul(tf.sum(xOf(inputs)), tf.tensor1d(Float32Array.from({ length: 270_000 }, (_, index) => index)))),
    }),
    message: /neither an input of the step nor small/,
  },
];

for (const { title, step, message } of impure) {
  test(`a step that ${title} is refused`, () => {
    assert.throws(() => recordPure('impure', step, { x }), { code: 'STEP_NOT_PURE', message });
  });
}

test('reading a value that does not depend on an input is allowed', () => {
  const { recording } = recordPure(
    'constant',
    (inputs) => ({ y: tf.mul(xOf(inputs), tf.sum(tf.tensor1d([1, 2])).arraySync() as number) }),
    { x },
  );
  assert.ok(recording.nodes.some((node) => node.kind === 'constant' && node.value.data[0] === 3));
});

test('large tensors of equal values are filled inside the graph, not embedded', () => {
  const filled: Step = (inputs) => {
    const large = tf.add(tf.add(tf.ones([1000, 1000]), tf.zeros([1000, 1000])), tf.fill([1000, 1000], 2));
    return { y: tf.sum(tf.mul(large, tf.sum(xOf(inputs)))) };
  };
  const { bytes } = recordPure('filled', filled, { x });
  assert.ok(bytes.byteLength < 10_000, `${bytes.byteLength} bytes`);
});

test('equal operations on equal values are recorded once', () => {
  const repeated: Step = (inputs) => ({
    y: tf.addN([tf.exp(tf.mul(xOf(inputs), 2)), tf.exp(tf.mul(xOf(inputs), 2)), tf.exp(tf.mul(xOf(inputs), 3))]),
  });
  const ops = record(repeated, { x }).nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : []));
  assert.equal(ops.filter((op) => op === 'Exp').length, 2);
  assert.equal(ops.filter((op) => op === 'Mul').length, 2);
});

test('what depends on constants alone is folded', () => {
  const { nodes } = record((inputs) => ({ y: tf.mul(xOf(inputs), tf.sqrt(tf.add(tf.scalar(3), 1))) }), { x });
  assert.deepEqual(
    nodes.flatMap((node) => (node.kind === 'op' ? [node.op] : [])),
    ['Mul'],
  );
});

test('recording computes nothing on the inputs and leaves no tensor', () => {
  const before = tf.memory().numTensors;
  record((inputs) => ({ y: tf.matMul(xOf(inputs), xOf(inputs)) }), { x });
  assert.equal(tf.memory().numTensors, before);
});
