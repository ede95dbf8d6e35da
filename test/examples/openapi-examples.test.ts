/** Examples of the OpenAPI document: all are there and valid, and what is sent runs as it is. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { createClient } from '../../src/client/index.ts';
import { createTransport } from '../../src/client/transport.ts';
import { answerExamples, bodyExamples, requestExamples } from '../../src/http/examples.ts';
import { namedSchemas } from '../../src/http/plugins/openapi-components.ts';
import { isJsonObject } from '../../src/json.ts';
import { testApi } from '../support/api.ts';
import { runningService } from '../support/service.ts';

const key = bodyExamples.createSession.key;
const hash = createHash('sha256').update(key).digest('hex');
const { app } = await testApi({ environment: { API_KEYS: `me:jobs:read+jobs:write:sha256:${hash}` } });
const document = (await app.inject('/openapi.json')).json() as {
  paths: Record<string, Record<string, { operationId: string; requestBody?: { content: object }; responses: object }>>;
  components: { schemas: Record<string, { description?: string; examples?: unknown[] }> };
};
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.values(item).map((operation) => ({ path, ...operation })),
);

for (const [name, schema] of Object.entries(namedSchemas))
  test(`${name} has a description and an example that is valid`, () => {
    const { description, examples } = document.components.schemas[name] ?? {};
    assert.ok(description);
    const [example] = examples ?? [];
    // What has a default may be left out.
    const complete = Value.Default(schema, structuredClone(example));
    assert.deepEqual([...Value.Errors(schema, complete)].slice(0, 3), []);
  });

test('every body has an example, and every example belongs to something', () => {
  const bodies = operations.filter(({ requestBody }) => requestBody !== undefined);
  assert.deepEqual(bodies.map(({ operationId }) => operationId).sort(), Object.keys(bodyExamples).sort());
  for (const { operationId, requestBody } of bodies)
    for (const content of Object.values(requestBody?.content ?? {})) assert.ok('example' in content, operationId);
  for (const name of [...Object.keys(answerExamples), ...Object.keys(requestExamples)]) {
    const [id = '', type] = name.split(' ');
    const operation = operations.find(({ operationId }) => operationId === id);
    assert.ok(type === undefined ? Object.hasOwn(namedSchemas, id) : operation, name);
  }
});

test('every answer of success that is text has an example', () => {
  for (const { operationId, responses } of operations)
    for (const [status, response] of Object.entries(responses))
      for (const [type, content] of Object.entries((response as { content?: object }).content ?? {})) {
        if (!status.startsWith('2') || type === 'application/octet-stream' || !isJsonObject(content)) continue;
        assert.ok(JSON.stringify(content.schema).includes('"$ref"') || 'example' in content, `${operationId} ${type}`);
      }
});

test('a parameter of a path has an example', () => {
  const missing = operations.flatMap(
    ({ operationId, parameters = [] }: { operationId: string; parameters?: object[] }) =>
      parameters
        .filter((entry) => 'in' in entry && entry.in === 'path' && !('example' in entry))
        .map(() => operationId),
  );
  assert.deepEqual(missing, []);
});

test('the key of the example signs in', async () => {
  const payload = new URLSearchParams(bodyExamples.createSession).toString();
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    host: 'localhost',
    origin: 'http://localhost',
  };
  const answer = await app.inject({ method: 'POST', url: '/v1/session', payload, headers });
  assert.equal(answer.statusCode, 200, answer.body);
});

test('the bodies are accepted as they are, and what they ask for succeeds', async () => {
  const { url } = await runningService();
  const client = createClient({ baseUrl: url });
  const transport = createTransport({ baseUrl: url });
  const post = (path: string, body: object): Promise<Record<string, unknown>> =>
    transport.json({ method: 'POST', path, ...(body instanceof FormData ? { form: body } : { json: body }) });
  const form = new FormData();
  form.append('file', new Blob([bodyExamples.createDataset.file]), 'table.csv');
  assert.equal((await post('/v1/datasets', form)).kind, 'dataset');
  assert.equal((await post('/v1/datasets/inspect', bodyExamples.inspectDataset)).format, 'digits');
  assert.equal((await post('/v1/webhooks', bodyExamples.createWebhook)).hasOwnSecret, true);
  assert.equal((await post('/v1/jobs/validate', bodyExamples.validateJob)).valid, true);
  const comparison = await post('/v1/comparisons', bodyExamples.createComparison);
  const jobs = [
    await post('/v1/jobs', bodyExamples.createJob),
    await post('/v1/recommendations', bodyExamples.createRecommendation),
  ];
  for (const { id } of jobs) {
    const { status, error } = await client.wait(String(id));
    assert.equal(status, 'succeeded', JSON.stringify(error));
  }
  assert.equal((await client.comparisons.wait(String(comparison.id))).status, 'succeeded');
  const another = await post('/v1/jobs', { ...bodyExamples.createJob, seed: 1 });
  assert.equal((await post(`/v1/jobs/${another.id}/cancel`, bodyExamples.cancelJob)).id, another.id);
});
