/** A sweep of rates: every row at its best one, chosen on samples that accuracy is not measured on; differences with their intervals. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { localSources } from '../../src/cli/sources.ts';
import type { CellResult } from '../../src/comparison/plan/cell.ts';
import { planComparison } from '../../src/comparison/plan/local.ts';
import { toMarkdown } from '../../src/comparison/report/markdown.ts';
import { buildComparisonReport } from '../../src/comparison/report/report.ts';
import { pairedDifference, studentQuantile } from '../../src/comparison/report/statistics.ts';
import { rateOfSweep } from '../../src/comparison/report/sweep.ts';
import { openFolder, runComparison } from '../../src/comparison/runner.ts';
import { parseComparisonSpec } from '../../src/contract/comparison-spec.ts';

const out = await mkdtemp(path.join(tmpdir(), 'gradinit-sweep-'));
after(() => rm(out, { recursive: true, force: true }));

const body = {
  models: [{ model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [16] } } }],
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  methods: ['kaiming', 'xavier'],
  seeds: [0, 1],
  training: { epochs: 1, batchSize: 128 },
  learningRates: [0.0001, 0.1],
};

test('a sweep adds the baselines, Kaiming with warm-up among them, and trains every row at every rate', () => {
  const { methods, training } = parseComparisonSpec(body);
  assert.deepEqual(
    methods.map(({ label }) => label),
    ['kaiming', 'xavier', 'kaiming + warm-up', 'torch-default', 'keras-default'],
  );
  assert.equal(methods.find(({ label }) => label === 'kaiming + warm-up')?.warmupEpochs, 0.5);
  assert.deepEqual(
    training.map(({ learningRate }) => learningRate),
    [0.0001, 0.1],
  );
  assert.equal(parseComparisonSpec({ ...body, baselines: false }).methods.length, 2);
  assert.equal(parseComparisonSpec({ ...body, learningRates: undefined }).methods.length, 2);
});

test('a problem of the protocol keeps its place in the request', () => {
  assert.throws(
    () => parseComparisonSpec({ ...body, training: { epochs: 1, warmupEpochs: 2 } }),
    (error: Error & { problems: { pointer: string }[] }) => {
      assert.ok(error.problems.every(({ pointer }) => pointer === '/training/warmupEpochs'));
      return true;
    },
  );
});

test('every row is reported at the rate that is best on the samples to choose by, never measured on those', async () => {
  const spec = parseComparisonSpec({ ...body, methods: ['kaiming', 'xavier'], baselines: false });
  const plan = await planComparison(spec, localSources());
  await openFolder(out, plan);
  const states = await runComparison(plan, out, {
    sources: localSources(),
    signal: new AbortController().signal,
    onCell: () => {},
  });
  const report = buildComparisonReport(plan, states);
  assert.equal(report.rows.length, 2);
  for (const row of report.rows) {
    assert.equal(row.sweep?.learningRate, 0.1, 'the other rate hardly moves the weights');
    assert.equal(row.accuracyBest?.n, 2);
    assert.ok((row.initEpochs?.mean ?? 0) > 0);
  }
  const held = report.cells.flatMap(({ state }) =>
    state.status === 'done' ? [state.result.training.selection?.samples ?? 0] : [],
  );
  const total = report.cells.length;
  assert.equal(held.length, total);
  // A fifth of the digits is held out; one half of it chooses, the other half measures.
  assert.ok(held.every((samples) => samples > 0 && samples === held[0]));
  const [, second] = report.rows;
  assert.equal(second?.difference?.reference, 'kaiming');
  assert.equal(second?.difference?.n, 2);
  assert.match(toMarkdown(report), /\| 0\.1 \|/);
  assert.equal(report.cells.filter(({ chosen }) => chosen).length, 4);
});

test('quantiles of Student are those of the tables', () => {
  for (const [degrees, expected] of [
    [1, 12.7062],
    [4, 2.7764],
    [30, 2.0423],
    [60, 2.0003],
    [1000, 1.9623],
  ] as const)
    assert.ok(Math.abs(studentQuantile(degrees) - expected) < 1e-3, `${degrees}: ${studentQuantile(degrees)}`);
});

const bySeed = (values: readonly number[]) => new Map(values.entries());

test('a difference that could be chance is a tie, one seed says nothing', () => {
  // SciPy: ttest_rel([3, 5, 4], [1, 2, 3]).confidence_interval() = (-0.484, 4.484)
  const difference = pairedDifference(bySeed([3, 5, 4]), bySeed([1, 2, 3]));
  assert.equal(difference?.verdict, 'tie');
  assert.ok(Math.abs((difference?.low ?? 0) + 0.4841) < 1e-3 && Math.abs((difference?.high ?? 0) - 4.4841) < 1e-3);
  assert.equal(pairedDifference(bySeed([3, 5, 4]), bySeed([1, 3, 2.1]))?.verdict, 'better');
  assert.equal(pairedDifference(bySeed([1, 3, 2.1]), bySeed([3, 5, 4]))?.verdict, 'worse');
  assert.equal(pairedDifference(bySeed([3]), bySeed([1]))?.verdict, 'unknown');
  assert.equal(pairedDifference(new Map([[0, 1]]), new Map([[1, 1]])), null);
});

test('a rate at which trainings diverge is not chosen, whatever it reached before', () => {
  const result = (selection: { loss: number; accuracy: number; samples: number } | null) =>
    ({ training: { selection } }) as unknown as CellResult;
  const fine = result({ loss: 1, accuracy: 0.5, samples: 10 });
  const best = result({ loss: 0.5, accuracy: 0.9, samples: 10 });
  const { learningRate, rates } = rateOfSweep([
    { learningRate: 0.1, results: [fine, fine] },
    { learningRate: 1, results: [best, result(null)] },
    { learningRate: 3, results: [] },
  ]);
  assert.equal(learningRate, 0.1);
  assert.deepEqual(
    rates.map(({ diverged }) => diverged),
    [0, 1, 0],
  );
});
