/** Methods that take weights from another network: what they give is the function of it, or a share of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize } from '../../../src/engine/index.ts';
import { infer } from '../../../src/engine/network/infer.ts';
import type { Problem, Weights } from '../../../src/engine/run.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import { type NDArray, ndarray } from '../../../src/ndarray.ts';
import { createRandom } from '../../../src/random.ts';
import { problemFrom } from '../../support/problems.ts';

/** Trained networks have biases, gains and statistics of their own. */
function trained({ weights }: Problem): Weights {
  const random = createRandom(3, 'trained');
  return new Map(
    [...weights].map(([name, { shape, data }]) => {
      const isVariance = name.endsWith('variance');
      const moved = data.map((value) => (isVariance ? 0.5 + random.uniform() : value + 0.2 * random.normal()));
      return [name, ndarray('float32', shape, moved)];
    }),
  );
}

function run(method: string, target: object, source: object, options = {}) {
  const [own, other] = [problemFrom(target, 2), problemFrom(source, 1)];
  const network = { topology: other.topology, weights: trained(other) };
  const problem = { ...own, source: network };
  return {
    problem,
    source: network,
    result: () => initialize({ problem, method: configureMethod(method, options) }),
  };
}

const zoo = (name: string, options: object) => buildZooModel(name, options);
const residual = (options: object) => zoo('resnet', { inputShape: [8, 8, 3], ...options });

const sequential = (layers: readonly { readonly class_name: string; readonly config: object }[]) => ({
  class_name: 'Sequential',
  config: { name: 'net', layers },
});
const mobile = (filters: number, multiplier = 1) =>
  sequential([
    { class_name: 'Conv2D', config: { name: 'stem', filters, kernel_size: 3, batch_input_shape: [null, 8, 8, 3] } },
    { class_name: 'DepthwiseConv2D', config: { name: 'depthwise', kernel_size: 3, depth_multiplier: multiplier } },
    { class_name: 'SeparableConv2D', config: { name: 'separable', filters: 2 * filters, kernel_size: 3 } },
    { class_name: 'PReLU', config: { name: 'prelu', shared_axes: [1, 2] } },
    { class_name: 'Conv2DTranspose', config: { name: 'up', filters: filters + 1, kernel_size: 2, strides: 2 } },
    { class_name: 'Flatten', config: { name: 'flatten' } },
    { class_name: 'Dense', config: { name: 'logits', units: 3 } },
  ]);

const words = (class_name: string, name: string, config: object, inputs: readonly string[]) => ({
  module: 'keras.layers',
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: inputs.length
    ? [
        {
          args: inputs.map((from) => ({
            class_name: '__keras_tensor__',
            config: { shape: [], dtype: 'float32', keras_history: [from, 0, 0] },
          })),
          kwargs: {},
        },
      ]
    : [],
});

/** A block of a transformer without normalisation between an embedding and a classifier. */
function transformer(width: number, heads: number, hidden: number, norm = false) {
  const layers = [
    words('InputLayer', 'ids', { batch_shape: [null, 6], dtype: 'int32' }, []),
    words('Embedding', 'embedding', { input_dim: 11, output_dim: width }, ['ids']),
    words('MultiHeadAttention', 'attention', { num_heads: heads, key_dim: 3 }, ['embedding', 'embedding']),
    words('Add', 'sum1', {}, ['embedding', 'attention']),
    ...(norm ? [words('LayerNormalization', 'norm', {}, ['sum1'])] : []),
    words('Dense', 'wide', { units: hidden, activation: 'gelu' }, [norm ? 'norm' : 'sum1']),
    words('Dense', 'narrow', { units: width }, ['wide']),
    words('Add', 'sum2', {}, ['sum1', 'narrow']),
    words('GlobalAveragePooling1D', 'pool', {}, ['sum2']),
    words('Dense', 'logits', { units: 4 }, ['pool']),
  ];
  const config = { name: 'words', layers, input_layers: [['ids', 0, 0]], output_layers: [['logits', 0, 0]] };
  return { module: 'keras', class_name: 'Functional', registered_name: 'Functional', config };
}

const rectified = (count: number, units: number) =>
  sequential([
    ...Array.from({ length: count }, (_, index) => ({
      class_name: 'Dense',
      config: {
        name: `hidden${index}`,
        units,
        activation: 'relu',
        ...(index ? {} : { batch_input_shape: [null, 5] }),
      },
    })),
    { class_name: 'Dense', config: { name: 'logits', units: 3 } },
  ]);

const grown: readonly (readonly [string, object, object])[] = [
  [
    'a wider perceptron',
    zoo('mlp', { inputShape: [4], sizes: [13, 9], classes: 3 }),
    zoo('mlp', { inputShape: [4], sizes: [8, 6], classes: 3 }),
  ],
  ['a deeper perceptron of rectifiers', rectified(4, 7), rectified(2, 6)],
  [
    'a wider VGG with batch normalisation',
    zoo('vgg', { widths: [[6], [9]], inputShape: [8, 8, 1] }),
    zoo('vgg', { widths: [[4], [6]], inputShape: [8, 8, 1] }),
  ],
  ['a wider residual network', residual({ depth: 8, width: 7 }), residual({ depth: 8, width: 4 })],
  ['a deeper residual network', residual({ depth: 20, width: 4 }), residual({ depth: 8, width: 4 })],
  [
    'both, without normalisation',
    residual({ depth: 14, width: 6, batchNorm: false }),
    residual({ depth: 8, width: 4, batchNorm: false }),
  ],
  ['depthwise, separable and transposed convolutions', mobile(7), mobile(3)],
  ['a depthwise convolution with two outputs for each channel', mobile(5, 2), mobile(3, 2)],
  ['a transformer block of more heads', transformer(12, 5, 20), transformer(8, 2, 12)],
  [
    'layer normalisation over channels repeated equally often',
    transformer(16, 2, 20, true),
    transformer(8, 2, 12, true),
  ],
];

