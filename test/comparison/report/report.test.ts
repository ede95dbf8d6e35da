import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CellResult, CellState } from '../../../src/comparison/plan/cell.ts';
import { resultOfReport } from '../../../src/comparison/plan/cell-result.ts';
import type { ComparisonPlan } from '../../../src/comparison/plan/cells.ts';
import { toCsv } from '../../../src/comparison/report/csv.ts';
import { toHtml } from '../../../src/comparison/report/html.ts';
import { toMarkdown } from '../../../src/comparison/report/markdown.ts';
import { buildComparisonReport } from '../../../src/comparison/report/report.ts';
import { spreadText, tablesOf } from '../../../src/comparison/report/table.ts';
import { parseComparisonSpec } from '../../../src/contract/comparison-spec.ts';
import { parseJobSpec } from '../../../src/contract/job-spec.ts';

const evil = '<script>alert(1)</script>|`*';
const model = { format: 'zoo', name: 'mlp' } as const;
const spec = parseComparisonSpec({
  models: [{ label: evil, model }],
  dataset: { ref: 'builtin:digits' },
  methods: [
    { name: 'kaiming', label: `a ${evil}` },
    { name: 'gradinit', label: 'b' },
    { name: 'fixup', label: 'c' },
  ],
  seeds: [3, 5],
  training: [
    { label: 'sgd', epochs: 2 },
    { label: 'adam', epochs: 2, optimizer: 'adam' },
  ],
});

const places = [0, 1].flatMap((seed) =>
  [0, 1].flatMap((training) => [0, 1].map((method) => ({ model: 0, training, method, seed }))),
);
const job = parseJobSpec({ model, method: { name: 'kaiming' } });
const plan: ComparisonPlan = {
  spec,
  cells: places.map((place) => ({ ...place, id: `m0-t${place.training}-k${place.method}-s${place.seed}`, spec: job })),
  inapplicable: [{ model: 0, method: 2, reason: 'there is no residual sum <b>' }],
  samples: { training: 80, test: 20 },
};

function result(accuracyBest: number): CellResult {
  const epochs = [1, 2].map((epoch) => ({
    epoch,
    trainingLoss: 1,
    testLoss: 1,
    testAccuracy: accuracyBest,
    meanTestAccuracy: accuracyBest,
    seconds: 1,
  }));
  return {
    initialisation: { seconds: 2, peakBytes: 2 ** 30, iterations: 3, scales: { 'b/kernel': 0.5, 'a/kernel': 2 } },
    training: {
      start: {
        loss: 2,
        gradientNorm: 5,
        gradientNorms: [
          { parameter: 'b/kernel', norm: 3 },
          { parameter: 'a/kernel', norm: 4 },
        ],
        probeSamples: 80,
      },
      lossAfter: { 1: 1.5, 10: 1.2, 100: null },
      curve: [
        { step: 0, loss: 2 },
        { step: 1, loss: 1 },
      ],
      epochs,
      accuracyFirst: accuracyBest / 2,
      accuracyBest,
      meanAccuracyFirst: accuracyBest / 2,
      divergedAt: null,
      seconds: 4,
    },
    machine: 'cpu, AMD EPYC, 2 cores',
  };
}

const states = new Map<string, CellState>([
  ['m0-t0-k0-s0', { status: 'done', result: result(0.5) }],
  ['m0-t0-k0-s1', { status: 'done', result: result(0.7) }],
  ['m0-t0-k1-s0', { status: 'done', result: result(0.9) }],
  ['m0-t0-k1-s1', { status: 'failed', error: { code: 'DIVERGED', message: `at step 3 ${evil}` } }],
  ['m0-t1-k0-s0', { status: 'done', result: result(0.4) }],
]);
const report = buildComparisonReport(plan, states);

test('rows tell mean, spread, and why numbers are missing', () => {
  assert.deepEqual(
    report.rows.map(({ training, status }) => `${training} ${status}`),
    ['sgd done', 'sgd partial', 'sgd inapplicable', 'adam unfinished', 'adam unfinished', 'adam inapplicable'],
  );
  const [first, second, third] = report.rows;
  assert.ok(Math.abs((first?.accuracyBest?.mean ?? 0) - 0.6) < 1e-12);
  assert.ok(Math.abs((first?.accuracyBest?.sd ?? 0) - Math.SQRT1_2 * 0.2) < 1e-12);
  assert.match(second?.note ?? '', /^seed 5: DIVERGED/);
  assert.match(third?.note ?? '', /does not apply: there is no residual sum/);
});

