/** The data-free methods: variances, orthogonality, what is kept and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize } from '../../../src/engine/index.ts';
import type { MethodResult } from '../../../src/engine/run.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import type { NDArray } from '../../../src/ndarray.ts';
import { run } from '../../support/method-runs.ts';
import { problemFrom, problems } from '../../support/problems.ts';

/** A chain of tfjs layers behind one input. */
function chain(inputShape: readonly (number | null)[], ...layers: [className: string, config: object][]): object {
  const named = layers.map(([class_name, config], index) => ({
    class_name,
    config: { name: `layer${index}`, ...config, ...(index === 0 ? { batch_input_shape: [null, ...inputShape] } : {}) },
  }));
  return { class_name: 'Sequential', config: { name: 'chain', layers: named } };
}

const attention = {
  module: 'keras',
  class_name: 'Functional',
  registered_name: 'Functional',
  config: {
    name: 'model',
    layers: [
      {
        module: 'keras.layers',
        class_name: 'InputLayer',
        config: { batch_shape: [null, 5, 6], dtype: 'float32', name: 'x' },
        name: 'x',
        inbound_nodes: [],
      },
      {
        module: 'keras.layers',
        class_name: 'MultiHeadAttention',
        config: {
          name: 'mha',
          num_heads: 2,
          key_dim: 3,
          kernel_initializer: { module: 'keras.initializers', class_name: 'RandomNormal', config: {} },
        },
        name: 'mha',
        inbound_nodes: [
          {
            args: ['query', 'value'].map(() => ({
              class_name: '__keras_tensor__',
              config: { shape: [null, 5, 6], dtype: 'float32', keras_history: ['x', 0, 0] },
            })),
            kwargs: {},
          },
        ],
      },
    ],
    input_layers: [['x', 0, 0]],
    output_layers: [['mha', 0, 0]],
  },
};

function variance({ data }: NDArray<'float32'>): number {
  return data.reduce((sum, value) => sum + value ** 2, 0) / data.length;
}

const of = ({ weights }: MethodResult, name: string): NDArray<'float32'> => {
  const found = weights.get(name);
  assert.ok(found, `there is no ${name}`);
  return found;
};

const wide = chain([400], ['Dense', { units: 200, bias_initializer: 'ones' }]);
const variances = [
  { name: 'xavier', options: {}, expected: 2 / 600 },
  { name: 'xavier', options: { distribution: 'normal', gain: 2 }, expected: 8 / 600 },
  { name: 'lecun', options: {}, expected: 1 / 400 },
  { name: 'lecun', options: { distribution: 'uniform' }, expected: 1 / 400 },
  { name: 'kaiming', options: {}, expected: 2 / 200 },
];
for (const { name, options, expected } of variances) {
  test(`${name} ${JSON.stringify(options)} draws with its variance and zeroes biases`, async () => {
    const result = await run(name, problemFrom(wide), options);
    assert.ok(Math.abs(variance(of(result, 'layer0/kernel')) / expected - 1) < 0.03);
    assert.ok(of(result, 'layer0/bias').data.every((value) => value === 0));
  });
}

test('uniform draws stay inside their bound, normal ones do not', async () => {
  const bound = Math.sqrt(6 / 600);
  const largest = async (distribution: string) =>
    Math.max(...of(await run('xavier', problemFrom(wide), { distribution }), 'layer0/kernel').data.map(Math.abs));
  assert.ok((await largest('uniform')) <= bound);
  assert.ok((await largest('normal')) > 1.5 * bound);
});

test('fans of attention kernels are those of the projection, whatever initialiser was posted', async () => {
  const result = await run('xavier', problemFrom(attention));
  const bound = Math.sqrt(6 / 12);
  for (const key of ['query/kernel', 'attention_output/kernel']) {
    const largest = Math.max(...of(result, `mha/${key}`).data.map(Math.abs));
    assert.ok(largest <= bound && largest > 0.8 * bound, key);
  }
});

/** Rows of a matrix that is `read` element by element; the smaller side is checked. */
function assertOrthonormal(
  rows: number,
  columns: number,
  read: (row: number, column: number) => number,
  gain = 1,
): void {
  const [vectors, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const element = (vector: number, i: number) => (rows < columns ? read(vector, i) : read(i, vector));
  for (let a = 0; a < vectors; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += element(a, i) * element(b, i);
      assert.ok(Math.abs(sum - (a === b ? gain ** 2 : 0)) < 1e-5, `rows ${a} and ${b}: ${sum}`);
    }
  }
}

