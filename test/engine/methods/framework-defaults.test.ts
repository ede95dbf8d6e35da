/** The defaults of frameworks against what the frameworks drew (fixtures/framework-defaults.json, written by the scripts beside it). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { configureMethod } from '../../../src/engine/methods/index.ts';
import type { Problem } from '../../../src/engine/run.ts';
import { parseModel } from '../../../src/models/index.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import { type NDArray, ndarray } from '../../../src/ndarray.ts';
import { initialWeights } from '../../../src/topology/draw-initial.ts';
import { run } from '../../support/method-runs.ts';
import { problemFrom } from '../../support/problems.ts';
import { readCaseModel } from '../../support/pytorch-case.ts';

interface Summary {
  readonly std: number;
  readonly mean: number;
  readonly largest: number;
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/framework-defaults.json', import.meta.url), 'utf8')) as {
  topology: unknown;
} & Record<'keras-default' | 'torch-default', Readonly<Record<string, Summary>>>;

function summaryOf({ data }: NDArray<'float32'>): Summary {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const std = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
  return { mean, std, largest: data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) };
}

/** Tensors of so few values have a noisy deviation: six standard errors of a uniform or normal sample, at least 2 %. */
const tolerance = (size: number) => Math.max(0.02, 6 / Math.sqrt(2 * size));

for (const name of ['keras-default', 'torch-default'] as const) {
  for (const [parameter, drawn] of Object.entries(fixture[name])) {
    test(`${name} draws ${parameter} as the framework does`, async () => {
      const { weights } = await run(name, problemFrom(fixture.topology));
      const found = weights.get(parameter);
      assert.ok(found, `there is no ${parameter}`);
      const summary = summaryOf(found);
      const allowed = tolerance(found.data.length);
      const text = `${JSON.stringify(summary)}, the framework ${JSON.stringify(drawn)}`;
      assert.ok(Math.abs(summary.std - drawn.std) <= allowed * drawn.std, text);
      assert.ok(
        Math.abs(summary.mean - drawn.mean) <= Math.max(0.02, 8 / Math.sqrt(found.data.length)) * drawn.std + 1e-7,
        text,
      );
      assert.ok(Math.abs(summary.largest - drawn.largest) <= 0.45 * drawn.largest, text);
    });
  }
}

test('torch-default refuses a layer that torch lacks and says which', () => {
  const layers = [
    {
      class_name: 'ConvLSTM2D',
      config: { name: 'cl', filters: 2, kernel_size: 3, batch_input_shape: [null, 3, 8, 8, 1] },
    },
  ];
  const { topology } = parseModel({ topology: { class_name: 'Sequential', config: { name: 'net', layers } } });
  const { method, options } = configureMethod('torch-default');
  const found = method.applicability(topology, options as never);
  assert.ok(!found.applicable && found.reason.includes('"cl"') && found.reason.includes('ConvLSTM2D'));
});

test('timm draws every kernel with deviation 0.02 and leaves the convolutions to torch where it is told to', async () => {
  const problem = problemFrom(buildZooModel('vgg', { widths: [[64]], inputShape: [8, 8, 3] }));
  const kernels = problem.topology.layers.flatMap(({ params }) => params.filter(({ key }) => key === 'kernel'));
  const [convolution, classifier] = [kernels[0]?.name ?? '', kernels.at(-1)?.name ?? ''];
  const bias = convolution.replace(/kernel$/, 'bias');
  const plain = (await run('timm', problem)).weights;
  for (const name of [convolution, classifier])
    assert.ok(Math.abs(summaryOf(plain.get(name) as NDArray<'float32'>).std / 0.02 - 1) < 0.05, name);
  assert.ok(plain.get(bias)?.data.every((value) => value === 0));
  const vit = (await run('timm', problem, { convolutions: 'torch' })).weights;
  const bound = 1 / Math.sqrt(27);
  const largest = summaryOf(vit.get(bias) as NDArray<'float32'>).largest;
  assert.ok(largest <= bound && largest > 0.8 * bound);
  assert.ok(Math.abs(summaryOf(vit.get(classifier) as NDArray<'float32'>).std / 0.02 - 1) < 0.05);
});

