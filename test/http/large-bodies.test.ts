/** Large bodies are work for the processes of the inspector: the process that serves requests parses small texts only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallJob, testApi } from '../support/api.ts';

const smallBytes = 64 * 2 ** 10;

const { app } = await testApi({ http: { checkResponses: false } });
let longest = 0;
const parse = JSON.parse;
JSON.parse = (text, reviver) => {
  longest = Math.max(longest, String(text).length);
  return parse(text, reviver);
};

const dense = (name: string, more: object = {}) => ({ class_name: 'Dense', config: { name, units: 4, ...more } });
const deep = {
  class_name: 'Sequential',
  config: {
    name: 'deep',
    layers: [
      { class_name: 'Flatten', config: { name: 'flat', batch_input_shape: [null, 8, 8, 1] } },
      ...Array.from({ length: 4998 }, (_, at) => dense(`d${at}`)),
      { class_name: 'Dense', config: { name: 'logits', units: 10 } },
    ],
  },
};
const fields = Object.fromEntries(Array.from({ length: 500_000 }, (_, at) => [`field${at}`, at]));

const bodies: readonly [title: string, body: object, status: number, url?: string][] = [
  ['20,000 wrong entries of a list', { ...smallJob, artifacts: Array.from({ length: 20_000 }, (_, at) => at) }, 400],
  ['500,000 unknown fields', { ...smallJob, ...fields }, 413],
  ['a name of 5 MB in the metadata', { ...smallJob, metadata: { ['k'.repeat(5e6)]: 'x' } }, 413],
  ['a topology of 5,000 layers', { ...smallJob, model: { topology: deep } }, 202],
  ['a dry run of 5,000 layers', { ...smallJob, model: { topology: deep } }, 200, '/v1/jobs/validate'],
];
for (const [title, body, status, url = '/v1/jobs'] of bodies) {
  test(`${title}: no text above 64 KiB is parsed here, and the answer is small`, async () => {
    const payload = JSON.stringify(body);
    assert.ok(payload.length > smallBytes);
    longest = 0;
    const response = await app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(response.statusCode, status, response.body.slice(0, 1000));
    assert.ok(longest <= smallBytes, `a text of ${longest} characters was parsed`);
    if (status >= 400) assert.ok(response.body.length < 20_000, `${response.body.length} characters of problems`);
  });
}