test('orthogonal: a convolution is one matrix, a gate, a channel and a projection are each their own', async () => {
  const kernelOf = async (model: object, name: string, gain = 1) =>
    of(await run('orthogonal', problemFrom(model), { gain }), name).data;
  const at = (data: Float32Array, index: number) => data[index] as number;

  const conv = await kernelOf(chain([6, 6, 3], ['Conv2D', { filters: 5, kernel_size: 3 }]), 'layer0/kernel', 2);
  assertOrthonormal(27, 5, (row, column) => at(conv, row * 5 + column), 2);

  const lstm = await kernelOf(chain([4, 3], ['LSTM', { units: 5 }]), 'layer0/recurrent_kernel');
  for (const gate of [0, 1, 2, 3]) assertOrthonormal(5, 5, (row, column) => at(lstm, row * 20 + gate * 5 + column));

  const depthwise = await kernelOf(
    chain([6, 6, 3], ['DepthwiseConv2D', { kernel_size: 2, depth_multiplier: 2 }]),
    'layer0/depthwise_kernel',
  );
  for (const channel of [0, 1, 2])
    assertOrthonormal(4, 2, (row, column) => at(depthwise, (row * 3 + channel) * 2 + column));

  const query = await kernelOf(attention, 'mha/query/kernel');
  assertOrthonormal(6, 6, (row, column) => at(query, row * 6 + column));
});

test('delta-orthogonal: only the centre tap is set, with orthonormal rows', async () => {
  const result = await run(
    'delta-orthogonal',
    problemFrom(chain([6, 6, 3], ['Conv2D', { filters: 5, kernel_size: [3, 4] }])),
    { gain: 2 },
  );
  const { data } = of(result, 'layer0/kernel');
  const centre = (1 * 4 + 1) * 15;
  assertOrthonormal(3, 5, (row, column) => data[centre + row * 5 + column] as number, 2);
  assert.ok(data.every((value, index) => value === 0 || (index >= centre && index < centre + 15)));
});

test('delta-orthogonal keeps the norm of an image through a transposed convolution and through channels of their own', async () => {
  const transposed = of(
    await run('delta-orthogonal', problemFrom(chain([6, 6, 2], ['Conv2DTranspose', { filters: 3, kernel_size: 3 }]))),
    'layer0/kernel',
  );
  assert.deepEqual(transposed.shape, [3, 3, 3, 2]);
  assertOrthonormal(3, 2, (row, column) => transposed.data[4 * 6 + row * 2 + column] as number);
  const depthwise = of(
    await run('delta-orthogonal', problemFrom(chain([6, 6, 2], ['DepthwiseConv2D', { kernel_size: 3 }]))),
    'layer0/depthwise_kernel',
  );
  assert.ok(
    Array.from(depthwise.data).every(
      (value, index) => Math.abs(Math.abs(value) - (index === 8 || index === 9 ? 1 : 0)) < 1e-6,
    ),
  );
});

test('delta-orthogonal refuses a narrowing convolution by its name, and projects if asked to', async () => {
  const { topology } = problemFrom(chain([6, 6, 5], ['Conv2D', { filters: 3, kernel_size: 3 }]));
  const apply = (options: Record<string, unknown>) => {
    const configured = configureMethod('delta-orthogonal', options);
    return configured.method.applicability(topology, configured.options as never);
  };
  const refused = apply({});
  assert.ok(!refused.applicable);
  assert.match(refused.reason, /layer "layer0" maps 5 channels to 3/);
  assert.ok(apply({ narrowing: 'project' }).applicable);
});

for (const name of ['xavier', 'lecun', 'orthogonal', 'kaiming', 'delta-orthogonal']) {
  test(`${name} keeps names, shapes and statistics, and its bytes follow the seed`, async () => {
    const problem = problems.batchNorm(3);
    const [first, second] = [await run(name, problem), await run(name, problem)];
    const other = await run(name, { ...problem, seed: 4 });
    assert.deepEqual([...first.weights.keys()], [...problem.weights.keys()]);
    for (const [key, { shape, data }] of first.weights) {
      assert.deepEqual(shape, problem.weights.get(key)?.shape, key);
      assert.ok(data.every(Number.isFinite), key);
      assert.deepEqual(data, second.weights.get(key)?.data, key);
      if (/gamma|beta|moving/.test(key)) assert.deepEqual(data, problem.weights.get(key)?.data);
      if (key.endsWith('kernel')) assert.notDeepEqual(data, other.weights.get(key)?.data);
    }
  });

  test(`${name} runs on a transformer and stops when it is cancelled`, async () => {
    const problem = problemFrom(
      buildZooModel('transformer-classifier', { length: 4, width: 8, heads: 2, feedForward: 16 }),
    );
    const result = await run(name, problem);
    assert.equal(result.weights.size, problem.weights.size);
    const method = configureMethod(name);
    await assert.rejects(initialize({ problem, method }, { signal: AbortSignal.abort() }));
  });
}

test('a network without a kernel is refused before it runs', () => {
  const { topology } = problemFrom(chain([3], ['Activation', { activation: 'relu' }]));
  for (const name of ['xavier', 'lecun', 'orthogonal', 'delta-orthogonal']) {
    const { method, options } = configureMethod(name);
    const found = method.applicability(topology, options as never);
    assert.ok(!found.applicable && /no trainable kernel/.test(found.reason));
  }
});