for (const [title, target, source] of grown)
  test(`net2net: ${title} computes what the source computes`, async () => {
    const { problem, source: network, result } = run('net2net', target, source);
    const { weights, findings } = await result();
    const random = createRandom(8, 'inputs');
    const [node, dtype] = [
      problem.topology.nodes[problem.topology.inputs[0] as number],
      problem.topology.inputDtypes[0],
    ];
    const shape = [5, ...(node?.shape ?? [])] as number[];
    const length = shape.reduce((size, extent) => size * extent);
    const input =
      dtype === 'int32'
        ? ndarray(
            'int32',
            shape,
            Int32Array.from({ length }, () => Math.floor(random.uniform() * 11)),
          )
        : ndarray(
            'float32',
            shape,
            Float32Array.from({ length }, () => random.normal()),
          );
    const [[own], [other]] = [
      await infer(problem.topology, weights, [input]),
      await infer(network.topology, network.weights, [input]),
    ] as [[NDArray<'float32'>], [NDArray<'float32'>]];
    const largest = Math.max(...other.data.map(Math.abs));
    assert.ok(largest > 0.01, 'the source computes something');
    own.data.forEach((value, at) => {
      assert.ok(Math.abs(value - (other.data[at] as number)) < 1e-4 * largest, `output ${at}`);
    });
    assert.ok((findings?.largestDifference as number) < 1e-4);
  });

test('net2net: repeated units have outgoing weights that differ, so that their gradients do', async () => {
  const { result } = run('net2net', rectified(1, 12), rectified(1, 6));
  const { data } = (await result()).weights.get('logits/kernel') as NDArray<'float32'>;
  for (let unit = 0; unit < 6; unit++) assert.notEqual(data[unit * 3], data[(unit + 6) * 3]);
});

const refused: readonly (readonly [string, string, object, object, RegExp])[] = [
  [
    'layer normalisation over channels repeated unequally often',
    'net2net',
    transformer(12, 2, 20, true),
    transformer(8, 2, 12, true),
    /does not compute what the source computes: outputs of "logits" differ by/,
  ],
  [
    'a source with layers of its own',
    'net2net',
    rectified(1, 8),
    rectified(2, 6),
    /no layer corresponds to "hidden1" of the source/,
  ],
  ['a smaller network', 'net2net', mobile(3), mobile(7), /"stem" \(Conv2D\) has 3 units where the source has 7/],
  [
    'a larger network',
    'weight-selection',
    rectified(2, 8),
    rectified(2, 6),
    /hidden0\/kernel \[5,8\] is larger than its counterpart \[5,6\].*net2net grows networks/,
  ],
  [
    'a deeper network',
    'weight-selection',
    rectified(3, 6),
    rectified(2, 6),
    /hidden2\/kernel \[6,6\] has no layer that corresponds to "hidden2"/,
  ],
];
for (const [title, method, target, source, message] of refused)
  test(`${method}: ${title} is refused`, async () => {
    await assert.rejects(run(method, target, source).result(), { code: 'METHOD_NOT_APPLICABLE', message });
  });

test('weight-selection takes elements at even distances, and the first layers', async () => {
  const { source, result } = run('weight-selection', rectified(2, 4), rectified(3, 10));
  const { weights } = await result();
  const { data } = weights.get('hidden1/kernel') as NDArray<'float32'>;
  const { data: from } = source.weights.get('hidden1/kernel') as NDArray<'float32'>;
  // floor(j 10 / 4) = 0, 2, 5, 7
  const places = [0, 2, 5, 7];
  places.forEach((row, i) => {
    places.forEach((column, j) => {
      assert.equal(data[i * 4 + j], from[row * 10 + column]);
    });
  });
});

test('weight-selection: layers with automatic names correspond by their order', async () => {
  const named = (first: number, units: number) =>
    sequential([
      {
        class_name: 'Dense',
        config: { name: `dense_${first}`, units, activation: 'relu', batch_input_shape: [null, 5] },
      },
      { class_name: 'Dense', config: { name: `dense_${first + 1}`, units, activation: 'relu' } },
      { class_name: 'Dense', config: { name: `dense_${first + 2}`, units: 3 } },
    ]);
  const { result } = run('weight-selection', named(1, 4), named(2, 8));
  const { findings } = await result();
  assert.deepEqual(findings?.takenFrom, {
    'dense_1/kernel': 'dense_2/kernel',
    'dense_1/bias': 'dense_2/bias',
    'dense_2/kernel': 'dense_3/kernel',
    'dense_2/bias': 'dense_3/bias',
    'dense_3/kernel': 'dense_4/kernel',
    'dense_3/bias': 'dense_4/bias',
  });
});