const exported = async (name: string): Promise<Problem> => {
  const folder = path.resolve(import.meta.dirname, '../../fixtures/pytorch', name);
  const { topology } = await readCaseModel(folder);
  return { topology, weights: initialWeights(topology, 0), samples: null, loss: null, seed: 0 };
};

/** The same with other weights in every parameter, as a trained network has. */
const trained = ({ weights, ...problem }: Problem): Problem => ({
  ...problem,
  weights: new Map(
    [...weights].map(([name, { shape, data }]) => [
      name,
      ndarray(
        'float32',
        shape,
        data.map((value) => value + 7),
      ),
    ]),
  ),
});

for (const method of ['torch-default', 'keras-default', 'timm']) {
  test(`${method} resets the normalisations of an exported PyTorch network`, async () => {
    for (const network of ['nanogpt', 'batch_norm2d']) {
      const problem = await exported(network);
      const { weights, skipped } = await run(method, trained(problem));
      assert.deepEqual(skipped, []);
      const params = problem.topology.layers.flatMap(({ params }) => params);
      const affine = params.filter(({ key, group }) => group !== 'none' && (key === 'gamma' || key === 'beta'));
      assert.ok(affine.length > 0);
      for (const { name, key } of affine)
        assert.ok(
          weights.get(name)?.data.every((value) => value === (key === 'gamma' ? 1 : 0)),
          name,
        );
    }
  });
}

test('torch-default draws the recurrent modules of an exported network by their hidden size', async () => {
  for (const network of ['gru_bidirectional', 'lstm_cell']) {
    const problem = await exported(network);
    const recurrent = problem.topology.layers.filter(({ className }) => className === 'Recurrent');
    const names = recurrent.flatMap(({ params }) => params.map(({ name }) => name));
    const { weights } = await run('torch-default', trained(problem));
    const bound = network === 'lstm_cell' ? 1 / Math.sqrt(6) : 1 / 2;
    const largest = names.map((name) => summaryOf(weights.get(name) as NDArray<'float32'>).largest);
    assert.ok(largest.length > 0 && largest.every((value) => value <= bound));
    assert.ok(largest.reduce((most, value) => Math.max(most, value), 0) > 0.95 * bound);
    // Kernels of inputs too, whose fan-in is not the hidden size.
    for (const name of names.filter((each) => /weight_ih/.test(each)))
      assert.ok(summaryOf(weights.get(name) as NDArray<'float32'>).largest > 0.9 * bound, name);
  }
});

test('timm leaves the convolutions of an exported network to torch where it is told to', async () => {
  const problem = trained(await exported('conv2d'));
  const [vit, torch] = [await run('timm', problem, { convolutions: 'torch' }), await run('torch-default', problem)];
  for (const [name, { data }] of torch.weights) assert.deepEqual(vit.weights.get(name)?.data, data, name);
});

for (const normalization of ['pre', 'post', 'none']) {
  test(`gpt2 divides the last kernel of every branch by the root of their number (${normalization} normalisation)`, async () => {
    const model = buildZooModel('transformer-classifier', {
      layers: 3,
      width: 32,
      heads: 2,
      feedForward: 64,
      normalization,
    });
    const { weights, findings } = await run('gpt2', problemFrom(model));
    const { residualBranches, residualKernels } = findings as { residualBranches: number; residualKernels: string[] };
    assert.equal(residualBranches, 6);
    const deviations = (names: readonly string[]) =>
      Math.sqrt(
        names.reduce((sum, name) => sum + summaryOf(weights.get(name) as NDArray<'float32'>).std ** 2, 0) /
          names.length,
      );
    assert.ok(Math.abs(deviations(residualKernels) / (0.02 / Math.sqrt(6)) - 1) < 0.03);
    const others = [...weights.keys()].filter((name) => name.endsWith('kernel') && !residualKernels.includes(name));
    assert.ok(Math.abs(deviations(others) / 0.02 - 1) < 0.03);
  });
}
