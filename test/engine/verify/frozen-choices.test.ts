import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { runKernel } from '../../../src/engine/gradients/rule.ts';
import { tensorFlowBackend } from '../../../src/engine/graph/binding.ts';
import { compile, type Execution } from '../../../src/engine/graph/compile.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';
import { withChoicesOf } from '../../../src/engine/verify/frozen-choices.ts';
import { frozenOperations } from '../../../src/engine/verify/frozen-operations.ts';

installGradients();

type Op = (x: Tensor) => Tensor;
const base = [-2, -0.5, 0.5, 7];
const moved = [1, 2, -3, 5];
const expm1 = (x: number) => Math.exp(x) - 1;
const row = (values: number[]) => tf.tensor1d(values);
const image = (x: Tensor) => tf.reshape(x, [1, 2, 2, 1]) as never;
const pool = { filterSize: 2, strides: 2, pad: 'valid' } as const;

/** What each function of `moved` is on the branches that `base` chooses. */
const table: { operations: string[]; title: string; op: Op; expected: number[] }[] = [
  { operations: ['Relu'], title: 'relu', op: tf.relu, expected: [0, 0, -3, 5] },
  { operations: ['Relu6'], title: 'relu6', op: tf.relu6, expected: [0, 0, -3, 6] },
  { operations: ['LeakyRelu'], title: 'leakyRelu', op: (x) => tf.leakyRelu(x, 0.5), expected: [0.5, 1, -3, 5] },
  { operations: ['Elu'], title: 'elu', op: tf.elu, expected: [expm1(1), expm1(2), -3, 5] },
  {
    operations: ['Selu'],
    title: 'selu',
    op: tf.selu,
    expected: [
      1.7580993408473768 * expm1(1),
      1.7580993408473768 * expm1(2),
      -3 * 1.0507009873554805,
      5 * 1.0507009873554805,
    ],
  },
  {
    operations: ['Relu', 'Abs'],
    title: 'prelu',
    op: (x) => tf.prelu(x, row([0.5, 0.5, 0.5, 0.5])),
    expected: [0.5, 1, -3, 5],
  },
  { operations: ['Abs'], title: 'abs', op: tf.abs, expected: [-1, -2, -3, 5] },
  { operations: ['Sign'], title: 'sign', op: tf.sign, expected: [-1, -1, 1, 1] },
  {
    operations: ['Maximum'],
    title: 'maximum with a scalar',
    op: (x) => tf.maximum(x, 0.5),
    expected: [0.5, 0.5, -3, 5],
  },
  { operations: ['Minimum'], title: 'minimum with a scalar', op: (x) => tf.minimum(x, 0), expected: [1, 2, 0, 0] },
  { operations: ['Maximum', 'Minimum'], title: 'clip', op: (x) => tf.clipByValue(x, -1, 1), expected: [-1, 2, -3, 1] },
  { operations: ['Max'], title: 'max', op: (x) => tf.max(tf.reshape(x, [2, 2]), 1), expected: [2, 5] },
  {
    operations: ['Min'],
    title: 'min, extent kept',
    op: (x) => tf.min(tf.reshape(x, [2, 2]), 1, true),
    expected: [1, -3],
  },
  { operations: ['MaxPool'], title: 'maxPool', op: (x) => tf.maxPool(image(x), 2, 2, 'valid'), expected: [5] },
  { operations: ['Greater'], title: 'step', op: (x) => tf.step(x), expected: [0, 0, 1, 1] },
  {
    operations: ['GreaterEqual'],
    title: 'a mask',
    op: (x) => tf.mul(x, tf.cast(tf.greaterEqual(x, 0), 'float32')),
    expected: [0, 0, -3, 5],
  },
  {
    operations: ['Less', 'LessEqual'],
    title: 'masks',
    op: (x) => tf.logicalOr(tf.less(x, -1), tf.lessEqual(x, -1)),
    expected: [1, 0, 0, 0],
  },
  {
    operations: ['Equal', 'NotEqual'],
    title: 'equality',
    op: (x) => tf.logicalAnd(tf.equal(x, 7), tf.notEqual(x, 0)),
    expected: [0, 0, 0, 1],
  },
  {
    operations: ['IsNan', 'IsInf', 'IsFinite'],
    title: 'finiteness',
    op: (x) => tf.logicalOr(tf.logicalOr(tf.isNaN(x), tf.isInf(x)), tf.isFinite(x)),
    expected: [1, 1, 1, 1],
  },
  {
    operations: ['Floor', 'Ceil', 'Round'],
    title: 'roundings',
    op: (x) => tf.addN([tf.floor(x), tf.ceil(x), tf.round(x)]),
    expected: [-6, -1, 1, 21],
  },
  {
    operations: ['ArgMax', 'ArgMin'],
    title: 'positions',
    op: (x) => tf.stack([tf.argMax(x), tf.argMin(x)]),
    expected: [3, 0],
  },
  {
    operations: ['ReluGrad'],
    title: 'the gradient of relu',
    op: (x) => runKernel('ReluGrad', { dy: tf.mul(x, 2), x }),
    expected: [0, 0, -6, 10],
  },
  {
    operations: ['Relu6Grad'],
    title: 'the gradient of relu6',
    op: (x) => runKernel('Relu6Grad', { dy: x, x }),
    expected: [0, 0, -3, 0],
  },
  {
    operations: ['LeakyReluGrad'],
    title: 'the gradient of leakyRelu',
    op: (x) => runKernel('LeakyReluGrad', { dy: x, x }, { alpha: 0.5 }),
    expected: [0.5, 1, -3, 5],
  },
  {
    operations: ['MaxPoolGrad'],
    title: 'the gradient of maxPool',
    op: (x) =>
      runKernel(
        'MaxPoolGrad',
        { dy: tf.reshape(tf.sum(x), [1, 1, 1, 1]), input: image(x), output: tf.maxPool(image(x), 2, 2, 'valid') },
        pool,
      ),
    expected: [0, 0, 0, 5],
  },
  {
    operations: ['MaxPoolGradGrad'],
    title: 'the second gradient of maxPool',
    op: (x) => runKernel('MaxPoolGradGrad', { dx: tf.mul(image(x), 2), input: image(x) }, pool),
    expected: [10],
  },
];

