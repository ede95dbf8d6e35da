import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApi } from '../support/api.ts';

const comparison = {
  models: [{ label: '<mlp>', model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [16] } } }],
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  methods: ['kaiming', 'fixup', { name: 'gradinit', options: { iterations: 3, batchSize: 32 } }],
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
