import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { testApi } from '../support/api.ts';

const { app } = await testApi();
const url = await app.listen({ port: 0, host: '127.0.0.1' });

const model = {
  class_name: 'Sequential',
  config: {
    name: 'm',
    layers: [{ class_name: 'Dense', config: { name: 'd', units: 2, batch_input_shape: [null, 2] } }],
  },
};

async function upload(files: Record<string, string>) {
  const form = new FormData();
  for (const [name, content] of Object.entries(files)) form.append('file', new Blob([content]), name);
  const response = await fetch(`${url}/v1/datasets`, { method: 'POST', body: form });
  return {
    status: response.status,
    body: (await response.json()) as { ref: string; kind: string; description: object },
  };
}

const inspectOf = (body: object) => app.inject({ method: 'POST', url: '/v1/datasets/inspect', payload: body });

test('POST /v1/datasets/inspect says what a reference holds, and what will be done to it', async () => {
  const { statusCode, body } = await inspectOf({ ref: 'builtin:digits', options: { validationSplit: 0.2 } });
  assert.equal(statusCode, 200, body);
  const found = JSON.parse(body);
  assert.deepEqual([found.format, found.samples, found.targets.classes], ['digits', 1438, 10]);
  assert.match(found.inputs[0].normalization.torch, /^torchvision\.transforms\.Normalize\(mean=\[/);
  assert.equal(found.first.length, 5);
  const refused = await inspectOf({ ref: 'builtin:digits', options: { labelColumn: 2 } });
  assert.equal(refused.statusCode, 400);
  assert.match(refused.json().detail, /labelColumn/);
});

test('an upload that needs options is kept, and asks for them where they can be given', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 3},${i},${(i * 37) % 251}`);
  const { status, body } = await upload({ 'mnist.csv': `${rows.join('\n')}\n` });
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal(body.kind, 'dataset');
  const { description } = body as unknown as { description: { kind: string; problem: string } };
  assert.equal(description.kind, 'container');
  assert.match(description.problem, /mnist\.csv.*labelColumn/);
  const asked = await inspectOf({ ref: body.ref });
  assert.deepEqual([asked.statusCode, asked.json().code], [422, 'DATASET_AMBIGUOUS']);
  const answered = await inspectOf({ ref: body.ref, options: { labelColumn: 0 } });
  assert.deepEqual([answered.statusCode, answered.json().targets.counts], [200, [20, 20, 20]], answered.body);
});

for (const [name, content, kind] of [
  ['lines.jsonl', '{"a": 1, "label": 0}\n{"a": 2, "label": 1}\n', 'dataset'],
  ['samples.json', '{"x": [[1], [2]], "y": [0, 1]}', 'dataset'],
  ['model.json', JSON.stringify(model), 'model'],
] as const) {
  test(`JSON in ${name} is taken for ${kind}`, async () => {
    const { status, body } = await upload({ [name]: content });
    assert.ok(status < 300, JSON.stringify(body));
    assert.equal(body.kind, kind);
  });
}

test('files of Keras are taken for what they hold, and one upload can be model and weights of a job', async () => {
  const fixtures = path.join(import.meta.dirname, '../artifacts/fixtures');
  const kinds: string[] = [];
  const refs: string[] = [];
  for (const name of ['nested.keras', 'nested.h5', 'nested.weights.h5']) {
    const form = new FormData();
    form.append('file', new Blob([await readFile(path.join(fixtures, name))]), name);
    const response = await fetch(`${url}/v1/datasets`, { method: 'POST', body: form });
    const body = (await response.json()) as { kind: string; ref: string };
    kinds.push(body.kind);
    refs.push(body.ref);
  }
  assert.deepEqual(kinds, ['model', 'model', 'weights']);
  const validate = async (model: string | undefined, weights: string | undefined) => {
    const payload = {
      model: { ref: model },
      weights: { ref: weights },
      method: { name: 'kaiming' },
      artifacts: ['keras'],
    };
    return (await app.inject({ method: 'POST', url: '/v1/jobs/validate', payload })).json();
  };
  for (const weights of refs) {
    const answer = await validate(refs[0], weights);
    assert.deepEqual([answer.valid, answer.problems ?? []], [true, []], JSON.stringify(answer));
  }
});
