import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { createApiServices } from '../../src/api/api-services.ts';
import { testApi } from '../support/api.ts';

const comparison = {
  models: [{ label: '<mlp>', model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [16] } } }],
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  methods: ['kaiming', 'fixup', { name: 'gradinit', options: { iterations: 3, batchSize: 32, learningRate: 1e-3 } }],
  seeds: [0, 1],
  training: { epochs: 1, batchSize: 64 },
};

test('a comparison is one job for every cell that applies, listed, reported and cancelled as a whole', async () => {
  const { app, queue } = await testApi();
  const made = await app.inject({ method: 'POST', url: '/v1/comparisons', payload: comparison });
  assert.equal(made.statusCode, 202, made.body);
  const { id, status, cells, jobs, inapplicable } = made.json();
  assert.equal(made.headers.location, `/v1/comparisons/${id}`);
  assert.deepEqual([status, cells, Object.keys(jobs).length], ['queued', 4, 4]);
  assert.deepEqual(
    inapplicable.map(({ method }: { method: string }) => method),
    ['fixup'],
  );

  const [first] = Object.values(jobs) as string[];
  const spec = await queue.jobs.spec(first ?? '');
  assert.equal(spec?.training?.batchSize, 64);
  assert.equal(spec?.metadata?.comparison, id);

  const listed = await app.inject({ url: '/v1/comparisons' });
  assert.deepEqual(
    listed.json().comparisons.map((entry: { id: string }) => entry.id),
    [id],
  );

  const report = (await app.inject({ url: `/v1/comparisons/${id}/report.json` })).json();
  assert.deepEqual(
    report.rows.map((row: { status: string }) => row.status),
    ['unfinished', 'inapplicable', 'unfinished'],
  );
  const page = await app.inject({ url: `/v1/comparisons/${id}/report.html` });
  assert.match(page.headers['content-type'] as string, /^text\/html/);
  assert.ok(page.body.includes('&lt;mlp&gt;') && !page.body.includes('<mlp>'));
  assert.match((await app.inject({ url: `/v1/comparisons/${id}/report.md` })).body, /&lt;mlp&gt;/);
  assert.equal((await app.inject({ url: `/v1/comparisons/${id}/weights` })).statusCode, 404);

  const early = await app.inject({ method: 'DELETE', url: `/v1/comparisons/${id}` });
  assert.equal(early.statusCode, 409);
  const cancelled = await app.inject({ method: 'POST', url: `/v1/comparisons/${id}/cancel` });
  assert.deepEqual(
    [cancelled.statusCode, cancelled.json().status, cancelled.json().counts],
    [202, 'cancelled', { cancelled: 4 }],
  );
  assert.equal((await app.inject({ method: 'DELETE', url: `/v1/comparisons/${id}` })).statusCode, 204);
  assert.equal((await app.inject({ url: `/v1/comparisons/${id}` })).json().code, 'COMPARISON_NOT_FOUND');
  assert.equal(await queue.jobs.get(first ?? ''), null);
});

test('an Idempotency-Key makes one comparison; with another body it is refused', async () => {
  const { app, queue } = await testApi();
  const post = (payload: object) =>
    app.inject({ method: 'POST', url: '/v1/comparisons', payload, headers: { 'idempotency-key': 'nightly' } });
  const first = await post(comparison);
  const second = await post(Object.fromEntries(Object.entries(comparison).reverse()));
  assert.deepEqual([first.statusCode, second.statusCode], [202, 202], second.body);
  assert.equal(second.json().id, first.json().id);
  assert.deepEqual(
    [first.headers['idempotency-replayed'], second.headers['idempotency-replayed']],
    [undefined, 'true'],
  );
  assert.equal((await queue.jobs.list({ owner: null, limit: 10 })).records.length, 4);
  const other = await post({ ...comparison, seeds: [5] });
  assert.deepEqual([other.statusCode, other.json().code], [422, 'IDEMPOTENCY_CONFLICT']);
});

test('a comparison whose API process was killed while it made the jobs gets each of its jobs once', async () => {
  const { app, config, queue, stores, inspector, valkey } = await testApi();
  const script = path.join(import.meta.dirname, '..', 'support', 'comparing-process.ts');
  const args = ['--import', 'tsx', script, valkey.url, config.stateDir, JSON.stringify(comparison)];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(signal, 'SIGKILL', stderr);
  const listed = async () => (await queue.jobs.list({ owner: null, limit: 10 })).records.length;
  const seen = async () => (await app.inject('/v1/comparisons')).json().comparisons[0];
  assert.equal(await listed(), 2);
  const before = await seen();
  assert.deepEqual([before.status, before.counts], ['queued', { queued: 4 }]);

  const { comparisons } = createApiServices(config, { queue, stores, inspector });
  assert.equal(await comparisons.settleAbandoned(), 0, 'whoever stored it just now may still be at it');
  const found = await Promise.all([comparisons.settleAbandoned(0), comparisons.settleAbandoned(0)]);
  assert.deepEqual(found, [1, 1]);
  assert.equal(await listed(), 4);
  assert.equal(await comparisons.settleAbandoned(0), 0);
  const headers = { 'idempotency-key': 'once' };
  const again = await app.inject({ method: 'POST', url: '/v1/comparisons', payload: comparison, headers });
  assert.deepEqual([again.statusCode, again.json().id], [202, before.id]);
  assert.equal(await listed(), 4);
});

