import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declareProven, provenOrderOf } from '../../../src/engine/gradients/index.ts';
import { configureMethod, initialize, type Problem } from '../../../src/engine/index.ts';
import type { IterationMetrics, RunControl } from '../../../src/engine/run.ts';
import type { NDArray } from '../../../src/ndarray.ts';
import { problemOf, problems } from '../../support/problems.ts';

const quick = { iterations: 4, batchSize: 16, learningRate: 0.02, normalizeGradient: true, gamma: 1 };

async function run(problem: Problem, options: Record<string, unknown> = {}, control: Partial<RunControl> = {}) {
  const history: IterationMetrics[] = [];
  const method = configureMethod('gradinit', { ...quick, ...options });
  const result = await initialize({ problem, method }, { onIteration: (metrics) => history.push(metrics), ...control });
  return { ...result, history, scales: result.scales as Readonly<Record<string, number>> };
}

const weightOf = (problem: Problem, name: string) => problem.weights.get(name) as NDArray<'float32'>;

test('weights are the initial ones times their scales; zero tensors and statistics keep their bytes and are accounted for', async () => {
  const problem = problems.batchNorm();
  const { weights, scales, skipped = [] } = await run(problem);
  for (const [name, { data }] of weights) {
    const initial = weightOf(problem, name).data;
    const alpha = scales[name];
    assert.deepEqual(data, alpha === undefined ? initial : initial.map((value) => value * alpha), name);
  }
  assert.ok(Object.values(scales).every((scale) => scale !== 1));
  const trainable = problem.topology.layers.flatMap(({ params }) => params).filter(({ group }) => group !== 'none');
  assert.deepEqual(
    [...Object.keys(scales), ...skipped.map(({ parameter }) => parameter)].sort(),
    trainable.map(({ name }) => name).sort(),
  );
  for (const { parameter, reason } of skipped) {
    assert.ok(weightOf(problem, parameter).data.every((value) => value === 0));
    assert.match(reason, /norm is zero/);
  }
});

test('the branch follows the norm: above gamma the norm is lowered, below it the loss after the step', async () => {
  const { history } = await run(problems.convolution(), { iterations: 20, gamma: 0.5, batchSize: 32 });
  assert.equal(new Set(history.map(({ branch }) => branch)).size, 2, 'both branches are taken');
  for (const { branch, gradientNorm, steppedLoss, objective } of history) {
    assert.equal(branch, (gradientNorm as number) > 0.5 ? 'constraint' : 'objective');
    assert.equal(steppedLoss === null, branch === 'constraint');
    if (branch === 'objective') assert.ok(Math.abs((objective as number) - (steppedLoss as number) / 0.1) < 1e-6);
  }
});

test('without gamma every iteration is one of the objective', async () => {
  const { history, findings } = await run(problems.convolution(), { gamma: null });
  assert.deepEqual(new Set(history.map(({ branch }) => branch)), new Set(['objective']));
  assert.equal(findings?.wrongBranchGuesses, 0);
});

test('the constraint is met where the norm starts above it', async () => {
  const { history } = await run(problems.batchNorm(), {
    iterations: 30,
    gamma: 0.3,
    batchSize: 64,
    learningRate: 0.05,
  });
  assert.ok((history[0]?.gradientNorm as number) > 0.4, `starts at ${history[0]?.gradientNorm}`);
  const last = Math.min(...history.slice(-10).map(({ gradientNorm }) => gradientNorm as number));
  assert.ok(last <= 0.3, `comes down to ${last}`);
});

test('scales keep their bounds: minScale for weights, zero for biases', async () => {
  const { scales } = await run(problems.convolution(), {
    iterations: 30,
    learningRate: 0.5,
    minScale: 0.3,
    gamma: 0.01,
  });
  assert.ok(Object.values(scales).every((scale) => scale >= 0.3));
  assert.ok(
    Object.values(scales).some((scale) => scale === 0.3),
    'a bound is reached',
  );
});

for (const [flavour, optimizer] of [
  ['cifar', 'sgd'],
  ['cifar', 'adam'],
  ['fairseq', 'adam'],
  ['fairseq', 'sgd'],
] as const) {
  test(`graph and eager execution agree (${flavour}, ${optimizer})`, async () => {
    const options = { flavour, optimizer, gamma: optimizer === 'adam' ? 20 : 1, eta: 0.01 };
    const [graph, eager] = [
      await run(problems.convolution(), options),
      await run(problems.convolution(), options, { execution: 'eager' }),
    ];
    assert.deepEqual(
      graph.history.map(({ branch }) => branch),
      eager.history.map(({ branch }) => branch),
    );
    for (const [name, scale] of Object.entries(graph.scales))
      assert.ok(Math.abs(scale - (eager.scales[name] as number)) < 1e-3, name);
  });
}

