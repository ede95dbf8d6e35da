import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedSchemas } from '../../src/http/plugins/openapi-components.ts';
import { testApi } from '../support/api.ts';

const { app } = await testApi();

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly responses: Readonly<Record<string, { description?: string; content?: Record<string, unknown> }>>;
  readonly requestBody?: unknown;
  readonly security?: unknown;
  readonly parameters?: readonly { name: string; in: string; schema: object }[];
}
const document: { openapi: string; paths: Record<string, Record<string, Operation>>; components: object } = (
  await app.inject('/openapi.json')
).json();
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

test('the document is OpenAPI 3.1 and names every address of the contract', () => {
  assert.match(document.openapi, /^3\.1\./);
  const named = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const contract = [
    'POST /v1/jobs',
    'GET /v1/jobs',
    'POST /v1/jobs/validate',
    'GET /v1/jobs/{id}',
    'DELETE /v1/jobs/{id}',
    'POST /v1/jobs/{id}/cancel',
    'POST /v1/jobs/{id}/retry',
    'POST /v1/jobs/{id}/pause',
    'POST /v1/jobs/{id}/resume',
    'GET /v1/jobs/{id}/events',
    'GET /v1/jobs/{id}/logs',
    'GET /v1/jobs/{id}/deliveries',
    'POST /v1/webhooks',
    'POST /v1/webhooks/secret',
    'GET /v1/jobs/{id}/artifacts',
    'GET /v1/jobs/{id}/artifacts/{name}',
    'GET /v1/jobs/{id}/weights',
    'POST /v1/datasets',
    'GET /v1/datasets',
    'GET /v1/datasets/{id}',
    'DELETE /v1/datasets/{id}',
    'GET /v1/methods',
    'GET /v1/methods/{name}',
    'GET /v1/zoo',
    'GET /v1/zoo/{name}',
    'GET /v1/losses',
    'GET /v1/formats',
    'GET /health/live',
    'GET /health/ready',
  ];
  assert.deepEqual(
    contract.filter((entry) => !named.includes(entry)),
    [],
  );
});

for (const { path, method, operation } of operations) {
  test(`${method.toUpperCase()} ${path} has a summary, a success, problems, and says which key it needs`, () => {
    assert.ok(operation.summary);
    assert.ok(operation.description?.replace(/Needs .*$/, '').trim(), 'a description');
    const statuses = Object.keys(operation.responses);
    assert.ok(statuses.some((status) => status.startsWith('2')));
    assert.ok(statuses.includes('500'));
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      assert.ok(description, `${status} has no description`);
      if (Number(status) >= 400 && !(path === '/health/ready' && status === '503'))
        assert.deepEqual(Object.keys(content ?? {}), ['application/problem+json']);
    }
    const signsIn = method === 'post' && path === '/v1/session';
    assert.equal(operation.security !== undefined, path.startsWith('/v1/') && !signsIn);
    if (method === 'post' && ['/v1/jobs', '/v1/datasets'].includes(path)) assert.ok(operation.requestBody, 'a body');
  });
}

test('every $ref leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
  for (const reference of references) {
    const found = reference
      .split('/')
      .reduce<unknown>(
        (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
        document,
      );
    assert.notEqual(found, undefined, reference);
  }
});

test('what has a default may be left out of a request, by the document too', () => {
  const { schemas } = document.components as { schemas: Record<string, { required: string[] }> };
  assert.deepEqual(schemas.JobSpec?.required, ['model', 'method']);
  assert.deepEqual(schemas.ComparisonSpec?.required.toSorted(), ['dataset', 'methods', 'models', 'training']);
});

test('every schema with a name is used, and every reference leads somewhere', () => {
  const { schemas } = document.components as { schemas: Record<string, unknown> };
  const used = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name = '']) => name);
  assert.deepEqual([...new Set(used)].sort(), Object.keys(schemas).sort());
  assert.deepEqual(Object.keys(schemas).sort(), Object.keys(namedSchemas).sort());
});

test('every parameter of a path is declared under the name that the path has', () => {
  for (const { path, operation } of operations) {
    const inPath = [...path.matchAll(/\{(.+?)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    assert.deepEqual(declared.map(({ name }) => name).sort(), inPath.sort(), path);
    assert.ok(
      inPath.every((name) => /^\w+$/.test(name ?? '')),
      path,
    );
  }
});

test('every operation has a name of its own', () => {
  const ids = operations.map(({ operation }) => operation.operationId ?? '');
  assert.equal(new Set(ids).size, ids.length, ids.join(' '));
  for (const id of ids) assert.match(id, /^[a-z][A-Za-z]+$/);
  for (const id of [
    'createJob',
    'listJobs',
    'getJob',
    'cancelJob',
    'validateJob',
    'inspectDataset',
    'getComparisonReportCsv',
  ])
    assert.ok(ids.includes(id), id);
});
