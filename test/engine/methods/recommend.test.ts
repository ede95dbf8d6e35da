/** A recommendation: what it measures is so, and its answer follows from what it measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize, type Problem } from '../../../src/engine/index.ts';
import type { Measurement } from '../../../src/engine/search/gradinit/radius-search-decisions.ts';
import { findCriticalRate } from '../../../src/engine/search/recommend/diagnosis.ts';
import { verdictOf } from '../../../src/engine/search/recommend/trials.ts';
import { ndarray } from '../../../src/ndarray.ts';
import { createRandom } from '../../../src/random.ts';
import { problems, scaled } from '../../support/problems.ts';

const options = {
  batchSize: 16,
  shortHorizon: 8,
  longHorizon: 24,
  rateFactors: [0.3, 1],
  seeds: 2,
  maxTrainingSteps: 600,
};

interface Found {
  readonly recommendation: { answer: string; method: string | null; why: string };
  readonly diagnosis: {
    criticalRate: number;
    sharpness: number;
    remarks: string[];
    layers: { layer: string; std: number; deadUnits: number | null }[];
    gradients: { parameter: string; norm: number }[];
  };
  readonly methods: { method: string; applies: boolean; tried: boolean; reason: string | null }[];
  readonly evidence: { trainingSteps: number; rows: { name: string; longLosses?: number[] }[] };
}

async function recommend(problem: Problem, more: object = {}) {
  const result = await initialize({ problem, method: configureMethod('recommend', { ...options, ...more }) });
  return { result, found: result.findings as unknown as Found };
}

for (const curvature of [0.01, 3, 500]) {
  test(`the critical rate of a parabola of curvature ${curvature} is 2 / curvature`, () => {
    // L(theta - h g) with g = c theta: c / 2 theta^2 (1 - h c)^2
    const lossAt = (rate: number) => (curvature / 2) * (1 - rate * curvature) ** 2;
    for (const first of [1e-4, 1, 1e4]) {
      const rate = findCriticalRate(lossAt, lossAt(0), first) ?? 0;
      assert.ok(rate * curvature <= 2 && rate * curvature > 2 / 2 ** 0.26, `${rate}`);
    }
  });
}

test('weights with too little signal are told apart and replaced by those of a method', async () => {
  const problem = problems.mlp();
  const weak = { ...problem, weights: scaled(problem.weights, 0.01) };
  const { found, result } = await recommend(weak);
  assert.equal(found.recommendation.answer, 'use', found.recommendation.why);
  assert.ok(
    found.diagnosis.remarks.some((remark) => /shrinks/.test(remark)),
    found.diagnosis.remarks.join('; '),
  );
  assert.notDeepEqual([...result.weights], [...weak.weights]);
  const mean = (name: string) => {
    const losses = found.evidence.rows.find((row) => row.name === name)?.longLosses ?? [];
    return losses.reduce((sum, loss) => sum + loss / losses.length, 0);
  };
  const best = found.evidence.rows.filter(({ longLosses }) => longLosses).map(({ name }) => name);
  assert.ok(Math.min(...best.slice(1).map(mean)) < mean('yours'));
});

test('a keep returns the bytes that were given', async () => {
  const problem = problems.mlp();
  // The only candidate differs by nothing that counts: it is the start that wins ties.
  const { found, result } = await recommend(problem, { maxTrainingSteps: 1 });
  assert.equal(found.recommendation.answer, 'keep');
  assert.ok(found.methods.every(({ tried }) => !tried));
  for (const [name, { data }] of problem.weights) assert.deepEqual(result.weights.get(name)?.data, data);
});

test('dead units and the methods that do not apply are named with reasons', async () => {
  const problem = problems.convolution();
  const name = [...problem.weights.keys()].find((key) => key.endsWith('bias')) as string;
  const { shape } = problem.weights.get(name) as { shape: readonly number[] };
  const weights = new Map(problem.weights).set(
    name,
    ndarray('float32', shape, new Float32Array(shape[0] as number).fill(-1000)),
  );
  const { found } = await recommend({ ...problem, weights }, { maxTrainingSteps: 1 });
  assert.ok(found.diagnosis.layers.some(({ deadUnits }) => deadUnits === 1));
  assert.ok(found.diagnosis.remarks.some((remark) => /dead/.test(remark)));
  const attention = found.methods.find(({ method }) => method === 'mimetic');
  assert.ok(attention && !attention.applies && attention.reason !== null);
});

test('whatever is measured, what is chosen was measured better for every seed and beyond the noise', () => {
  const plan = { rateFactors: [1], horizons: [2, 4] as const, seeds: 3, finalists: 2 };
  const random = createRandom(0, 'measurements');
  for (let trial = 0; trial < 500; trial++) {
    const candidates = 2 + Math.floor(random.uniform() * 4);
    const measured = (candidate: number, seed: number, horizon: number): Measurement => ({
      candidate,
      optimizer: 0,
      rateFactor: 1,
      seed,
      horizon,
      losses: random.uniform() < 0.1 ? null : [random.normal(), random.normal() - 0.5 * candidate],
      rise: 1,
    });
    const all = Array.from({ length: candidates }, (_, candidate) => [
      measured(candidate, 0, 2),
      ...[1, 2, 3].map((seed) => measured(candidate, seed, 4)),
    ]).flat();
    const { chosen, comparisons } = verdictOf(all, plan, candidates);
    if (chosen === 0) continue;
    const own = comparisons.find(({ candidate }) => candidate === chosen);
    assert.ok(own?.everySeed && own.difference < -2 * own.standardError);
  }
});
