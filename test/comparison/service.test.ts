import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { testApi, until } from '../support/api.ts';
import { testService } from '../support/queue-service.ts';
import { runningService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('workers run the cells of a comparison; the report has every row and the best weights come in one call', async () => {
  const service = await testService();
  const { app } = await testApi({ valkey: service.valkey, environment: { STATE_DIR: service.stateDir } });
  await service.startWorker();
  const made = await app.inject({
    method: 'POST',
    url: '/v1/comparisons',
    payload: {
      models: [{ model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [16] } } }],
      dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
      methods: ['kaiming', { name: 'gradinit', options: { iterations: 3, batchSize: 32, learningRate: 1e-3 } }],
      seeds: [0],
      training: { epochs: 1, batchSize: 64 },
    },
  });
  assert.equal(made.statusCode, 202, made.body);
  const { id } = made.json();
  const get = async () => (await app.inject({ url: `/v1/comparisons/${id}` })).json();
  await until(async () => !['queued', 'running'].includes((await get()).status));
  assert.equal((await get()).status, 'succeeded');

  const { rows, best } = (await app.inject({ url: `/v1/comparisons/${id}/report.json` })).json();
  assert.deepEqual(
    rows.map(({ status }: { status: string }) => status),
    ['done', 'done'],
  );
  for (const row of rows) assert.ok(row.accuracyBest.mean > 0.2 && row.initPeakBytes.mean > 0);
  const weights = await app.inject({ url: `/v1/comparisons/${id}/weights` });
  assert.equal(weights.statusCode, 200);
  assert.match(weights.headers['content-disposition'] as string, new RegExp(best[0].job));
  assert.ok((await app.inject({ url: `/v1/comparisons/${id}/report.html` })).body.includes('<svg'));
});

test('gradinit compare --service brings the reports of a comparison that the workers ran', async () => {
  const { url } = await runningService();
  const out = path.join(await temporaryFolder(), 'reports');
  const args = [
    'compare',
    '--service',
    '--url',
    url,
    '--zoo',
    'mlp',
    '--zoo-options',
    '{"inputShape":[64],"sizes":[8]}',
  ];
  const rest = ['--dataset', 'builtin:digits', '--method', 'kaiming', '--seed', '3', '--epochs', '1', '--out', out];
  const cli = path.join(projectRoot, 'src', 'cli.ts');
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', cli, ...args, ...rest]);
  const { stdout, stderr } = await run;
  assert.match(stdout, /kaiming/);
  assert.match(stderr, /^cmp_\w+\n.*\nsucceeded: 1 succeeded of 1 cells\n$/s);
  assert.equal(JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8')).rows[0].status, 'done');
  assert.deepEqual((await readdir(out)).sort(), ['report.html', 'report.json', 'report.md']);
});
