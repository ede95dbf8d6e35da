import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDraws } from '../../../src/engine/feeding/draws.ts';
import { configureMethod, initialize, type Problem } from '../../../src/engine/index.ts';
import { createNetwork } from '../../../src/engine/network/network.ts';
import { plainWeight } from '../../../src/engine/network/weights.ts';
import { scoped, tf } from '../../../src/engine/tf.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import type { NDArray } from '../../../src/ndarray.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { problemOf, problems } from '../../support/problems.ts';

const batchSize = 32;

interface LayerVariance {
  readonly layer: string;
  readonly std: number;
  readonly tries: number;
}

const run = (problem: Problem, options: Record<string, unknown> = {}) =>
  initialize({ problem, method: configureMethod('lsuv', { batchSize, ...options }) });

const variancesOf = (result: { readonly findings?: Readonly<Record<string, unknown>> }) =>
  result.findings?.layers as readonly LayerVariance[];

/** Standard deviations of the named layers by running the whole network at once. */
function measure(
  topology: Topology,
  weights: ReadonlyMap<string, NDArray<'float32'>>,
  problem: Problem,
  names: readonly string[],
): number[] {
  const { samples, seed } = problem;
  assert.ok(samples);
  const { inputs } = samples.gather(createDraws({ size: samples.size, seed, batchSize }).next());
  const outputs = names.map((name) => topology.nodes.findIndex(({ layer }) => topology.layers[layer]?.name === name));
  return scoped(() => {
    const given = new Map(
      [...weights].map(([name, { data, shape }]) => [name, plainWeight(tf.tensor(data, [...shape]))]),
    );
    const tensors = inputs.map(({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype));
    const results = createNetwork({ ...topology, outputs }).forward(given, tensors, 'moving');
    return results.map((result) => Math.sqrt(tf.moments(result).variance.dataSync()[0] as number));
  });
}

for (const name of ['convolution', 'batchNorm', 'residual'] as const) {
  test(`every layer of the ${name} network has unit variance on the batch, as a forward of the whole network finds too`, async () => {
    const problem = problems[name]();
    const result = await run(problem);
    const layers = variancesOf(result);
    const kernels = problem.topology.layers.filter(({ params }) => params.some(({ key }) => key === 'kernel'));
    assert.deepEqual(layers.map(({ layer }) => layer).sort(), kernels.map((layer) => layer.name).sort());
    for (const { layer, std, tries } of layers)
      assert.ok(Math.abs(std - 1) <= 0.1 && tries <= 1, `${layer}: ${std} after ${tries}`);
    assert.deepEqual(result.findings?.missed, []);
    assert.equal(result.statistics.leakedTensors, 0);
    const measured = measure(
      problem.topology,
      result.weights,
      problem,
      layers.map(({ layer }) => layer),
    );
    for (const [index, std] of measured.entries()) assert.ok(Math.abs(std - (layers[index]?.std ?? 0)) < 1e-4);
  });
}

test('an activation inside a layer does not count: its output before it has the target deviation', async () => {
  const layers = [
    { class_name: 'Dense', config: { name: 'first', units: 7, activation: 'tanh', batch_input_shape: [null, 6] } },
    { class_name: 'Dense', config: { name: 'second', units: 3, activation: 'softmax' } },
  ];
  const problem = problemOf({ class_name: 'Sequential', config: { name: 'm', layers } }, [6], 3);
  const result = await run(problem, { targetStd: 2, tolerance: 0.001 });
  for (const { std } of variancesOf(result)) assert.ok(Math.abs(std - 2) < 0.001);
  const linear = problem.topology.layers.map((layer) => ({
    ...layer,
    config: { ...(layer.config as object), activation: 'linear' },
  }));
  const [std] = measure({ ...problem.topology, layers: linear }, result.weights, problem, ['first']);
  assert.ok(Math.abs((std ?? 0) - 2) < 0.001);
});

test('recurrent layers keep orthonormal kernels and are listed with the reason', async () => {
  const layers = [
    { class_name: 'GRU', config: { name: 'gru', units: 4, batch_input_shape: [null, 5, 3] } },
    { class_name: 'Dense', config: { name: 'head', units: 3 } },
  ];
  const result = await run(problemOf({ class_name: 'Sequential', config: { name: 'm', layers } }, [5, 3], 3));
  assert.deepEqual(
    variancesOf(result).map(({ layer }) => layer),
    ['head'],
  );
  assert.match(result.skipped?.find(({ parameter }) => parameter === 'gru/kernel')?.reason ?? '', /bounded/);
});

test('a layer that sees nothing but zeros is listed, not scaled', async () => {
  const layers = [
    { class_name: 'Rescaling', config: { name: 'nothing', scale: 0, offset: 0, batch_input_shape: [null, 6] } },
    { class_name: 'Dense', config: { name: 'dead', units: 3 } },
  ];
  const result = await run(problemOf({ class_name: 'Sequential', config: { name: 'm', layers } }, [6], 3));
  assert.match(result.skipped?.[0]?.reason ?? '', /constant on the batch/);
});

test('a layer applied twice is scaled once', async () => {
  const reference = (name: string, call = 0) => [name, call, 0, {}];
  const layers = [
    { name: 'x', class_name: 'InputLayer', config: { name: 'x', batch_input_shape: [null, 6] }, inbound_nodes: [] },
    {
      name: 'twice',
      class_name: 'Dense',
      config: { name: 'twice', units: 6 },
      inbound_nodes: [[reference('x')], [reference('twice')]],
    },
  ];
  const config = { name: 'm', layers, input_layers: [['x', 0, 0]], output_layers: [['twice', 1, 0]] };
  assert.equal(variancesOf(await run(problemOf({ class_name: 'Model', config }, [6], 6))).length, 1);
});

test('the batch must fit the data, and data there must be', async () => {
  await assert.rejects(run(problems.mlp(), { batchSize: 65 }), { code: 'BATCH_TOO_LARGE' });
  await assert.rejects(run({ ...problems.mlp(), samples: null }), { code: 'DATASET_NOT_FOUND' });
});

test('a transformer with stock layers comes out finite, every projection at unit variance', async () => {
  const tokens = problemOf(
    buildZooModel('transformer-classifier', { vocabulary: 9, length: 4, width: 8, heads: 2, feedForward: 16 }),
    [4],
    2,
  );
  const samples = tokens.samples;
  assert.ok(samples);
  const ids = (indices: ArrayLike<number>) => {
    const { inputs, targets } = samples.gather(indices);
    const { shape, data } = inputs[0] as NDArray<'float32'>;
    return {
      inputs: [
        { shape, dtype: 'int32' as const, data: Int32Array.from(data, (value) => Math.abs(Math.round(value * 3)) % 9) },
      ],
      targets,
    };
  };
  const result = await run({ ...tokens, samples: { ...samples, inputDtypes: ['int32'], gather: ids } });
  for (const { std } of variancesOf(result)) assert.ok(Math.abs(std - 1) <= 0.1);
  assert.equal(result.statistics.leakedTensors, 0);
});
