/** Every operation of the OpenAPI document against every request of test/support/hostile-requests.ts; about twenty thousand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testApi } from '../support/api.ts';
import { faultsOf, validBodies } from '../support/hostile-exchange.ts';
import { type ApiDocument, hostileRequests } from '../support/hostile-requests.ts';

const api = await testApi({ environment: { MAX_BODY_BYTES: '300000' } });
const document: ApiDocument = (await api.app.inject('/openapi.json')).json();

test('every hostile request gets a problem with code and place', { timeout: 3_600_000 }, async (t) => {
  const requests = [...hostileRequests(document, validBodies)];
  t.diagnostic(`${requests.length} requests`);
  assert.deepEqual(await faultsOf(api, requests), []);
});
