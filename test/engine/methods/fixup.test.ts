import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize, type Problem } from '../../../src/engine/index.ts';
import { infer } from '../../../src/engine/network/infer.ts';
import { tf } from '../../../src/engine/tf.ts';
import { parseModel } from '../../../src/models/index.ts';
import { tfjsWeightNames, writeFunctional } from '../../../src/models/to-tfjs-layers.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import { type NDArray, ndarray, sizeOf } from '../../../src/ndarray.ts';
import { createRandom } from '../../../src/random.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { problemFrom } from '../../support/problems.ts';

type Weights = ReadonlyMap<string, NDArray<'float32'>>;

const zoo = (name: string, options: object) => problemFrom(buildZooModel(name, options));
const run = (problem: Problem, options: Record<string, unknown> = {}) =>
  initialize({ problem, method: configureMethod('fixup', options) });

function applicabilityOf({ topology }: Problem, options: Record<string, unknown> = {}) {
  const { method, options: complete } = configureMethod('fixup', options);
  return method.applicability(topology, complete as never);
}

const image = [8, 8, 2];
const resnet = (options: object = {}) =>
  zoo('resnet', { depth: 14, width: 4, inputShape: image, batchNorm: false, ...options });

const rootMeanSquare = ({ data }: NDArray<'float32'>) =>
  Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);

const get = (weights: Weights, name: string): NDArray<'float32'> => {
  const found = weights.get(name);
  assert.ok(found, `there is no ${name}`);
  return found;
};

function randomInput(shape: readonly number[]): NDArray<'float32'> {
  const random = createRandom(5, 'input');
  return ndarray(
    'float32',
    [2, ...shape],
    Float32Array.from({ length: 2 * sizeOf(shape) }, () => random.normal()),
  );
}

/** The same network with the node of `layer` as its only output. */
function cutAt(topology: Topology, layer: string): Topology {
  const node = topology.nodes.find((candidate) => topology.layers[candidate.layer]?.name === layer);
  assert.ok(node, layer);
  return { ...topology, outputs: [node.id] };
}

function assertSameParams(topology: Topology, weights: Weights): void {
  const params = topology.layers.flatMap((layer) => layer.params);
  assert.deepEqual([...weights.keys()].sort(), params.map(({ name }) => name).sort());
  for (const { name, shape } of params) assert.deepEqual(get(weights, name).shape, shape, name);
}

/** Loads the patched network with stock tfjs from its JSON and the weights. */
async function predictWithTfjs(topology: Topology, weights: Weights, input: NDArray<'float32'>): Promise<Float32Array> {
  const json = writeFunctional(topology);
  assertSameParams(parseModel({ topology: json }).topology, weights);
  const names = tfjsWeightNames(topology);
  const entries = [...weights].map(([name, { shape, data }]) => ({
    name: names.get(name) ?? name,
    shape: [...shape],
    dtype: 'float32' as const,
    data,
  }));
  const weightData = new Uint8Array(
    Buffer.concat(entries.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))),
  ).buffer;
  const weightSpecs = entries.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: json, weightSpecs, weightData }));
  const output = model.predict(tf.tensor(input.data, [...input.shape]));
  assert.ok(!Array.isArray(output));
  return output.dataSync() as Float32Array;
}

test('a ResNet comes back with the scalars of the published network: five for each block, two around them', async () => {
  const result = await run(resnet());
  const { patchedTopology, weights, findings } = result;
  assert.ok(patchedTopology);
  assertSameParams(patchedTopology, weights);
  const scalars = [...weights.keys()].filter((name) => name.includes('fixup'));
  assert.equal(scalars.length, 5 * 6 + 2);
  for (const name of scalars) assert.deepEqual([...get(weights, name).data], [name.includes('scale') ? 1 : 0]);
  assert.equal(findings?.variant, 'fixup');
  assert.equal(findings?.branches, 6);
  assert.deepEqual(findings?.scalars, { shifts: 26, multipliers: 6, unshiftedActivations: [] });
});