const rescaled = (problem: Problem, name: string, factor: number): Problem => {
  const weight = weightOf(problem, name);
  return {
    ...problem,
    weights: new Map([...problem.weights, [name, { ...weight, data: weight.data.map((value) => value * factor) }]]),
  };
};

test('weights that overflow are told with iteration, quantity and parameter', async () => {
  const problem = rescaled(problems.convolution(), 'conv2_1/kernel', 1e38);
  await assert.rejects(run(problem), (error: Error & { code: string; details: Record<string, unknown> }) => {
    assert.equal(error.code, 'DIVERGED');
    assert.match(error.message, /^iteration 0: .*conv2_1\/kernel/);
    assert.equal(error.details.iteration, 0);
    assert.equal(error.details.parameter, 'conv2_1/kernel');
    return true;
  });
});

test('scales that explode are told with the iteration, a parameter and what to try', async () => {
  // The bound takes the place of a rate that throws every scale far up.
  const exploding = run(problems.convolution(), { iterations: 50, minScale: 1e20, gamma: null });
  await assert.rejects(exploding, (error: Error & { code: string; details: Record<string, unknown> }) => {
    assert.equal(error.code, 'DIVERGED');
    assert.match(error.message, /^iteration \d+: .*learningRate/);
    assert.ok((error.details.iteration as number) > 0);
    assert.match(String(error.details.parameter), /\/(kernel|bias)$/);
    return true;
  });
});

test('initial weights that are not finite are told by name', async () => {
  const broken = rescaled(problems.convolution(), 'conv2_1/kernel', Number.NaN);
  await assert.rejects(run(broken), { code: 'DIVERGED', details: { parameter: 'conv2_1/kernel' } });
});

test('a batch larger than the data is refused', async () => {
  await assert.rejects(run(problems.mlp(), { batchSize: 65 }), { code: 'BATCH_TOO_LARGE', message: /65.*64/ });
});

test('micro-batches are refused where a sample depends on the others, and for several optimizers', async () => {
  const run = (problem: Problem, options: object) =>
    initialize({ problem, method: configureMethod('gradinit', { batchSize: 16, microBatchSize: 4, ...options }) });
  await assert.rejects(run(problems.batchNorm(), {}), {
    code: 'OPTION_INVALID',
    message: /microBatchSize cannot be used: layer ".+" normalises over the whole batch/,
  });
  await assert.rejects(run(problems.mlp(), { optimizer: 'any' }), { code: 'OPTION_INVALID', message: /one optimizer/ });
});

test('a kernel without a rule proven to second order is refused with its layer before anything runs', async () => {
  const order = provenOrderOf('Tanh');
  const layers = [
    { class_name: 'Dense', config: { name: 'hidden', units: 4, activation: 'tanh', batch_input_shape: [null, 6] } },
    { class_name: 'Dense', config: { name: 'out', units: 3 } },
  ];
  const problem = problemOf({ class_name: 'Sequential', config: { name: 'n', layers } }, [6], 3);
  declareProven('Tanh', 1);
  try {
    let iterations = 0;
    await assert.rejects(run(problem, {}, { onIteration: () => (iterations += 1) }), {
      code: 'GRADIENT_UNPROVEN',
      message: /layer "hidden" needs the kernel Tanh/,
      details: { kernel: 'Tanh', layer: 'hidden', order: 2 },
    });
    assert.equal(iterations, 0);
  } finally {
    declareProven('Tanh', order);
  }
  await run(problem);
});

test('memory: low gives the numbers of fast to rounding, part by part; with batch normalisation it is the same run', async () => {
  const differences = async (problem: Problem) => {
    const [fast, low] = [await run(problem, { memory: 'fast' }), await run(problem, { memory: 'low' })];
    return Object.entries(fast.scales).map(([name, scale]) => Math.abs(scale - (low.scales[name] ?? Number.NaN)));
  };
  const split = await differences(problems.convolution());
  assert.ok(
    split.every((difference) => difference < 1e-4),
    String(split),
  );
  assert.ok(
    split.some((difference) => difference > 0),
    'other sums, other rounding: it was split',
  );
  assert.ok((await differences(problems.batchNorm())).every((difference) => difference === 0));
});
