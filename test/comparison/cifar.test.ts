import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { localSources } from '../../src/cli/sources.ts';
import { planComparison } from '../../src/comparison/plan/local.ts';
import { buildComparisonReport } from '../../src/comparison/report/report.ts';
import { openFolder, runComparison } from '../../src/comparison/runner.ts';
import { parseComparisonSpec } from '../../src/contract/comparison-spec.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = path.resolve(import.meta.dirname, '..', '..');

/** Records of CIFAR-10's binary version: a label byte and 3 x 32 x 32 pixels; the class is the brightness. */
function records(count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => Buffer.alloc(1 + 3072, 20 * (i % 10) + 20).fill(i % 10, 0, 1)),
  );
}

test('the published protocol runs on a folder in the binary format of CIFAR-10', async () => {
  const folder = await temporaryFolder();
  const data = path.join(folder, 'cifar-10-batches-bin');
  await mkdir(data);
  await writeFile(path.join(data, 'data_batch_1.bin'), records(60));
  await writeFile(path.join(data, 'data_batch_2.bin'), records(40));
  await writeFile(path.join(data, 'test_batch.bin'), records(30));
  const published = JSON.parse(await readFile(path.join(root, 'examples/compare-cifar10/published.json'), 'utf8'));
  const full = parseComparisonSpec(published);
  assert.equal(full.models.length * full.methods.length * full.seeds.length, 80);

  const spec = parseComparisonSpec({
    ...published,
    models: [{ model: { format: 'zoo', name: 'vgg', options: { widths: [[2], [4]] } }, gradientClip: 1 }],
    dataset: { ...published.dataset, ref: data },
    test: { ...published.test, ref: data },
    methods: ['kaiming'],
    seeds: [0],
    training: { ...published.training, epochs: 2, batchSize: 32 },
  });
  const plan = await planComparison(spec, localSources());
  assert.deepEqual(plan.samples, { training: 100, test: 30 });
  assert.equal(plan.cells[0]?.spec.training?.gradientClip, 1);
  const out = path.join(folder, 'out');
  await openFolder(out, plan);
  const signal = new AbortController().signal;
  const report = buildComparisonReport(
    plan,
    await runComparison(plan, out, { sources: localSources(), signal, onCell: () => {} }),
  );
  assert.equal(report.rows[0]?.status, 'done', report.rows[0]?.note ?? '');
  assert.ok(report.rows[0]?.accuracyBest);

  const other = { ...spec.dataset, options: { part: 'test' as const, normalize: 'unit' as const } };
  await assert.rejects(
    planComparison({ ...spec, test: { ...other, ref: data } }, localSources()),
    /normalised differently/,
  );
});