test('inner layers are He times L^-1/2, last layers and the classifier zero, stem and names as they were', async () => {
  const problem = resnet({ width: 32 });
  const { weights } = await run(problem);
  const rms = (name: string) => rootMeanSquare(get(weights, name));
  const he = Math.sqrt(2 / (9 * 32));
  assert.ok(Math.abs(rms('stem_conv/kernel') / he - 1) < 0.1);
  assert.ok(Math.abs(rms('stage1_block1_conv1/kernel') / (he * 6 ** -0.5) - 1) < 0.05);
  for (const name of [
    'stage1_block1_conv2/kernel',
    'stage3_block2_conv2/kernel',
    'classifier/kernel',
    'classifier/bias',
  ])
    assert.equal(rms(name), 0);
  for (const name of problem.weights.keys()) assert.ok(weights.has(name), name);
});

test('at the start the network is its shortcuts, and the patch changes nothing', async () => {
  const problem = resnet();
  const { patchedTopology, weights } = await run(problem);
  assert.ok(patchedTopology);
  const input = randomInput(image);
  const read = async (topology: Topology, layer: string) => {
    const params = new Set(topology.layers.flatMap((each) => each.params.map(({ name }) => name)));
    const own = new Map([...weights].filter(([name]) => params.has(name)));
    const [output] = await infer(cutAt(topology, layer), own, [input]);
    return output?.data;
  };
  assert.deepEqual(await read(patchedTopology, 'stage1_block2_relu2'), await read(patchedTopology, 'stem_relu'));
  for (const layer of ['stage2_block1_add', 'pool', 'classifier']) {
    assert.deepEqual(await read(patchedTopology, layer), await read(problem.topology, layer));
  }
});

const loadable: { title: string; problem: () => Problem; options?: Record<string, unknown>; shape: number[] }[] = [
  { title: 'a ResNet', problem: () => resnet(), shape: image },
  {
    title: 'a wide ResNet with strided, padded convolutions and projections',
    problem: () => zoo('wide-resnet', { depth: 10, widenFactor: 1, batchNorm: false, inputShape: image }),
    shape: image,
  },
  {
    title: 'a ResNet whose normalisation is removed',
    problem: () => resnet({ batchNorm: true }),
    options: { normalization: 'remove' },
    shape: image,
  },
];
for (const { title, problem, options = {}, shape } of loadable) {
  test(`stock tfjs loads ${title} and computes what the engine does, for any values of the scalars`, async () => {
    const { patchedTopology, weights } = await run(problem(), options);
    assert.ok(patchedTopology);
    const random = createRandom(1, 'noise');
    const noisy = new Map(
      [...weights].map(([name, { shape: extents, data }]) => [
        name,
        ndarray(
          'float32',
          extents,
          data.map((value) => value + 0.1 * random.normal()),
        ),
      ]),
    );
    const input = randomInput(shape);
    const [own] = await infer(patchedTopology, noisy, [input]);
    const stock = await predictWithTfjs(patchedTopology, noisy, input);
    assert.ok(own?.data.every((value, index) => Math.abs(value - (stock[index] as number)) < 1e-5));
    const [start] = await infer(patchedTopology, weights, [input]);
    assert.ok(start?.data.every((value) => value === 0));
  });
}

test('the softmax that was posted is in the patched network again', async () => {
  const dense = (name: string, units: number, from: string, activation = 'linear') => ({
    name,
    class_name: 'Dense',
    config: { name, units, activation },
    inbound_nodes: [[[from, 0, 0, {}]]],
  });
  const layers = [
    { name: 'x', class_name: 'InputLayer', config: { name: 'x', batch_input_shape: [null, 4] }, inbound_nodes: [] },
    dense('one', 4, 'x'),
    dense('two', 4, 'one'),
    {
      name: 'sum',
      class_name: 'Add',
      config: { name: 'sum' },
      inbound_nodes: [
        [
          ['x', 0, 0, {}],
          ['two', 0, 0, {}],
        ],
      ],
    },
    dense('head', 3, 'sum', 'softmax'),
  ];
  const problem = problemFrom({
    class_name: 'Model',
    config: { name: 'm', layers, input_layers: [['x', 0, 0]], output_layers: [['head', 0, 0]] },
  });
  const { patchedTopology, weights } = await run(problem);
  assert.ok(patchedTopology);
  const output = await predictWithTfjs(patchedTopology, weights, randomInput([4]));
  assert.ok(output.every((value) => Math.abs(value - 1 / 3) < 1e-6));
  const only = await run(problem, { mode: 'weights-only' });
  assert.equal(only.patchedTopology, undefined);
  assert.equal(only.findings?.mode, 'weights-only');
  assertSameParams(problem.topology, only.weights);
});

