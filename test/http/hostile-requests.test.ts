/** Every operation of the OpenAPI document against requests that nobody should send: a share of them; all are in test/slow/hostile-requests.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApi } from '../support/api.ts';
import { faultsOf, validBodies } from '../support/hostile-exchange.ts';
import { type ApiDocument, hostileRequests, someOf } from '../support/hostile-requests.ts';

const api = await testApi({ environment: { MAX_BODY_BYTES: '300000' } });
const document: ApiDocument = (await api.app.inject('/openapi.json')).json();
const requests = [...hostileRequests(document, validBodies)];
const share = 400;

test('every operation with a JSON body has a valid one to begin with', async () => {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, { requestBody }]) => requestBody?.content?.['application/json'] !== undefined)
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(operations.sort(), Object.keys(validBodies).sort());
  for (const [operation, payload] of Object.entries(validBodies)) {
    const [, url = ''] = operation.split(' ');
    const response = await api.app.inject({ method: 'POST', url, payload });
    // No job has the id `{id}`: what can be judged without one is right.
    const isRight = response.statusCode < 300 || response.json().code === 'JOB_NOT_FOUND';
    assert.ok(isRight, `${operation}: ${response.body}`);
  }
});

test('every operation has requests, and the same ones each time', () => {
  const asked = new Set(requests.map(({ title }) => title.split(',')[0]?.split('?')[0]));
  for (const [path, item] of Object.entries(document.paths))
    for (const method of Object.keys(item))
      assert.ok(asked.has(`${method.toUpperCase()} ${path}`), `${method} ${path}`);
  assert.deepEqual([...hostileRequests(document, validBodies)], requests);
});

test(`some hostile requests get problems with code and place`, async () => {
  assert.deepEqual(await faultsOf(api, someOf(requests, share, 1)), []);
});
