import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { testApi } from '../support/api.ts';
import { s3LookAlike } from '../support/s3-look-alike.ts';

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

test('GET /v1/datasets/ID/samples shows pictures with their labels, and masks', async () => {
  const shown = await app.inject('/v1/datasets/builtin:digits/samples?count=3');
  assert.equal(shown.statusCode, 200, shown.body);
  const { part, samples } = shown.json();
  assert.deepEqual([part, samples.length, samples[0].target, samples[1].target], ['train', 3, '0', '1']);
  const { data, info } = await decoded(samples[0].inputs[0].picture);
  assert.deepEqual([info.width, info.height], [8, 8]);
  // The digits are numbers from 0 to 16, and black is 0.
  const stored: number[] = samples[0].inputs[0].numbers;
  assert.deepEqual(
    stored.map((value) => Math.round((value * 255) / 16)),
    stored.map((_, at) => data[at * info.channels]),
  );
  const masked = path.resolve(import.meta.dirname, '../fixtures/datasets/corpus/seg-images-masks/data');
  const archive = (await readdir(masked))[0] ?? '';
  const form = new FormData();
  form.append('file', new Blob([await readFile(path.join(masked, archive))]), archive);
  const { id } = (await (await fetch(`${url}/v1/datasets`, { method: 'POST', body: form })).json()) as { id: string };
  const [first] = (await app.inject(`/v1/datasets/${id}/samples?count=1`)).json().samples;
  const [picture, mask] = [await decoded(first.inputs[0].picture), await decoded(first.mask)];
  assert.deepEqual([picture.info.width, picture.info.height], [mask.info.width, mask.info.height]);
  assert.equal(picture.info.channels, 3);
});

test('samples of tables have no pictures; what holds no data, and what there is not, is said', async () => {
  const { body } = await upload({ 'table.csv': 'a,b,label\n1,2,no\n3,4,yes\n' });
  const [first] = (await app.inject(`/v1/datasets/${body.ref.slice('dataset:'.length)}/samples`)).json().samples;
  assert.deepEqual(first, { inputs: [{ name: 'features', numbers: [1, 2], picture: null }], target: 'no', mask: null });
  const other = await upload({ 'model.json': JSON.stringify(model) });
  const refused = await app.inject(`/v1/datasets/${other.body.ref.slice('dataset:'.length)}/samples`);
  assert.deepEqual([refused.statusCode, refused.json().code], [422, 'DATASET_FORMAT_UNKNOWN']);
  for (const [place, status, code] of [
    ['builtin:nothing/samples', 404, 'DATASET_NOT_FOUND'],
    ['ds_x/samples', 404, 'DATASET_NOT_FOUND'],
    ['builtin:digits/samples?part=test', 404, 'DATASET_NOT_FOUND'],
    ['builtin:digits/samples?count=100', 400, 'INVALID_INPUT'],
  ] as const) {
    const response = await app.inject(`/v1/datasets/${place}`);
    assert.deepEqual([response.statusCode, response.json().code], [status, code], place);
  }
});

const decoded = (picture: string) =>
  sharp(Buffer.from(picture.replace('data:image/png;base64,', ''), 'base64'))
    .raw()
    .toBuffer({ resolveWithObject: true });

test('s3:// references are refused by default with the way out, and read where the operator names their place', async () => {
  const ref = 's3://data/sets/table.csv';
  const off = await inspectOf({ ref });
  assert.deepEqual([off.statusCode, off.json().code], [422, 'REMOTE_REFUSED'], off.body);
  assert.match(off.json().detail, /DATASET_S3/);
  const server = await s3LookAlike();
  server.objects.set('sets/table.csv', { bytes: Buffer.from('a,label\n1,no\n2,yes\n'), modifiedAt: new Date() });
  const environment = { DATASET_S3: 'data/sets', S3_ENDPOINT: server.options.endpoint ?? '' };
  const { app: other } = await testApi({ environment });
  const read = await other.inject({ method: 'POST', url: '/v1/datasets/inspect', payload: { ref } });
  assert.equal(read.statusCode, 200, read.body);
  assert.deepEqual(read.json().targets.names, ['no', 'yes']);
});