test('a comparison is waited for until it is over or the time is', async () => {
  const { app, queue } = await testApi();
  const { id } = (await app.inject({ method: 'POST', url: '/v1/comparisons', payload: comparison })).json();
  const reads = async () =>
    Number(/cmdstat_hgetall:calls=(\d+)/.exec(await queue.redis.info('commandstats'))?.[1] ?? 0);
  const before = await reads();
  for (const wait of ['0.5', '0.1999991080001564', '1e-05'])
    assert.equal((await app.inject(`/v1/comparisons/${id}?wait=${wait}`)).json().status, 'queued', wait);
  assert.ok((await reads()) - before < 50, 'it waits instead of asking again and again');
  const waiting = app.inject(`/v1/comparisons/${id}?wait=30`);
  await app.inject({ method: 'POST', url: `/v1/comparisons/${id}/cancel` });
  assert.equal((await waiting).json().status, 'cancelled');
  assert.equal((await app.inject(`/v1/comparisons/${id}?wait=-1`)).statusCode, 400);
});

test('data that only the workers can open is taken as it is', async () => {
  const { app, queue } = await testApi({ environment: { REMOTE_DATASETS: 'true' } });
  const payload = {
    ...comparison,
    dataset: { ref: 'https://example.org/train.npz', options: { validationSplit: 0.1 } },
  };
  const made = await app.inject({ method: 'POST', url: '/v1/comparisons', payload });
  assert.equal(made.statusCode, 202, made.body);
  assert.equal((await queue.jobs.list({ owner: null, limit: 10 })).records.length, 4);
  const report = await app.inject(`/v1/comparisons/${made.json().id}/report.md`);
  assert.equal(report.statusCode, 200, report.body);
});

const refused: { title: string; change: object; pointer: RegExp }[] = [
  { title: 'an unknown method', change: { methods: ['magic'] }, pointer: /^\/methods\/0/ },
  {
    title: 'an unknown option',
    change: { methods: [{ name: 'gradinit', options: { iteration: 1 } }] },
    pointer: /^\/methods\/0\/options\/iteration$/,
  },
  { title: 'methods that do not apply at all', change: { methods: ['fixup'] }, pointer: /^\/methods\/0$/ },
  { title: 'no epoch', change: { training: { epochs: 0 } }, pointer: /^\/training\/epochs$/ },
  {
    title: 'a batch larger than the data',
    change: { training: { epochs: 1, batchSize: 4000 } },
    pointer: /^\/training\/batchSize$/,
  },
  {
    title: 'one protocol of several with a batch larger than the data',
    change: { training: [{ epochs: 1 }, { label: 'large', epochs: 1, batchSize: 4000 }] },
    pointer: /^\/training\/1\/batchSize$/,
  },
  {
    title: 'augmentation of what the model does not take as an image',
    change: { training: { epochs: 1, augmentation: { flip: true } } },
    pointer: /^\/training\/augmentation$/,
  },
  { title: 'test data that there is not', change: { test: { ref: 'builtin:nothing' } }, pointer: /^\/test\/ref$/ },
  {
    title: 'options that exclude one another',
    change: { methods: [{ name: 'grad-cosine', options: { batchSize: 4, chunks: 5 } }] },
    pointer: /^\/methods\/0\/options\/batchSize$/,
  },
  { title: 'a seed twice', change: { seeds: [1, 1] }, pointer: /^\/seeds$/ },
  { title: 'no samples to test on', change: { dataset: { ref: 'builtin:digits' } }, pointer: /validationSplit$/ },
  {
    title: 'a model that the data does not fit',
    change: { models: [{ model: { format: 'zoo', name: 'mlp', options: { inputShape: [63] } } }] },
    pointer: /./,
  },
];

test('what cannot run is refused with a pointer, and no job is made', async (t) => {
  const { app, queue } = await testApi();
  for (const { title, change, pointer } of refused) {
    await t.test(title, async () => {
      const answer = await app.inject({
        method: 'POST',
        url: '/v1/comparisons',
        payload: { ...comparison, ...change },
      });
      assert.ok([400, 422].includes(answer.statusCode), answer.body);
      const { errors } = answer.json() as { errors: { pointer: string }[] };
      assert.ok(
        errors.some((entry) => pointer.test(entry.pointer)),
        answer.body,
      );
    });
  }
  assert.equal((await queue.jobs.list({ owner: null, limit: 10 })).records.length, 0);
});
