import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configureMethod, initialize } from '../../../src/engine/index.ts';
import type { IterationMetrics, RunControl, Weights } from '../../../src/engine/run.ts';
import { problems } from '../../support/problems.ts';

const base = { iterations: 12, batchSize: 16 };

function run(options: object, control: Partial<RunControl> = {}) {
  return initialize({ problem: problems.mlp(), method: configureMethod('gradinit', { ...base, ...options }) }, control);
}

const bytesOf = (weights: Weights) =>
  [...weights].map(
    ([name, { data }]) => `${name} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')}`,
  );

interface Findings {
  readonly kept: 'start' | 'tuned';
  readonly reason: string;
  readonly radius: number;
  readonly iterationsKept: number;
  readonly learningRate: number | null;
  readonly comparedWithStart: { difference: number; standardError: number } | null;
  readonly gate: { wellConditioned: boolean; criticalRateFactor: number | null };
  readonly radiusTrials: readonly {
    radius: number;
    iterations: number;
    diverged: boolean;
    trainings: readonly unknown[];
  }[];
}
const findingsOf = (result: Awaited<ReturnType<typeof run>>) => result.findings as unknown as Findings;

/** Small enough for a test; the gate stays closed so that the search is seen. */
const search = {
  radii: [0.2, 1],
  rateFactors: [0.3, 1],
  shortHorizon: 3,
  longHorizon: 5,
  seeds: 2,
  heldOutBatches: 2,
  gate: false,
};
const auto = { learningRate: 'auto', search };

describe('gradinit with the learning rate "auto"', () => {
  it('keeps the start where the loss does not rise at the rate that will train, and says so', async () => {
    const lines: IterationMetrics[] = [];
    const result = await run({ learningRate: 'auto', trainingRate: 1e-4 }, { onIteration: (line) => lines.push(line) });
    const { kept, reason, gate } = findingsOf(result);
    assert.deepEqual([kept, gate.wellConditioned], ['start', true]);
    assert.match(reason, /nothing is needed/);
    assert.equal(lines.length, 3 * 32);
    assert.ok(Object.values(result.scales ?? {}).every((alpha) => alpha === 1));
    assert.deepEqual(bytesOf(result.weights), bytesOf(problems.mlp().weights));
  });

  it('searches where the loss rises at that rate', async () => {
    const { gate, radiusTrials } = findingsOf(
      await run({ ...auto, trainingRate: 30, search: { ...search, gate: true } }),
    );
    assert.equal(gate.wellConditioned, false);
    assert.deepEqual(
      radiusTrials.slice(0, 3).map(({ radius, iterations }) => [radius, iterations]),
      [
        [0, 0],
        [0.2, 4],
        [1, 4],
      ],
    );
  });

  it('returns the scales of a run with the radius and iterations that it reports', async () => {
    const result = await run({ ...auto, trainingRate: 3, search: { ...search, longHorizon: 12 } });
    const { kept, learningRate, iterationsKept } = findingsOf(result);
    if (kept === 'start') assert.ok(Object.values(result.scales ?? {}).every((alpha) => alpha === 1));
    else {
      const given = await run({ learningRate, iterations: iterationsKept });
      assert.deepEqual(bytesOf(result.weights), bytesOf(given.weights));
    }
    assert.equal(result.statistics.leakedTensors, 0);
  });

  it('keeps what is better than the start beyond the noise, and the start otherwise', async () => {
    for (const trainingRate of [0.01, 0.3, 3]) {
      const { kept, comparedWithStart, radius } = findingsOf(await run({ ...auto, trainingRate }));
      assert.equal(kept === 'start', comparedWithStart === null);
      assert.equal(kept === 'start', radius === 0);
      if (comparedWithStart) assert.ok(comparedWithStart.difference < -2 * comparedWithStart.standardError);
    }
  });

  it('turns away a radius that kills the signal, however well it serves the next step', async () => {
    const options = { ...auto, trainingRate: 0.1, search: { ...search, radii: [100], longHorizon: 32 } };
    assert.equal(findingsOf(await run(options)).kept, 'start');
  });

  it('trains with every optimizer of any', async () => {
    const lines: IterationMetrics[] = [];
    const options = { ...auto, optimizer: 'any', search: { ...search, radii: [100] } };
    await run(options, { onIteration: (metrics) => lines.push(metrics) });
    const steps = lines.filter(({ branch }) => branch === 'short-training').length;
    assert.ok(steps >= 2 * 2 * 2 * 3, `${steps}`);
  });

  it('goes on from a checkpoint of any trial and training with the same bytes', async () => {
    const states: unknown[] = [];
    const options = { ...auto, trainingRate: 3 };
    const whole = await run(options, { saveState: (state) => states.push(JSON.parse(JSON.stringify(state()))) });
    const chosen = [0, 1, 4, 6, 9, 11, 14, 20, 24, states.length - 5, states.length - 2].filter(
      (index) => index < states.length,
    );
    for (const index of chosen) {
      const resumed = await run(options, { resume: states[index] });
      assert.deepEqual(bytesOf(resumed.weights), bytesOf(whole.weights), `checkpoint ${index}`);
      assert.deepEqual(resumed.findings, whole.findings, `checkpoint ${index}`);
    }
  });

  it('drops radii that diverge', async () => {
    const options = { ...auto, search: { ...search, radii: [1e3, 0.2] }, gradientClip: 0, minScale: 1e20 };
    const { radiusTrials, kept } = findingsOf(await run(options));
    assert.ok(radiusTrials.slice(1).every(({ diverged }) => diverged));
    assert.equal(kept, 'start');
  });

  it('says so when no training stays finite from anywhere', async () => {
    const options = { ...auto, trainingRate: 1e25, optimizer: 'adam', search: { ...search, radii: [0.2] } };
    await assert.rejects(run(options), {
      code: 'DIVERGED',
      message: /training diverges from scale 1 and from every radius/,
    });
  });

  it('stops within an iteration of the search', async () => {
    const controller = new AbortController();
    let iterations = 0;
    const stopped = run(auto, {
      signal: controller.signal,
      onIteration: () => {
        iterations += 1;
        if (iterations === 3) controller.abort();
      },
    });
    await assert.rejects(stopped, { code: 'CANCELLED' });
    assert.equal(iterations, 3);
  });

  it('needs the rate that will train among its training rates', async () => {
    await assert.rejects(run({ ...auto, search: { ...search, rateFactors: [0.5] } }), {
      code: 'OPTION_INVALID',
      message: /rateFactors/,
    });
  });
});

