import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { tensorFlowBackend } from '../../../src/engine/graph/binding.ts';
import { compile } from '../../../src/engine/graph/compile.ts';
import type { Tensors } from '../../../src/engine/graph/record.ts';
import { trimIdleSessions } from '../../../src/engine/graph/sessions.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';
import { AppError } from '../../../src/errors.ts';

installGradients();

/** |grad_w|^2 of a small network's loss, and the loss: convolution, batch statistics, a kink, a reduction. */
function step({ x, w }: Tensors): { loss: Tensor; norm: Tensor } {
  const lossOf = (weights: Tensor) => {
    const y = tf.relu(tf.conv2d(x as never, weights as never, 1, 'same'));
    const centred = tf.sub(y, tf.mean(y, [0, 1, 2]));
    return tf.mean(tf.square(tf.tanh(centred))).asScalar();
  };
  const { value, grad } = tf.valueAndGrad(lossOf)(w as Tensor);
  return { loss: value, norm: tf.sum(tf.square(grad)) };
}

const inputsOf = (samples: number, seed: number) => ({
  x: tf.randomNormal([samples, 6, 5, 2], 0, 1, 'float32', seed) as Tensor,
  w: tf.randomNormal([3, 3, 2, 4], 0, 1, 'float32', seed + 1) as Tensor,
});

/** Runs and reads a step; frees its results. */
function read(outputs: Record<string, Tensor>): Record<string, number[]> {
  const values = Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]),
  );
  tf.dispose(outputs);
  return values;
}

function assertNear(actual: Record<string, number[]>, expected: Record<string, number[]>): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    values.forEach((value, index) => {
      const found = actual[name]?.[index] ?? Number.NaN;
      assert.ok(
        Math.abs(found - value) <= 1e-5 * Math.max(1e-3, Math.abs(value)),
        `${name}[${index}]: ${found}, expected ${value}`,
      );
    });
  }
}

/** What TensorFlow holds, sessions that wait for the next user left out. */
const native = () => {
  trimIdleSessions();
  const { binding } = tensorFlowBackend();
  return { models: binding.getNumOfSavedModels(), handles: binding.getNumOfTensors(), tensors: tf.memory().numTensors };
};

test('a recorded step computes what the eager one computes, for other values and other shapes as well', () => {
  const graph = compile('test', step, 'graph');
  const eager = compile('test', step, 'eager');
  for (const [samples, seed] of [
    [3, 1],
    [3, 2],
    [7, 3],
    [3, 4],
    [1, 5],
  ] as const) {
    const inputs = inputsOf(samples, seed);
    assertNear(read(graph.run(inputs)), read(eager.run(inputs)));
    tf.dispose(inputs);
  }
  graph.dispose();
});

test('repeated runs of a graph give the same bytes', () => {
  const graph = compile('test', step);
  const inputs = inputsOf(5, 9);
  const first = read(graph.run(inputs));
  for (let run = 0; run < 5; run++) assert.deepEqual(read(graph.run(inputs)), first);
  graph.dispose();
  tf.dispose(inputs);
});

test('a step may return an input, a constant, the same value twice, integers and booleans', () => {
  const odd = ({ x }: Tensors) => {
    const positive = tf.greater(x as Tensor, 0);
    const doubled = tf.mul(x as Tensor, 2);
    return {
      x: x as Tensor,
      constant: tf.tensor1d([1, 2, 3]),
      doubled,
      again: doubled,
      positive,
      count: tf.sum(tf.cast(positive, 'int32')),
    };
  };
  for (const execution of ['graph', 'eager'] as const) {
    const compiled = compile('odd', odd, execution);
    const x = tf.tensor1d([-1, 2, 3]);
    const results = compiled.run({ x });
    assert.deepEqual(
      [results.positive.dtype, results.count.dtype, results.doubled.dtype],
      ['bool', 'int32', 'float32'],
      execution,
    );
    const expected = {
      x: [-1, 2, 3],
      constant: [1, 2, 3],
      doubled: [-2, 4, 6],
      again: [-2, 4, 6],
      positive: [0, 1, 1],
      count: [2],
    };
    assert.deepEqual(
      Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, Array.from(tensor.dataSync())])),
      expected,
      execution,
    );
    tf.dispose(results);
    assert.equal(x.isDisposed, false, 'the caller keeps its input');
    assert.deepEqual(Array.from(x.dataSync()), [-1, 2, 3]);
    tf.dispose(x);
    compiled.dispose();
  }
});