test('the best is the best seed of the best mean, for every protocol', () => {
  assert.deepEqual(
    report.best.map(({ training, method, seed, cell }) => [training, method, seed, cell]),
    [
      ['sgd', 'b', 3, 'm0-t0-k1-s0'],
      ['adam', `a ${evil}`, 3, 'm0-t1-k0-s0'],
    ],
  );
});

test('the page holds no markup of the user, no script and nothing from elsewhere', async () => {
  const page = await toHtml(report);
  assert.ok(!/<script/i.test(page));
  assert.ok(!page.includes('residual sum <b>'));
  assert.ok(page.includes('&lt;script&gt;'));
  const links = [...page.matchAll(/(?:src|href)\s*=\s*"([^"]*)"/g)].map(([, url]) => url);
  assert.deepEqual(links, []);
  assert.equal((page.match(/<svg/g) ?? []).length, 12);
});

test('parameters stand in the order of the network, not of the alphabet', async () => {
  const page = await toHtml(report);
  assert.ok(page.indexOf('b/kernel') < page.indexOf('a/kernel'));
});

test('no name breaks a Markdown table, and several protocols give the transfer matrix', () => {
  const text = toMarkdown(report);
  assert.ok(!text.includes('<script'));
  const tables = text.split('\n').filter((line) => line.startsWith('|'));
  for (const line of tables) assert.ok([3, 14].includes(line.replaceAll('\\|', '').split('|').length - 2), line);
  assert.match(text, /\| initialised by \| sgd \| adam \|/);
  assert.match(text, /\| b \| 90\.0 \| – \|/);
});

test('the deviation has the digits of the mean', () => {
  const [table] = tablesOf(report);
  assert.ok(table);
  const show = (value: number, of: number) => value.toFixed(of < 1 ? 3 : 1);
  assert.equal(spreadText({ mean: 12.34, sd: 0.0456, n: 2 }, show), '12.3 ± 0.0');
  const page = toMarkdown(report);
  assert.match(page, /\| 60\.0 ± 14\.1 \|/);
});

test('the page says data, protocols, options, seeds and counts, names its pictures, and shows the specification', async () => {
  const page = await toHtml(report);
  for (const text of [
    'ref builtin:digits',
    '80 training samples',
    '[3,5]',
    'protocol adam',
    'method b',
    '/v1/comparisons',
  ])
    assert.ok(page.includes(text), text);
  const named = page.match(/<svg role="img" aria-label="[^"]+"[^>]*><title>/g) ?? [];
  assert.equal(named.length, (page.match(/<svg/g) ?? []).length);
});

test('page and Markdown say machine, versions and the command that repeats it', async () => {
  for (const text of [await toHtml(report), toMarkdown(report)]) {
    assert.match(text, /cpu, AMD EPYC, 2 cores/);
    assert.match(text, /gradinit-service \d+\.\d+\.\d+/);
    assert.match(text, /curl -X POST .*comparison\.json/);
  }
});

test('a cell says the machine that its report says', () => {
  const { start, ...training } = result(0.5).training;
  const written = {
    training: { ...training, start },
    statistics: { seconds: 1, peakResidentBytes: 1 },
    machine: { processor: 'AMD EPYC', cores: 2, memoryBytes: 16 * 2 ** 30, system: 'Linux 6', device: 'cpu' },
  };
  assert.equal(resultOfReport(written)?.machine, 'cpu, AMD EPYC, 2 cores, 16 GiB, Linux 6');
  assert.equal(resultOfReport({ ...written, machine: undefined })?.machine, null);
});

test('every number is in the CSV, and no name breaks a row', () => {
  const lines = toCsv(report).trimEnd().split('\r\n');
  const [head = '', ...rows] = lines;
  assert.equal(head, 'model,training,method,seed,job,measure,at,value');
  assert.ok(rows.some((line) => line.endsWith(',scale,b/kernel,0.5')));
  assert.ok(rows.some((line) => line.endsWith(',epoch test accuracy,2,0.9')));
  assert.equal(rows.filter((line) => line.includes(',status,failed,')).length, 1);
});