test('with batch normalisation in the branches the last gain is zero, the network stays and the label says so', async () => {
  const problem = resnet({ batchNorm: true });
  const { patchedTopology, weights, findings } = await run(problem);
  assert.equal(patchedTopology, undefined);
  assert.equal(findings?.variant, 'zero-gamma');
  assertSameParams(problem.topology, weights);
  assert.ok(get(weights, 'stage1_block1_bn2/gamma').data.every((value) => value === 0));
  assert.ok(get(weights, 'stage1_block1_bn1/gamma').data.every((value) => value === 1));
  assert.ok(rootMeanSquare(get(weights, 'stage1_block1_conv2/kernel')) > 0);
  const applicability = applicabilityOf(problem);
  assert.ok(applicability.applicable && /zero-gamma, not Fixup/.test(applicability.note ?? ''));
});

test('where normalisation comes before the last layer, that layer is zero: a zero gain before a rectifier would never learn', async () => {
  const { weights, findings } = await run(zoo('wide-resnet', { depth: 10, widenFactor: 1, inputShape: image }));
  assert.equal(findings?.variant, 'zero-last-layer');
  assert.equal(rootMeanSquare(get(weights, 'stage1_block1_conv2/kernel')), 0);
  assert.ok(get(weights, 'stage1_block1_bn2/gamma').data.every((value) => value === 1));
});

test('an attention block counts four weighted layers, a feed-forward block two', async () => {
  const problem = zoo('transformer', {
    encoderLayers: 1,
    decoderLayers: 1,
    width: 8,
    heads: 2,
    feedForward: 16,
    sourceVocabulary: 9,
    targetVocabulary: 9,
    sourceLength: 3,
    targetLength: 3,
    normalization: 'none',
  });
  const { findings, patchedTopology, weights } = await run(problem, { kernels: 'xavier' });
  assert.deepEqual(findings?.layersPerBranch, [
    { layers: 4, branches: 3, factor: 5 ** (-1 / 6) },
    { layers: 2, branches: 2, factor: 5 ** (-1 / 2) },
  ]);
  assert.equal(rootMeanSquare(get(weights, 'decoder1_cross_output/kernel')), 0);
  assert.ok(patchedTopology);
  assertSameParams(patchedTopology, weights);
});

const refusals: { title: string; problem: () => Problem; options?: Record<string, unknown>; reason: RegExp }[] = [
  { title: 'VGG', problem: () => zoo('vgg', { widths: [[2]], inputShape: image }), reason: /no residual sum/ },
  {
    title: 'DenseNet',
    problem: () => zoo('densenet-bc', { depth: 10, growthRate: 2, inputShape: image }),
    reason: /no residual sum/,
  },
  {
    title: 'a multilayer perceptron',
    problem: () => zoo('mlp', { inputShape: [3], sizes: [4] }),
    reason: /no residual sum/,
  },
  {
    title: 'removal without a patch',
    problem: () => resnet({ batchNorm: true }),
    options: { normalization: 'remove', mode: 'weights-only' },
    reason: /weights-only/,
  },
];
for (const { title, problem, options = {}, reason } of refusals) {
  test(`${title} is refused with the reason before it runs`, async () => {
    const found = applicabilityOf(problem(), options);
    assert.ok(!found.applicable);
    assert.match(found.reason, reason);
    await assert.rejects(run(problem(), options), { code: 'METHOD_NOT_APPLICABLE' });
  });
}