test('a step keeps the graphs of its last shapes and frees the others', () => {
  const before = native();
  const graph = compile('test', step);
  for (const samples of [1, 2, 3, 4, 5, 6, 1]) {
    const inputs = inputsOf(samples, samples);
    tf.dispose(graph.run(inputs));
    tf.dispose(inputs);
  }
  assert.equal(native().models - before.models, 4);
  graph.dispose();
  assert.deepEqual(native(), before);
});

test('two hundred compilations leave no session and no tensor behind, and memory stays bounded', () => {
  const cycle = () => {
    const graph = compile('test', step);
    const inputs = inputsOf(2, 1);
    tf.dispose(graph.run(inputs));
    tf.dispose(inputs);
    graph.dispose();
    // Or the next cycle would find the session of this one.
    trimIdleSessions();
  };
  for (let warm = 0; warm < 20; warm++) cycle();
  const before = native();
  const resident = process.memoryUsage().rss;
  for (let run = 0; run < 200; run++) cycle();
  assert.deepEqual(native(), before);
  const grown = process.memoryUsage().rss - resident;
  assert.ok(grown < 150 * 2 ** 20, `${Math.round(grown / 2 ** 20)} MiB more after 200 cycles`);
});

test('a step that throws while it is recorded leaves the binding and no tensor behind', () => {
  const { binding } = tensorFlowBackend();
  const inputs = inputsOf(2, 1);
  const before = native();
  const failing = compile('failing', ({ x }) => {
    tf.relu(x as Tensor);
    throw new AppError('INTERNAL', 'on purpose');
  });
  assert.throws(() => failing.run(inputs), /on purpose/);
  const misfit = compile('misfit', ({ x, w }) => ({ y: tf.matMul(tf.reshape(x as Tensor, [2, -1]), w as Tensor) }));
  assert.throws(() => misfit.run(inputs));
  const refused = compile('refused', ({ x }) => ({
    y: tf
      .reshape(x as Tensor, [-1])
      .gather(tf.tensor1d([0], 'int32'))
      .add((x as Tensor).dataSync()[0] ?? 0),
  }));
  assert.throws(() => refused.run(inputs), { code: 'STEP_NOT_PURE' });
  assert.equal(tensorFlowBackend().binding, binding);
  assert.deepEqual(native(), before);
  tf.dispose(inputs);
});

test('a missing input is named', () => {
  const graph = compile('test', step);
  const inputs = inputsOf(2, 1);
  assert.throws(() => graph.run({ x: inputs.x }));
  tf.dispose(inputs);
  graph.dispose();
});

test('steps that record the same graph share a session, also one after the other; others do not', () => {
  const { binding } = tensorFlowBackend();
  const scaled = (factor: number) => compile('scaled', ({ x }: Tensors) => ({ y: tf.mul(x as Tensor, factor) }));
  const before = native().models;
  const [first, second, other] = [scaled(2), scaled(2), scaled(3)];
  const x = tf.tensor1d([1, 2, 3]);
  const values = (step: ReturnType<typeof scaled>) => read(step.run({ x })).y;
  assert.deepEqual(
    [values(first), values(second), values(other)],
    [
      [2, 4, 6],
      [2, 4, 6],
      [3, 6, 9],
    ],
  );
  assert.equal(binding.getNumOfSavedModels() - before, 2);
  first.dispose();
  assert.deepEqual(values(second), [2, 4, 6], 'the other user keeps it');
  second.dispose();
  other.dispose();
  const third = scaled(2);
  assert.deepEqual(values(third), [2, 4, 6]);
  assert.equal(binding.getNumOfSavedModels() - before, 2, 'nothing was loaded');
  third.dispose();
  x.dispose();
  assert.equal(native().models, before);
});
