import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { localSources } from '../../src/cli/sources.ts';
import type { Cell, CellState } from '../../src/comparison/plan/cell.ts';
import { planComparison } from '../../src/comparison/plan/local.ts';
import { buildComparisonReport } from '../../src/comparison/report/report.ts';
import { cellFolder, openFolder, runComparison } from '../../src/comparison/runner.ts';
import { parseComparisonSpec } from '../../src/contract/comparison-spec.ts';
import { AppError } from '../../src/errors.ts';
import { temporaryFolder } from '../support/temporary.ts';

const mlp = { label: 'mlp', model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [16] } } };
const small = {
  models: [mlp],
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  methods: ['kaiming', { name: 'gradinit', options: { iterations: 4, batchSize: 64, learningRate: 1e-3 } }],
  seeds: [0, 1],
  training: { epochs: 1, batchSize: 64 },
};
const planOf = (change: object = {}) => planComparison(parseComparisonSpec({ ...small, ...change }), localSources());
const quiet = { sources: localSources(), signal: new AbortController().signal, onCell: () => {} };

test('every method is trained from every seed, and the report has mean and spread', async () => {
  const plan = await planOf();
  const out = path.join(await temporaryFolder(), 'out');
  await openFolder(out, plan);
  const states = await runComparison(plan, out, quiet);
  const report = buildComparisonReport(plan, states);
  assert.deepEqual(report.samples, { training: 1438, test: 359 });
  assert.deepEqual(
    report.rows.map(({ method, status }) => [method, status]),
    [
      ['kaiming', 'done'],
      ['gradinit', 'done'],
    ],
  );
  for (const row of report.rows) {
    assert.equal(row.accuracyBest?.n, 2);
    assert.ok((row.accuracyBest?.mean ?? 0) > 0.3);
    assert.ok(row.lossAfter1 && row.lossAfter10);
    assert.equal(row.lossAfter100, null);
  }
  const [first] = report.cells;
  assert.ok(first?.state.status === 'done');
  const { start, curve } = first.state.result.training;
  assert.deepEqual(
    start.gradientNorms.map(({ parameter }) => parameter),
    ['dense1/kernel', 'dense1/bias', 'classifier/kernel', 'classifier/bias'],
  );
  const norm = Math.sqrt(start.gradientNorms.reduce((sum, { norm: n }) => sum + n * n, 0));
  assert.ok(Math.abs(norm - start.gradientNorm) < 1e-5 * norm);
  assert.equal(curve.length, Math.ceil(1438 / 64));
  assert.deepEqual((await readdir(cellFolder(out, { id: 'm0-t0-k1-s0' }))).sort(), [
    'classes.json',
    'report.json',
    'weights.safetensors',
  ]);
});

test('a second run continues: finished cells are read, the others give the same numbers as an undisturbed run', async () => {
  const plan = await planOf();
  const folder = await temporaryFolder();
  const [whole, cut] = [path.join(folder, 'whole'), path.join(folder, 'cut')];
  for (const out of [whole, cut]) await openFolder(out, plan);
  const expected = await runComparison(plan, whole, quiet);
  const controller = new AbortController();
  const seen: string[] = [];
  const stopAfterTwo = (_: Cell, state: CellState) => {
    seen.push(state.status);
    if (seen.length === 2) controller.abort();
  };
  const stopped = await runComparison(plan, cut, { ...quiet, signal: controller.signal, onCell: stopAfterTwo });
  assert.deepEqual(
    [...stopped.values()].map(({ status }) => status),
    ['done', 'done', 'cancelled', 'cancelled'],
  );
  await openFolder(cut, plan);
  const resumed = await runComparison(plan, cut, quiet);
  const numbers = (states: Map<string, CellState>) =>
    [...states].map(([id, state]) => {
      assert.ok(state.status === 'done');
      const { accuracyBest, lossAfter, curve } = state.result.training;
      return [id, accuracyBest, { ...lossAfter }, curve];
    });
  assert.deepEqual(numbers(resumed), numbers(expected));
});

test('a training is stopped after some epochs of its schedule, and measured more than once near the end of each', async () => {
  const plan = await planOf({
    seeds: [0],
    methods: ['kaiming'],
    training: [
      { label: 'whole', epochs: 2, batchSize: 64, schedule: 'constant' },
      { label: 'stopped', epochs: 2, stopAfterEpochs: 1, evaluations: 3, batchSize: 64, schedule: 'constant' },
    ],
  });
  const out = path.join(await temporaryFolder(), 'out');
  await openFolder(out, plan);
  const [whole, stopped] = [...(await runComparison(plan, out, quiet)).values()].map((state) => {
    assert.ok(state.status === 'done');
    return state.result.training;
  });
  assert.equal(whole?.epochs.length, 2);
  assert.equal(stopped?.epochs.length, 1);
  assert.equal(stopped?.accuracyFirst, whole?.accuracyFirst);
  assert.equal(whole?.meanAccuracyFirst, whole?.accuracyFirst);
  assert.notEqual(stopped?.meanAccuracyFirst, stopped?.accuracyFirst);
});

test('more epochs than the schedule has are refused with the pointer', () => {
  const training = { epochs: 2, stopAfterEpochs: 3 };
  assert.throws(
    () => parseComparisonSpec({ ...small, training }),
    (error) =>
      error instanceof AppError && error.problems.some(({ pointer }) => pointer === '/training/stopAfterEpochs'),
  );
});

