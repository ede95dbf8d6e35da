import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configureMethod, initialize } from '../../../src/engine/index.ts';
import type { IterationMetrics, RunControl, Weights } from '../../../src/engine/run.ts';
import { problems } from '../../support/problems.ts';

const base = { iterations: 12, batchSize: 16, gamma: 1, normalizeGradient: true };

function run(options: object, control: Partial<RunControl> = {}) {
  return initialize({ problem: problems.mlp(), method: configureMethod('gradinit', { ...base, ...options }) }, control);
}

const bytesOf = (weights: Weights) =>
  [...weights].map(
    ([name, { data }]) => `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')}`,
  );

interface Findings {
  readonly learningRate: number;
  readonly iterationsKept: number;
  readonly trainingLoss: number;
  readonly trainingLossAtStart: number | null;
  readonly learningRateTrials: readonly {
    rate: number;
    iterations: number;
    trainingLoss: number | null;
    diverged: boolean;
  }[];
}
const findingsOf = (result: Awaited<ReturnType<typeof run>>) => result.findings as unknown as Findings;

describe('gradinit with the learning rate "auto"', () => {
  it('tries every candidate, lets the best go on, and ends as a run with the rate and iterations that won', async () => {
    const lines: IterationMetrics[] = [];
    const auto = await run({ learningRate: 'auto' }, { onIteration: (metrics) => lines.push(metrics) });
    const { learningRate, iterationsKept, learningRateTrials } = findingsOf(auto);
    assert.deepEqual(learningRateTrials.map(({ iterations }) => iterations).sort(), [12, 4, 4, 8, 8]);
    assert.deepEqual(
      learningRateTrials.map(({ rate }) => rate),
      [1e-3, 3e-3, 1e-2, 3e-2, 1e-1],
    );
    const count = (wanted: string) => lines.filter(({ branch }) => branch === wanted).length;
    assert.equal(count('learning-rate-search'), 5 * 4 + 3 * 4);
    assert.equal(count('short-training'), (1 + 5 + 3 + 1) * 32);
    assert.equal(lines.length, 5 * 4 + 3 * 4 + 4 + 10 * 32);
    assert.ok(lines.every(({ iteration, iterations }, index) => iteration === index && iterations === lines.length));
    const given = await run({ learningRate, iterations: iterationsKept });
    assert.deepEqual(bytesOf(auto.weights), bytesOf(given.weights));
    assert.deepEqual(auto.scales, given.scales);
    assert.equal(auto.statistics.leakedTensors, 0);
  });

  it('returns the scales whose short training ended lowest', async () => {
    const { trainingLoss, learningRateTrials } = findingsOf(await run({ learningRate: 'auto' }));
    const latest = learningRateTrials.map((trial) => trial.trainingLoss ?? Number.POSITIVE_INFINITY);
    assert.ok(trainingLoss <= Math.min(...latest));
  });

  it('turns away a rate that kills the signal, however well it serves the next step', async () => {
    const options = { learningRate: 'auto', learningRateCandidates: [0.01, 10] };
    assert.equal(findingsOf(await run(options)).learningRate, 0.01);
  });

  it('ends early when going on brings nothing', async () => {
    const lines: IterationMetrics[] = [];
    const options = { learningRate: 'auto', learningRateCandidates: [10], iterations: 200 };
    const { findings } = await run(options, { onIteration: (metrics) => lines.push(metrics) });
    const { iterationsKept, learningRateTrials } = findings as unknown as Findings;
    assert.ok(iterationsKept < 200);
    assert.ok((learningRateTrials[0]?.iterations ?? 200) < 200);
    assert.ok(lines.length < (lines[0]?.iterations ?? 0));
  });

  it('trains with every simulated optimizer', async () => {
    const lines: IterationMetrics[] = [];
    const options = { learningRate: 'auto', learningRateCandidates: [0.01], optimizer: 'any' };
    await run(options, { onIteration: (metrics) => lines.push(metrics) });
    assert.equal(lines.filter(({ branch }) => branch === 'short-training').length, (1 + 3) * 2 * 32);
  });

  it('goes on from a checkpoint of any trial and of the main run with the same bytes', async () => {
    const states: unknown[] = [];
    const whole = await run(
      { learningRate: 'auto' },
      { saveState: (state) => states.push(JSON.parse(JSON.stringify(state()))) },
    );
    for (const index of [0, 20, 31, 33, 36, 70, 200, 230, 300, states.length - 2]) {
      const resumed = await run({ learningRate: 'auto' }, { resume: states[index] });
      assert.deepEqual(bytesOf(resumed.weights), bytesOf(whole.weights), `checkpoint ${index}`);
      assert.deepEqual(resumed.findings, whole.findings, `checkpoint ${index}`);
    }
  });

  it('drops candidates that diverge, and says so when all do', async () => {
    const some = await run({ learningRate: 'auto', learningRateCandidates: [1e30, 0.01] });
    assert.equal(findingsOf(some).learningRate, 0.01);
    assert.deepEqual(
      findingsOf(some).learningRateTrials.map(({ diverged }) => diverged),
      [true, false],
    );
    const none = run({ learningRate: 'auto', learningRateCandidates: [1e30, 1e35] });
    await assert.rejects(none, { code: 'DIVERGED', message: /no learning rate of 1e\+30, 1e\+35 stays finite/ });
  });

  it('stops within an iteration of the search', async () => {
    const controller = new AbortController();
    let iterations = 0;
    const stopped = run(
      { learningRate: 'auto' },
      {
        signal: controller.signal,
        onIteration: () => {
          iterations += 1;
          if (iterations === 3) controller.abort();
        },
      },
    );
    await assert.rejects(stopped, { code: 'CANCELLED' });
    assert.equal(iterations, 3);
  });
});

describe('gradinit with the optimizer "any"', () => {
  const any = { optimizer: 'any', learningRate: 0.02 };

  it('constrains the norm that exceeds its own bound most', async () => {
    const branches = async (options: object) => {
      const seen = new Set<string>();
      await run({ ...any, ...options }, { onIteration: ({ branch }) => seen.add(branch) });
      return [...seen];
    };
    assert.deepEqual(await branches({ gamma: 1e-3, gammaAdam: 1e6 }), ['constraint-sgd']);
    assert.deepEqual(await branches({ gamma: 1e6, gammaAdam: 1e-3 }), ['constraint-adam']);
    assert.deepEqual(await branches({ gamma: 1e-3, gammaAdam: 1e-1 }), ['constraint-sgd']);
    assert.deepEqual(await branches({ gamma: null, gammaAdam: null }), ['objective']);
  });

  it('lowers the mean of the losses after the steps of both', async () => {
    const lines: IterationMetrics[] = [];
    const options = { ...any, gamma: null, gammaAdam: null, iterations: 40, batchSize: 32 };
    await run(options, { onIteration: (metrics) => lines.push(metrics) });
    const mean = (part: readonly IterationMetrics[]) =>
      part.reduce((sum, { steppedLoss }) => sum + (steppedLoss ?? 0), 0) / part.length;
    assert.ok(mean(lines.slice(-8)) < mean(lines.slice(0, 8)));
  });

  it('reports the factors that undo what the scales do to the relative steps', async () => {
    const { scales, findings } = await run({ ...any, learningRateMultipliers: true });
    const squares = Object.fromEntries(Object.entries(scales ?? {}).map(([name, alpha]) => [name, alpha ** 2]));
    assert.deepEqual(findings?.learningRateMultipliers, { sgd: squares, adam: scales });
  });
});
