/** What every initialisation method keeps to. One more method is one more row. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { tensorFlowBackend } from '../../../src/engine/graph/binding.ts';
import { trimIdleSessions } from '../../../src/engine/graph/sessions.ts';
import { configureMethod, initialize, type Problem } from '../../../src/engine/index.ts';
import { type MethodName, methodNames, needsSamples } from '../../../src/engine/methods/index.ts';
import type { IterationMetrics, RunControl, Weights } from '../../../src/engine/run.ts';
import { tf } from '../../../src/engine/tf.ts';
import { type PackedState, packState, unpackState } from '../../../src/jobs/checkpoints/pack.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import type { Param, Topology } from '../../../src/topology/topology.ts';
import { problemFrom, problemOf, problems } from '../../support/problems.ts';

interface Row {
  /** Small enough that a run takes a second at most. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Default: convolutions with batch normalisation. */
  readonly problem?: (seed?: number) => Problem;
  /** The method draws nothing at random. */
  readonly deterministic?: true;
  /** The number that the method lowers, and options with which it does so on the row's problem. */
  readonly lowers?: {
    readonly options: Readonly<Record<string, unknown>>;
    readonly of: (metrics: IterationMetrics) => number | null;
  };
}

const extraEpoch: Row = { options: { batchSize: 16 }, lowers: { options: { batchSize: 16 }, of: ({ loss }) => loss } };

const transformer = (seed = 0) =>
  problemOf(buildZooModel('transformer-classifier', { length: 4, width: 8, heads: 2, feedForward: 16 }), [4], 2, seed);

/** A small residual network beside another one of its family that weights are taken from. */
const fromSource =
  (options: object) =>
  (seed = 0): Problem => {
    const { topology, weights } = problemFrom(buildZooModel('resnet', { inputShape: [8, 8, 1], ...options }), 9);
    return { ...problems.residual(seed), source: { topology, weights } };
  };

const rows: Readonly<Record<MethodName, Row>> = {
  autoinit: { options: {} },
  deepnorm: { options: {}, problem: transformer },
  'delta-orthogonal': { options: {} },
  'extra-epoch-constant': extraEpoch,
  'extra-epoch-warmup': extraEpoch,
  fixup: {
    options: {},
    problem: (seed = 0) =>
      problemOf(
        buildZooModel('resnet', { depth: 8, width: 4, batchNorm: false, inputShape: [8, 8, 1] }),
        [8, 8, 1],
        10,
        seed,
      ),
  },
  'grad-cosine': {
    options: { iterations: 5, batchSize: 16, learningRate: 0.02 },
    lowers: {
      options: { iterations: 30, batchSize: 32, learningRate: 0.02, gamma: null },
      of: ({ objective }) => objective,
    },
  },
  gradinit: {
    options: { iterations: 5, batchSize: 16, gamma: 1, normalizeGradient: true, learningRate: 0.02 },
    lowers: {
      options: { iterations: 40, batchSize: 32, gamma: 50, normalizeGradient: true, learningRate: 0.02 },
      of: ({ steppedLoss }) => steppedLoss ?? null,
    },
  },
  gpt2: { options: {}, problem: transformer },
  idinit: { options: {}, problem: problems.residual },
  kaiming: { options: { mode: 'fanIn' } },
  'keras-default': { options: {} },
  kraehenbuehl: { options: { batchSize: 16 }, problem: problems.convolution },
  lecun: { options: {} },
  lsuv: { options: { batchSize: 16 } },
  metainit: {
    options: { iterations: 4, batchSize: 16, learningRate: 0.02 },
    problem: problems.convolution,
    lowers: { options: { iterations: 30, batchSize: 32, learningRate: 0.02 }, of: ({ objective }) => objective },
  },
  'metainit-gradinit-repo': {
    options: { iterations: 4, batchSize: 16, learningRate: 0.02 },
    problem: problems.convolution,
    lowers: { options: { iterations: 30, batchSize: 32, learningRate: 0.02 }, of: ({ objective }) => objective },
  },
  mimetic: { options: {}, problem: problems.selfAttention },
  mup: { options: {}, problem: problems.convolution },
  net2net: { options: {}, problem: fromSource({ depth: 8, width: 2 }) },
  orthogonal: { options: {} },
  recommend: {
    options: { batchSize: 16, shortHorizon: 2, longHorizon: 3, rateFactors: [1], seeds: 2, maxTrainingSteps: 24 },
    problem: problems.convolution,
  },
  rezero: { options: {}, problem: problems.residual },
  'shrink-perturb': { options: {} },
  sinusoidal: { options: {}, deterministic: true },
  't-fixup': { options: {}, problem: transformer },
  timm: { options: {} },
  'torch-default': { options: {} },
  'weight-selection': {
    options: {},
    problem: fromSource({ depth: 14, width: 6 }),
    deterministic: true,
  },
  zero: { options: {}, problem: problems.residual, deterministic: true },
  xavier: { options: {} },
};

