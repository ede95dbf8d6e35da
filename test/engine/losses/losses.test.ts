import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLoss } from '../../../src/engine/losses/index.ts';
import { type LossName, lossSpecs } from '../../../src/engine/losses/specs.ts';
import { type Scalar, type Tensor, tf } from '../../../src/engine/tf.ts';

const near = (actual: number, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);

interface Row {
  title: string;
  loss: LossName;
  options?: Record<string, unknown>;
  outputs: number[] | number[][] | number[][][];
  targets: () => Tensor;
  value: number;
}

const labels = (values: number[] | number[][]) => () => tf.tensor(values, undefined, 'int32');
const floats = (values: number[] | number[][] | number[][][]) => () => tf.tensor(values, undefined, 'float32');
const logSum = (...x: number[]) => Math.log(x.reduce((sum, v) => sum + Math.exp(v), 0));

const rows: Row[] = [
  {
    title: 'softmax cross-entropy of class ids',
    loss: 'softmax-cross-entropy',
    outputs: [
      [1, 2, 3],
      [0.5, -1, 0],
    ],
    targets: labels([2, 0]),
    value: (logSum(1, 2, 3) - 3 + logSum(0.5, -1, 0) - 0.5) / 2,
  },
  {
    title: 'softmax cross-entropy of probabilities',
    loss: 'softmax-cross-entropy',
    outputs: [[1, 2, 3]],
    targets: floats([[0.2, 0.3, 0.5]]),
    value: logSum(1, 2, 3) - (0.2 + 0.6 + 1.5),
  },
  {
    title: 'softmax cross-entropy with label smoothing',
    loss: 'softmax-cross-entropy',
    options: { labelSmoothing: 0.3 },
    outputs: [[1, 2, 3]],
    targets: labels([0]),
    value: logSum(1, 2, 3) - (0.8 * 1 + 0.1 * 2 + 0.1 * 3),
  },
  {
    title: 'softmax cross-entropy of sequences',
    loss: 'softmax-cross-entropy',
    outputs: [
      [
        [1, 2],
        [0, 3],
        [4, 4],
      ],
    ],
    targets: labels([[0, 1, 1]]),
    value: (logSum(1, 2) - 1 + logSum(0, 3) - 3 + Math.log(2)) / 3,
  },
  {
    title: 'softmax cross-entropy of positions, one of which has no label',
    loss: 'softmax-cross-entropy',
    outputs: [
      [
        [1, 2],
        [0, 3],
        [4, 4],
      ],
    ],
    targets: labels([[0, -1, 1]]),
    value: (logSum(1, 2) - 1 + Math.log(2)) / 2,
  },
  {
    title: 'softmax cross-entropy with label smoothing of positions without a label',
    loss: 'softmax-cross-entropy',
    options: { labelSmoothing: 0.4 },
    outputs: [
      [
        [1, 2],
        [0, 3],
      ],
    ],
    targets: labels([[-1, 0]]),
    value: logSum(0, 3) - (0.8 * 0 + 0.2 * 3),
  },
  {
    title: 'softmax cross-entropy without any label',
    loss: 'softmax-cross-entropy',
    outputs: [
      [
        [1, 2],
        [0, 3],
      ],
    ],
    targets: labels([[-1, -1]]),
    value: 0,
  },
  {
    title: 'sigmoid cross-entropy of a mask with one unit, a position left out',
    loss: 'sigmoid-cross-entropy',
    outputs: [[[0.5], [-2], [7]]],
    targets: labels([[1, 0, -1]]),
    value: (Math.log1p(Math.exp(-0.5)) + Math.log1p(Math.exp(-2))) / 2,
  },
  {
    title: 'sigmoid cross-entropy of ids per position and several units',
    loss: 'sigmoid-cross-entropy',
    outputs: [
      [
        [1, -1],
        [5, 5],
      ],
    ],
    targets: labels([[0, -1]]),
    value: (Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(-1))) / 2,
  },
  {
    title: 'softmax cross-entropy of huge logits',
    loss: 'softmax-cross-entropy',
    outputs: [[10000, -10000, 9990]],
    targets: labels([2]),
    value: 10 + Math.log1p(Math.exp(-10)),
  },
  {
    title: 'sigmoid cross-entropy of two classes and one unit',
    loss: 'sigmoid-cross-entropy',
    outputs: [[0.5], [-2]],
    targets: labels([1, 0]),
    value: (Math.log1p(Math.exp(-0.5)) + Math.log1p(Math.exp(-2))) / 2,
  },
  {
    title: 'sigmoid cross-entropy of soft multi-label targets',
    loss: 'sigmoid-cross-entropy',
    outputs: [[0.5, -2]],
    targets: floats([[0.25, 1]]),
    value: (0.25 * Math.log1p(Math.exp(-0.5)) + 0.75 * Math.log1p(Math.exp(0.5)) + Math.log1p(Math.exp(2))) / 2,
  },
  {
    title: 'sigmoid cross-entropy of class ids and several units',
    loss: 'sigmoid-cross-entropy',
    outputs: [[1, -1, 0]],
    targets: labels([0]),
    value: (Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(-1)) + Math.log(2)) / 3,
  },
  {
    title: 'sigmoid cross-entropy of huge logits',
    loss: 'sigmoid-cross-entropy',
    outputs: [[1000], [-1000]],
    targets: floats([[0], [1]]),
    value: 1000,
  },
  {
    title: 'mean squared error over all elements',
    loss: 'mean-squared-error',
    outputs: [
      [1, 2],
      [3, 4],
    ],
    targets: floats([
      [1, 0],
      [0, 8],
    ]),
    value: (0 + 4 + 9 + 16) / 4,
  },
  {
    title: 'mean squared error of scalars per sample',
    loss: 'mean-squared-error',
    outputs: [[1], [3]],
    targets: floats([0, 5]),
    value: 2.5,
  },
  {
    title: 'mean squared error of class ids as numbers',
    loss: 'mean-squared-error',
    outputs: [[1], [3]],
    targets: labels([0, 5]),
    value: 2.5,
  },
  {
    title: 'Huber loss on both sides of delta',
    loss: 'huber',
    options: { delta: 2 },
    outputs: [[0.5, 5, -5, 0]],
    targets: floats([[0, 0, 0, 0]]),
    value: (0.125 + 2 * (5 - 1) + 2 * (5 - 1) + 0) / 4,
  },
  { title: 'Huber loss with its default delta', loss: 'huber', outputs: [[3]], targets: floats([[0]]), value: 2.5 },
];