test('a cell that fails is told, the others finish', async () => {
  const plan = await planOf();
  const out = path.join(await temporaryFolder(), 'out');
  await openFolder(out, plan);
  // A file where the artifact of one cell should go: publishing it fails.
  await writeFile(path.join(out, 'cells', 'm0-t0-k0-s1'), 'in the way');
  const report = buildComparisonReport(plan, await runComparison(plan, out, quiet));
  assert.deepEqual(
    report.rows.map(({ status }) => status),
    ['partial', 'done'],
  );
  assert.match(report.rows[0]?.note ?? '', /seed 1: OUTPUT_UNWRITABLE/);
  assert.equal(report.rows[0]?.accuracyBest?.n, 1);
  await rm(path.join(out, 'cells', 'm0-t0-k0-s1'));
  const again = buildComparisonReport(plan, await runComparison(plan, out, quiet));
  assert.deepEqual(
    again.rows.map(({ status }) => status),
    ['done', 'done'],
  );
});

test('a training that diverges is a result with its step, not a failure', async () => {
  const plan = await planOf({
    methods: ['kaiming'],
    seeds: [0],
    training: { epochs: 1, batchSize: 64, learningRate: 1e30, schedule: 'constant' },
  });
  const out = path.join(await temporaryFolder(), 'out');
  await openFolder(out, plan);
  const [row] = buildComparisonReport(plan, await runComparison(plan, out, quiet)).rows;
  assert.equal(row?.diverged, 1);
  assert.match(row?.note ?? '', /diverged at step \d+/);
  assert.equal(row?.accuracyBest?.mean, 0.1);
});

test('a folder with another comparison is refused', async () => {
  const out = path.join(await temporaryFolder(), 'out');
  await mkdir(out);
  await openFolder(out, await planOf());
  await assert.rejects(openFolder(out, await planOf({ seeds: [7] })), { code: 'OUTPUT_UNWRITABLE' });
  assert.ok(JSON.parse(await readFile(path.join(out, 'comparison.json'), 'utf8')));
});

test('rows that do not apply say why, and the others run', async () => {
  const plan = await planOf({ methods: ['kaiming', 'fixup'], seeds: [0] });
  assert.deepEqual(
    plan.cells.map(({ method }) => method),
    [0],
  );
  const [, row] = buildComparisonReport(plan, new Map()).rows;
  assert.equal(row?.status, 'inapplicable');
  assert.match(row?.note ?? '', /^does not apply: ./);
});

test('an extra epoch is one of the same training', async () => {
  const plan = await planOf({
    methods: ['extra-epoch-warmup'],
    seeds: [0],
    training: { epochs: 1, batchSize: 32, optimizer: 'adam' },
  });
  const { options } = plan.cells[0]?.spec.method ?? {};
  assert.deepEqual(
    { ...options },
    { optimizer: 'adam', batchSize: 32, momentum: 0.9, weightDecay: 1e-4, clip: null, learningRate: 1e-3 },
  );
});

const refused: { title: string; change: object; pointer: RegExp; says: RegExp }[] = [
  {
    title: 'an unknown method',
    change: { methods: ['kaiming', 'magic'] },
    pointer: /^\/methods\/1\/name$/,
    says: /no method is named "magic"; there are .*kaiming/,
  },
  {
    title: 'an unknown option',
    change: { methods: [{ name: 'gradinit', options: { iteration: 3 } }] },
    pointer: /^\/methods\/0\/options\/iteration$/,
    says: /./,
  },
  {
    title: 'methods that apply to no model',
    change: { methods: ['fixup'] },
    pointer: /^\/methods\/0$/,
    says: /does not apply/,
  },
  {
    title: 'an unknown network',
    change: { models: [{ model: { format: 'zoo', name: 'lenet' } }] },
    pointer: /^\/models\/0\/model/,
    says: /./,
  },
  {
    title: 'a model that the data does not fit',
    change: { models: [{ model: { format: 'zoo', name: 'mlp', options: { inputShape: [65] } } }] },
    pointer: /^\/models\/0/,
    says: /\[65\]/,
  },
  {
    title: 'a batch larger than the data',
    change: { training: { epochs: 1, batchSize: 5000 } },
    pointer: /^\/training\/batchSize$/,
    says: /has 1438 samples/,
  },
  {
    title: 'data that is not there',
    change: { dataset: { ref: 'builtin:nothing', options: { validationSplit: 0.2 } } },
    pointer: /^\/dataset/,
    says: /no built-in/,
  },
  {
    title: 'data without samples to test on',
    change: { dataset: { ref: 'builtin:digits' } },
    pointer: /^\/dataset\/options\/validationSplit$/,
    says: /greater than 0/,
  },
];

for (const { title, change, pointer, says } of refused) {
  test(`${title}: one error with a pointer before anything runs`, async () => {
    await assert.rejects(planOf(change), (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'INVALID_INPUT');
      const errors = error.problems;
      const found = errors.find((entry) => pointer.test(entry.pointer));
      assert.ok(found, JSON.stringify(errors));
      assert.match(found.message, says);
      return true;
    });
  });
}