const digest = (weights: Weights): string => {
  const hash = createHash('sha256');
  for (const [name, { shape, data }] of weights)
    hash.update(`${name} ${shape}`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
};

function run(name: MethodName, problem: Problem, control: Partial<RunControl> = {}, options = rows[name].options) {
  return initialize({ problem, method: configureMethod(name, options) }, control);
}

const problemFor = (name: MethodName, seed = 0) => (rows[name].problem ?? problems.batchNorm)(seed);
const paramsOf = ({ topology }: Problem, patched: Topology = topology): readonly Param[] =>
  patched.layers.flatMap((layer) => layer.params);
const native = () => {
  trimIdleSessions();
  return { tensors: tf.memory().numTensors, sessions: tensorFlowBackend().binding.getNumOfSavedModels() };
};

test('every method has a row', () => {
  assert.deepEqual(Object.keys(rows).sort(), [...methodNames].sort());
});

for (const name of methodNames.filter((each) => Object.hasOwn(rows, each))) {
  const { method } = configureMethod(name, rows[name].options);

  test(`${name} gives finite weights of the names and shapes of the topology, and leaves its problem alone`, async () => {
    const problem = problemFor(name);
    const before = digest(problem.weights);
    const { weights, patchedTopology, skipped = [] } = await run(name, problem);
    const params = paramsOf(problem, patchedTopology);
    assert.deepEqual(
      [...weights].map(([key, { shape }]) => [key, [...shape]]).sort(),
      params.map(({ name: key, shape }) => [key, [...shape]]).sort(),
    );
    for (const [key, { data }] of weights) assert.ok(data.every(Number.isFinite), key);
    for (const { parameter, reason } of skipped) assert.ok(parameter !== '' && reason !== '');
    assert.equal(digest(problem.weights), before);
  });

  test(`${name} gives the same bytes for the same seed, ${rows[name].deterministic ? 'and for any seed' : 'others for another'}, and leaves no tensor and no session`, async () => {
    const first = await run(name, problemFor(name, 3));
    const before = native();
    const second = await run(name, problemFor(name, 3));
    assert.deepEqual(native(), before);
    assert.equal(second.statistics.leakedTensors, 0);
    const third = await run(name, problemFor(name, 4));
    assert.equal(digest(second.weights), digest(first.weights));
    assert.equal(digest(third.weights) === digest(first.weights), rows[name].deterministic ?? false);
  });

  test(`${name} does not start when it is cancelled before`, async () => {
    const before = native();
    await assert.rejects(run(name, problemFor(name), { signal: AbortSignal.abort() }), { code: 'CANCELLED' });
    assert.deepEqual(native(), before);
  });

  test(`${name} says when it does not apply`, async () => {
    const layers = [{ class_name: 'Flatten', config: { name: 'f', batch_input_shape: [null, 2, 5] } }];
    const bare = problemOf({ class_name: 'Sequential', config: { name: 'bare', layers } }, [2, 5], 10);
    await assert.rejects(run(name, bare), (error: Error & { code: string }) => {
      assert.equal(error.code, 'METHOD_NOT_APPLICABLE', error.message);
      assert.ok(error.message.startsWith(`${name} does not apply: `));
      return true;
    });
  });

  const isFed = needsSamples(configureMethod(name, rows[name].options));
  test(`${name} ${isFed ? 'asks for' : 'needs no'} samples`, async () => {
    const without = run(name, { ...problemFor(name), samples: null, loss: null });
    if (isFed) await assert.rejects(without, { code: 'DATASET_NOT_FOUND' });
    else await without;
  });

  if (!method.iterative) continue;

  test(`${name} numbers its iterations, reports finite numbers and offers its state after each`, async () => {
    const seen: IterationMetrics[] = [];
    let states = 0;
    await run(name, problemFor(name), {
      onIteration: (metrics) => seen.push(metrics),
      saveState: (state) => {
        states += 1;
        assert.deepEqual(unpackState(packState(state())), state(), 'a state is JSON but for arrays');
      },
    });
    assert.ok(seen.length > 1);
    assert.equal(states, seen.length);
    seen.forEach((metrics, index) => {
      assert.deepEqual([metrics.iteration, metrics.iterations], [index, seen.length]);
      assert.ok(Number.isFinite(metrics.loss) && metrics.seconds >= 0 && metrics.branch !== '');
    });
  });

  test(`${name} stops within one iteration when it is cancelled, and leaves nothing behind`, async () => {
    const before = native();
    const controller = new AbortController();
    let seen = 0;
    const cancelled = run(name, problemFor(name), {
      signal: controller.signal,
      onIteration: () => {
        seen += 1;
        if (seen === 2) setImmediate(() => controller.abort());
      },
    });
    await assert.rejects(cancelled, { code: 'CANCELLED' });
    assert.ok(seen === 2 || seen === 3, `${seen} iterations`);
    assert.deepEqual(native(), before);
  });

  test(`${name} resumed from any state ends in the same bytes`, async () => {
    const states: PackedState[] = [];
    const whole = await run(name, problemFor(name), { saveState: (state) => states.push(packState(state())) });
    for (const done of [1, 3]) {
      const seen: number[] = [];
      const resumed = await run(name, problemFor(name), {
        resume: unpackState(states[done - 1] as PackedState),
        onIteration: ({ iteration }) => seen.push(iteration),
      });
      assert.equal(seen[0], done, 'continues with the next iteration');
      assert.equal(digest(resumed.weights), digest(whole.weights));
      assert.deepEqual(resumed.scales, whole.scales);
    }
  });

  test(`${name} refuses the state of another run`, async () => {
    for (const resume of [{ method: 'another', iteration: 1 }, { nothing: true }]) {
      await assert.rejects(run(name, problemFor(name), { resume }), { code: 'CHECKPOINT_MISMATCH' });
    }
  });

  const { lowers } = rows[name];
  if (lowers) {
    test(`${name} lowers what it minimises`, async () => {
      const values: number[] = [];
      const onIteration = (metrics: IterationMetrics) => {
        const value = lowers.of(metrics);
        if (value !== null) values.push(value);
      };
      await run(name, problemFor(name), { onIteration }, lowers.options);
      const quarter = Math.max(1, Math.floor(values.length / 4));
      const mean = (part: number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
      const [start, end] = [mean(values.slice(0, quarter)), mean(values.slice(-quarter))];
      assert.ok(end < start, `${start} at the start, ${end} at the end`);
    });
  }
}