describe('losses', () => {
  for (const { title, loss, options, outputs, targets, value } of rows) {
    test(`${title} has the value of the formula`, () => {
      tf.tidy(() => near(createLoss(loss, options)(tf.tensor(outputs), targets()).dataSync()[0] ?? Number.NaN, value));
    });

    test(`${title} has the gradient of its values`, () => {
      tf.tidy(() => {
        const apply = createLoss(loss, options);
        const x = tf.tensor(outputs);
        const y = targets();
        const gradient = tf
          .grad((v: Tensor) => apply(v, y))(x)
          .dataSync();
        const flat = x.dataSync();
        const at = (i: number, step: number) =>
          apply(
            tf.tensor(
              flat.map((v, j) => (j === i ? v + step : v)),
              x.shape,
            ),
            y,
          ).dataSync()[0] ?? Number.NaN;
        // Huge logits leave no digits for differences.
        if (flat.some((v) => Math.abs(v) > 100)) return assert.ok(gradient.every(Number.isFinite));
        for (let i = 0; i < flat.length; i += 1)
          near(gradient[i] ?? Number.NaN, (at(i, 0.01) - at(i, -0.01)) / 0.02, 1e-3);
      });
    });
  }

  test('agree with the losses of TensorFlow.js', () => {
    tf.tidy(() => {
      const x = tf.randomNormal([7, 5], 0, 3, 'float32', 1);
      const y = tf.softmax(tf.randomNormal([7, 5], 0, 3, 'float32', 2));
      const value = (t: Tensor) => t.dataSync()[0] ?? Number.NaN;
      const pairs: [Scalar, Tensor][] = [
        [createLoss('softmax-cross-entropy')(x, y), tf.losses.softmaxCrossEntropy(y, x)],
        [
          createLoss('softmax-cross-entropy', { labelSmoothing: 0.1 })(x, y),
          tf.losses.softmaxCrossEntropy(y, x, undefined, 0.1),
        ],
        [createLoss('sigmoid-cross-entropy')(x, y), tf.losses.sigmoidCrossEntropy(y, x)],
        [createLoss('mean-squared-error')(x, y), tf.losses.meanSquaredError(y, x)],
        [createLoss('huber')(x, y), tf.losses.huberLoss(y, x)],
      ];
      for (const [ours, theirs] of pairs) near(value(ours), value(theirs), 1e-5);
    });
  });

  test('sigmoid cross-entropy has the gradient 1/2 - y at a logit of exactly zero', () => {
    tf.tidy(() => {
      const y = tf.tensor2d([[0], [1], [0.25]]);
      const gradient = tf.grad((x: Tensor) => createLoss('sigmoid-cross-entropy')(x, y))(tf.zeros([3, 1]));
      assert.deepEqual(
        [...gradient.dataSync()].map((v) => Number((3 * v).toFixed(6))),
        [0.5, -0.5, 0.25],
      );
    });
  });

  test('leak no tensors', () => {
    const before = tf.memory().numTensors;
    for (const { loss, options, outputs, targets } of rows) {
      tf.tidy(() => {
        createLoss(loss, options)(tf.tensor(outputs), targets());
      });
    }
    assert.equal(tf.memory().numTensors, before);
  });

  test('refuse targets whose shape does not fit the outputs', () => {
    const loss = createLoss('softmax-cross-entropy');
    assert.throws(() => tf.tidy(() => loss(tf.zeros([4, 3]), tf.zeros([5], 'int32'))), {
      code: 'DATASET_SHAPE_MISMATCH',
    });
    assert.throws(() => tf.tidy(() => loss(tf.zeros([4, 3]), tf.zeros([4, 2]))), { code: 'DATASET_SHAPE_MISMATCH' });
  });

  const refused: [string, Record<string, unknown>, string][] = [
    ['softmax', {}, 'LOSS_UNKNOWN'],
    ['valueOf', {}, 'LOSS_UNKNOWN'],
    ['__proto__', {}, 'LOSS_UNKNOWN'],
    ['huber', { delta: 0 }, 'OPTION_INVALID'],
    ['huber', { delta: '1' }, 'OPTION_INVALID'],
    ['huber', { gamma: 1 }, 'OPTION_INVALID'],
    ['softmax-cross-entropy', { labelSmoothing: 1 }, 'OPTION_INVALID'],
    ['mean-squared-error', { delta: 1 }, 'OPTION_INVALID'],
  ];
  for (const [name, options, code] of refused) {
    test(`createLoss("${name}", ${JSON.stringify(options)}) is refused with ${code}`, () => {
      assert.throws(() => createLoss(name, options), { code });
    });
  }
});

test('every loss of the registry has a row with a value computed by hand', () => {
  assert.deepEqual([...new Set(rows.map(({ loss }) => loss))].sort(), Object.keys(lossSpecs).sort());
});
