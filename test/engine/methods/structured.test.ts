/** The methods that follow from positions or products of matrices, against numbers worked out apart from the code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { singularValues } from '../../../src/engine/methods/svd.ts';
import { infer } from '../../../src/engine/network/infer.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import { type NDArray, ndarray } from '../../../src/ndarray.ts';
import { createRandom } from '../../../src/random.ts';
import { findResidualBranches } from '../../../src/topology/structure/residual-branches.ts';
import { chain, close, kernelOf, run, variance } from '../../support/method-runs.ts';
import { problemOf, problems } from '../../support/problems.ts';

test('zero widens by a Hadamard matrix and narrows by a partial identity', async () => {
  const problem = chain(
    [3],
    [
      ['Dense', { units: 4 }],
      ['Dense', { units: 2 }],
      ['Dense', { units: 2 }],
    ],
    2,
  );
  const result = await run('zero', problem);
  // The first three rows of Sylvester's matrix of order 4, divided by 2.
  close(
    kernelOf(result, 'layer0/kernel'),
    [1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1].map((sign) => sign / 2),
  );
  close(kernelOf(result, 'layer1/kernel'), [1, 0, 0, 1, 0, 0, 0, 0]);
  close(kernelOf(result, 'layer2/kernel'), [0, 0, 0, 0]);
});

test('zero passes images on through the centre of a convolution', async () => {
  const problem = chain(
    [3, 3, 2],
    [
      ['Conv2D', { filters: 2, kernel_size: 3, padding: 'same' }],
      ['Flatten', {}],
      ['Dense', { units: 2 }],
    ],
    2,
  );
  const kernel = kernelOf(await run('zero', problem), 'layer0/kernel');
  close(
    kernel,
    Array.from({ length: 36 }, (_, index) => (index === 16 || index === 19 ? 1 : 0)),
  );
});

test('idinit repeats the identity along the longer side', async () => {
  const problem = chain(
    [2],
    [
      ['Dense', { units: 4 }],
      ['Dense', { units: 2 }],
      ['Dense', { units: 2 }],
    ],
    2,
  );
  const result = await run('idinit', problem, { noise: 0 });
  close(kernelOf(result, 'layer0/kernel'), [1, 0, 1, 0, 0, 1, 0, 1]);
  close(
    kernelOf(result, 'layer1/kernel'),
    [1, 0, 0, 1, 1, 0, 0, 1].map((value) => value / Math.SQRT2),
  );
  close(kernelOf(result, 'layer2/kernel'), [1e-6, 0, 0, 1e-6], 1e-9);
});

test('sinusoidal draws the waves of the formula with the variance of He', async () => {
  const problem = chain([4], [['Dense', { units: 3 }]], 3);
  const kernel = kernelOf(await run('sinusoidal', problem), 'layer0/kernel');
  // By input, then output; computed in Python from the formula.
  const expected = [
    [0.801784, -0.801784, 0],
    [-0.46291, 0.801784, -0.92582],
    [-0.801784, -0.801784, 0],
    [0.46291, 0.801784, 0.92582],
  ];
  close(kernel, expected.flat());
  const flat = chain([2], [['Dense', { units: 1 }]], 2);
  await assert.rejects(run('sinusoidal', flat), { code: 'METHOD_NOT_APPLICABLE' });
});

test('singular values are those of LAPACK', () => {
  const rows = [
    [4, 1, -2],
    [0.5, 3, 1],
    [2, -1, 5],
  ];
  const columns = [0, 1, 2].map((column) => Float64Array.from(rows, (row) => row[column] as number));
  const { values, left, right } = singularValues(columns);
  close(values, [5.5778913, 4.6163512, 2.97093088], 1e-7);
  rows.forEach((row, i) => {
    const product = row.map((_, j) =>
      values.reduce(
        (sum, value, k) =>
          sum + value * ((left[k] as Float64Array)[i] as number) * ((right[k] as Float64Array)[j] as number),
        0,
      ),
    );
    close(product, row, 1e-12);
  });
});

test('rezero starts as the shortcuts: what the branches compute does not reach the outputs', async () => {
  const problem = problems.residual();
  const { weights, patchedTopology, findings } = await run('rezero', problem);
  assert.ok(patchedTopology && !patchedTopology.layers.some(({ className }) => className === 'BatchNormalization'));
  assert.equal(findings?.factors, 3);
  const random = createRandom(0, 'images');
  const images = ndarray(
    'float32',
    [4, 8, 8, 1],
    Float32Array.from({ length: 256 }, () => random.normal()),
  );
  const [before] = await infer(patchedTopology, weights, [images]);
  const scales = [...weights.keys()].filter((name) => name.includes('rezero_scale'));
  assert.equal(scales.length, 3);
  const opened = new Map(weights);
  for (const name of scales) opened.set(name, ndarray('float32', [1, 1], new Float32Array([1])));
  const [after] = await infer(patchedTopology, opened, [images]);
  const inBranches = new Set(
    findResidualBranches(problem.topology).branches.flatMap(({ branch }) =>
      branch.nodes.flatMap((id) => problem.topology.layers[problem.topology.nodes[id]?.layer ?? -1]?.params ?? []),
    ),
  );
  const shaken = new Map(weights);
  for (const { name, key, shape } of inBranches)
    if (key === 'kernel')
      shaken.set(
        name,
        ndarray(
          'float32',
          shape,
          Float32Array.from(kernelOf({ weights }, name), (value) => 2 * value),
        ),
      );
  const [same] = await infer(patchedTopology, shaken, [images]);
  close(Array.from(same?.data ?? []), Array.from(before?.data ?? []), 1e-6);
  assert.notDeepEqual(after?.data, before?.data);
});

for (const [name, model, stacks] of [
  [
    'an encoder of 2 layers',
    buildZooModel('transformer-classifier', { layers: 2, length: 4, width: 8, heads: 2, feedForward: 16 }),
    [{ kind: 'encoder', layers: 2, alpha: 4 ** 0.25, beta: 0.5 }],
  ],
] as const) {
  test(`deepnorm has the published factors for ${name}`, async () => {
    const problem = problemOf(model, [4], 2);
    const { patchedTopology, findings } = await run('deepnorm', problem);
    assert.deepEqual(findings?.stacks, stacks);
    const shortcuts = patchedTopology?.layers.filter((layer) => layer.name.includes('deepnorm_shortcut')) ?? [];
    assert.equal(shortcuts.length, 4);
    for (const { config } of shortcuts)
      assert.deepEqual(config, { ...(config as object), scale: 4 ** 0.25, offset: 0 });
  });
}

test('deepnorm refuses normalisation before the branch', async () => {
  const model = buildZooModel('transformer-classifier', {
    normalization: 'pre',
    length: 4,
    width: 8,
    heads: 2,
    feedForward: 16,
  });
  await assert.rejects(run('deepnorm', problemOf(model, [4], 2)), (error: Error & { code: string }) => {
    assert.equal(error.code, 'METHOD_NOT_APPLICABLE');
    return /post-LN/.test(error.message);
  });
});

test('mimetic products of projections are the noisy identities of the rule', async () => {
  const problem = problems.selfAttention();
  const result = await run('mimetic', problem, { alpha1: 1e-6, alpha2: 1e-6 });
  const [value, output] = ['mha/value/kernel', 'mha/attention_output/kernel'].map((key) => kernelOf(result, key));
  // 6 features, 2 heads of 3: values and output have full rank, so that their product is -0.4 I without noise.
  const product = Array.from({ length: 36 }, (_, index) => {
    const [row, column] = [Math.floor(index / 6), index % 6];
    return Array.from({ length: 6 }, (_, k) => (value?.[row * 6 + k] ?? 0) * (output?.[k * 6 + column] ?? 0)).reduce(
      (a, b) => a + b,
      0,
    );
  });
  close(
    product,
    Array.from({ length: 36 }, (_, index) => (index % 7 === 0 ? -0.4 : 0)),
    1e-4,
  );
  const [query, key] = ['mha/query/kernel', 'mha/key/kernel'].map((name) => kernelOf(result, name));
  // A head has rank 3 of 6: its product is 0.7 times a projection, of trace 3.
  const trace = Array.from({ length: 6 }, (_, row) =>
    [0, 1, 2].map((k) => (query?.[row * 6 + k] ?? 0) * (key?.[row * 6 + k] ?? 0)).reduce((a, b) => a + b, 0),
  ).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(trace - 2.1) < 1e-3, `${trace}`);
  assert.deepEqual(kernelOf(result, 'out/kernel'), kernelOf(problem, 'out/kernel'));
});

test('kraehenbuehl gives every channel of a layer mean and deviation on its batch', async () => {
  const problem = problems.mlp();
  const { weights } = await run('kraehenbuehl', problem, { batchSize: 64, shift: 0.5 });
  const [kernel, bias] = problem.topology.layers
    .flatMap(({ params }) => params)
    .slice(0, 2)
    .map(({ name }) => weights.get(name) as NDArray<'float32'>);
  const inputs = problem.samples?.gather(Int32Array.from({ length: 64 }, (_, index) => index)).inputs[0]?.data ?? [];
  const [features = 0, units = 0] = kernel?.shape ?? [];
  for (let unit = 0; unit < units; unit++) {
    const outputs = Array.from({ length: 64 }, (_, sample) =>
      Array.from(
        { length: features },
        (_, feature) => (inputs[sample * features + feature] ?? 0) * (kernel?.data[feature * units + unit] ?? 0),
      ).reduce((a, b) => a + b, bias?.data[unit] ?? 0),
    );
    const mean = outputs.reduce((a, b) => a + b, 0) / 64;
    assert.ok(Math.abs(mean - 0.5) < 1e-4, `mean ${mean}`);
    assert.ok(Math.abs(variance(outputs.map((value) => value - mean)) - 1) < 1e-3);
  }
});

test('shrink-perturb shrinks every trained parameter and adds noise of its deviation', async () => {
  const problem = chain(
    [60],
    [
      ['Dense', { units: 60, bias_initializer: 'ones' }],
      ['BatchNormalization', {}],
      ['Dense', { units: 2 }],
    ],
    2,
  );
  const result = await run('shrink-perturb', problem, { shrink: 0.5, noise: 0.1 });
  const [before, after] = [kernelOf(problem, 'layer0/kernel'), kernelOf(result, 'layer0/kernel')];
  const noise = after.map((value, index) => value - 0.5 * (before[index] as number));
  assert.ok(Math.abs(Math.sqrt(variance(noise)) / 0.1 - 1) < 0.05);
  const bias = kernelOf(result, 'layer0/bias');
  assert.ok(Math.abs(bias.reduce((sum, value) => sum + value / bias.length, 0) - 0.5) < 0.06);
  assert.deepEqual(kernelOf(result, 'layer1/moving_variance'), kernelOf(problem, 'layer1/moving_variance'));
  const kept = await run('shrink-perturb', problem, { shrink: 1, noise: 0 });
  for (const [name, { data }] of problem.weights) assert.deepEqual(kept.weights.get(name)?.data, data);
});