describe('gradinit with the optimizer "any"', () => {
  const any = { optimizer: 'any', learningRate: 0.02 };
  const bounds = (sgd: number | null, adam: number | null) => [
    { optimizer: 'sgd', gamma: sgd },
    { optimizer: 'adam', gamma: adam },
  ];

  it('constrains the norm that exceeds its own bound most', async () => {
    const branches = async (options: object) => {
      const seen = new Set<string>();
      await run({ ...any, ...options }, { onIteration: ({ branch }) => seen.add(branch) });
      return [...seen];
    };
    assert.deepEqual(await branches({ anyOf: bounds(1e-3, 1e6) }), ['constraint-sgd']);
    assert.deepEqual(await branches({ anyOf: bounds(1e6, 1e-3) }), ['constraint-adam']);
    assert.deepEqual(await branches({ anyOf: bounds(1e-3, 1e-1) }), ['constraint-sgd']);
    assert.deepEqual(await branches({ anyOf: bounds(null, null) }), ['objective']);
  });

  it('lowers the mean of the losses after the steps of both', async () => {
    const lines: IterationMetrics[] = [];
    const options = { ...any, anyOf: bounds(null, null), iterations: 40, batchSize: 32 };
    await run(options, { onIteration: (metrics) => lines.push(metrics) });
    const mean = (part: readonly IterationMetrics[]) =>
      part.reduce((sum, { steppedLoss }) => sum + (steppedLoss ?? 0), 0) / part.length;
    assert.ok(mean(lines.slice(-8)) < mean(lines.slice(0, 8)));
  });

  it('reports the factors that undo what the scales do to the relative steps', async () => {
    const { scales, learningRateMultipliers } = await run({ ...any, learningRateMultipliers: true });
    const squares = Object.fromEntries(Object.entries(scales ?? {}).map(([name, alpha]) => [name, alpha ** 2]));
    assert.deepEqual(learningRateMultipliers, { sgd: squares, adam: scales });
  });
});