/** op(moved) with the choices of op(from). */
function frozen(op: Op, from: number[], to: number[], execution: Execution): number[] {
  const step = ({ x, y }: Readonly<Record<string, Tensor>>) => {
    const [result] = withChoicesOf(() => op(x as Tensor), [() => op(y as Tensor)]);
    return { result: tf.cast(result as Tensor, 'float32') };
  };
  const compiled = compile('frozen', step, execution);
  const inputs = { x: row(from), y: row(to) };
  const { result } = compiled.run(inputs);
  const values = Array.from(result.dataSync());
  tf.dispose([result, inputs]);
  compiled.dispose();
  return values;
}

const near = (actual: readonly number[], expected: readonly number[]) =>
  actual.length === expected.length &&
  actual.every((value, index) => Math.abs(value - (expected[index] as number)) < 1e-5);

for (const execution of ['graph', 'eager'] as const) {
  for (const { title, op, expected } of table) {
    test(`${title} keeps the branches of its first run (${execution})`, () => {
      const { binding } = tensorFlowBackend();
      const before = { handles: binding.getNumOfTensors(), tensors: tf.memory().numTensors };
      const actual = frozen(op, base, moved, execution);
      assert.ok(near(actual, expected), `${actual}, expected ${expected}`);
      const plain = tf.tidy(() => Array.from(tf.cast(op(row(base)), 'float32').dataSync()));
      assert.ok(near(frozen(op, base, base, execution), plain), 'undisplaced it is the function itself');
      assert.deepEqual(
        { handles: binding.getNumOfTensors(), tensors: tf.memory().numTensors },
        before,
        'nothing is left behind',
      );
    });
  }
}

test('every operation with a frozen form has a row', () => {
  const rows = new Set(table.flatMap(({ operations }) => operations));
  assert.deepEqual(
    Object.keys(frozenOperations).filter((op) => !rows.has(op)),
    [],
  );
});

test('the binding is restored when a run throws, and a run that takes another way is refused', () => {
  const { binding } = tensorFlowBackend();
  const x = row(base);
  const fail = () => {
    throw new Error('on purpose');
  };
  assert.throws(() => tf.tidy(() => withChoicesOf(() => tf.relu(x), [fail]) as never), /on purpose/);
  assert.throws(() => tf.tidy(() => withChoicesOf(fail, []) as never), /on purpose/);
  assert.throws(() => tf.tidy(() => withChoicesOf(() => tf.relu(x), [() => tf.abs(x)])), { code: 'INTERNAL' });
  assert.equal(tensorFlowBackend().binding, binding);
  tf.dispose(x);
});
