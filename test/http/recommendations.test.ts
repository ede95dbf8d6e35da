import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallJob, testApi } from '../support/api.ts';

const { app, queue } = await testApi();
const { model, dataset } = smallJob;

const ask = (payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: '/v1/recommendations', payload, headers });

test('a recommendation is a job of the method recommend', async () => {
  const response = await ask({ model, dataset, options: { maxTrainingSteps: 100 } });
  assert.equal(response.statusCode, 202, response.body);
  const job = response.json();
  assert.equal(response.headers.location, `/v1/jobs/${job.id}`);
  const spec = await queue.jobs.spec(job.id);
  assert.deepEqual(spec?.method, { name: 'recommend', options: { maxTrainingSteps: 100 } });
});

test('equal questions with one Idempotency-Key are one job', async () => {
  const headers = { 'idempotency-key': 'recommend-1' };
  const [first, again] = [await ask({ model, dataset }, headers), await ask({ model, dataset }, headers)];
  assert.equal(again.json().id, first.json().id);
  assert.equal(again.headers['idempotency-replayed'], 'true');
});

const refused: readonly [name: string, body: object, pointer: string][] = [
  ['a method', { model, dataset, method: { name: 'kaiming' } }, '/method'],
  ['a training', { model, dataset, training: {} }, '/training'],
  ['no data', { model }, '/dataset'],
  ['no model', { dataset }, '/model'],
  ['an unknown option', { model, dataset, options: { steps: 1 } }, '/options/steps'],
  ['an option out of bounds', { model, dataset, options: { seeds: 1 } }, '/options/seeds'],
];
for (const [name, body, pointer] of refused) {
  test(`a recommendation with ${name} is refused at ${pointer}`, async () => {
    const response = await ask(body);
    assert.ok([400, 422].includes(response.statusCode), response.body);
    const pointers = response.json().errors?.map((error: { pointer: string }) => error.pointer) ?? [];
    assert.ok(pointers.includes(pointer), response.body);
  });
}
