/** Jobs that take weights from another network: what is accepted, held and refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSafetensors } from '../../src/codecs/safetensors.ts';
import { buildZooModel } from '../../src/models/zoo/index.ts';
import { testApi } from '../support/api.ts';
import { problemFrom } from '../support/problems.ts';

const { app } = await testApi();
const url = await app.listen({ port: 0, host: '127.0.0.1' });

const zoo = (units: number) => ({
  format: 'zoo',
  name: 'mlp',
  options: { inputShape: [64], sizes: [units], classes: 10 },
});
const { weights: trained } = problemFrom(buildZooModel('mlp', zoo(6).options));
const form = new FormData();
form.append('file', new Blob([new Uint8Array(Buffer.concat([...encodeSafetensors(trained)]))]), 'trained.safetensors');
const uploaded = (await (await fetch(`${url}/v1/datasets`, { method: 'POST', body: form })).json()) as {
  id: string;
  ref: string;
};
const weights = { ref: uploaded.ref };

const submit = (payload: object) => app.inject({ method: 'POST', url: '/v1/jobs', payload });
const grow = { model: zoo(9), source: { model: zoo(6), weights }, method: { name: 'net2net' } };

test('a job with a source is accepted, shows it, and holds its uploads', async () => {
  const accepted = await submit(grow);
  assert.equal(accepted.statusCode, 202, accepted.body);
  assert.deepEqual(accepted.json().specification.source, grow.source);
  const removed = await app.inject({ method: 'DELETE', url: `/v1/datasets/${uploaded.id}` });
  assert.deepEqual([removed.statusCode, removed.json().code], [409, 'DATASET_IN_USE']);
});

test('the catalogue says which methods take a source', async () => {
  const { methods } = (await app.inject('/v1/methods')).json();
  const takers = methods.filter(({ needsSource }: { needsSource: boolean }) => needsSource);
  assert.deepEqual(takers.map(({ name }: { name: string }) => name).sort(), ['net2net', 'weight-selection']);
});

const refused: readonly (readonly [string, object, string, string, RegExp])[] = [
  ['none where one is needed', { ...grow, source: undefined }, 'INVALID_INPUT', '/source', /is missing/],
  [
    'one that is not used',
    { ...grow, method: { name: 'kaiming' } },
    'INVALID_INPUT',
    '/source',
    /net2net, weight-selection/,
  ],
  [
    'weights of another model',
    { ...grow, source: { model: zoo(5), weights } },
    'WEIGHTS_MISMATCH',
    '/source/weights/ref',
    /expected \[64,5\]/,
  ],
  [
    'a larger one',
    { ...grow, model: zoo(4) },
    'METHOD_NOT_APPLICABLE',
    '/source',
    /has 4 units where the source has 6/,
  ],
  ['no weights', { ...grow, source: { model: zoo(6) } }, 'WEIGHTS_MISMATCH', '/source/weights/ref', /are missing/],
  [
    'an upload that is not there',
    { ...grow, source: { model: zoo(6), weights: { ref: `dataset:ds_${'0'.repeat(32)}` } } },
    'DATASET_NOT_FOUND',
    '/source/weights/ref',
    /./,
  ],
  [
    'an upload of something else',
    { ...grow, source: { model: { ref: uploaded.ref }, weights } },
    'MODEL_MALFORMED',
    '/source/model/ref',
    /no topology/,
  ],
];
for (const [title, job, code, pointer, message] of refused)
  test(`a source is refused: ${title}`, async () => {
    const response = await submit(job);
    const problem = response.json();
    assert.equal(problem.code, code, response.body);
    assert.deepEqual(
      problem.errors.map((error: { pointer: string }) => error.pointer),
      [pointer],
    );
    assert.match(problem.detail, message);
  });

test('a row of a comparison takes a source; one that does not fit is a row that does not apply', async () => {
  const comparison = {
    models: [{ model: zoo(9) }, { model: zoo(4) }],
    dataset: { ref: 'builtin:digits', options: { validationSplit: 0.5 } },
    methods: ['kaiming', { name: 'net2net', source: grow.source }],
    seeds: [0],
    training: { epochs: 1, batchSize: 32, learningRate: 0.1 },
  };
  const response = await app.inject({ method: 'POST', url: '/v1/comparisons', payload: comparison });
  assert.equal(response.statusCode, 202, response.body);
  const { cells, inapplicable } = response.json();
  assert.equal(cells, 3);
  assert.match(JSON.stringify(inapplicable), /has 4 units where the source has 6/);
});
