/** Models with several outputs, and jobs that name no artifacts, over HTTP: what is accepted, stored and refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallJob, testApi } from '../support/api.ts';

const { app, queue } = await testApi();

const dense = (name: string, units: number, from: string, activation = 'linear') => ({
  class_name: 'Dense',
  name,
  config: { name, units, activation },
  inbound_nodes: [[[from, 0, 0, {}]]],
});
const input = { name: 'x', batch_input_shape: [null, 64] };
const topology = {
  class_name: 'Model',
  config: {
    name: 'two',
    layers: [
      { class_name: 'InputLayer', name: 'x', config: input, inbound_nodes: [] },
      dense('body', 6, 'x'),
      dense('kind', 10, 'body', 'softmax'),
      dense('size', 10, 'body'),
    ],
    input_layers: [['x', 0, 0]],
    output_layers: [
      ['kind', 0, 0],
      ['size', 0, 0],
    ],
  },
};
const one = { ref: 'builtin:digits' };
const each = { ref: 'builtin:digits', options: { target: [['digit'], ['digit']] } };
const jobOf = (more: object) => ({
  model: { topology },
  method: { name: 'gradinit', options: { iterations: 2, batchSize: 16, learningRate: 0.01 } },
  ...more,
});
const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });
const validate = async (more: object) => (await post('/v1/jobs/validate', jobOf(more))).json();

test('one output of several is chosen by name or position, and stored', async () => {
  for (const output of ['kind', 1] as const) {
    const response = await post('/v1/jobs', jobOf({ dataset: one, output }));
    assert.equal(response.statusCode, 202, response.body);
    assert.equal((await queue.jobs.spec(response.json().id))?.output, output);
  }
  const { valid, loss } = await validate({ dataset: one, output: 'kind' });
  assert.deepEqual([valid, loss.name], [true, 'softmax-cross-entropy']);
});

test('a loss and a weight for each output are accepted, stored and described', async () => {
  const more = {
    dataset: each,
    loss: ['softmax-cross-entropy', { name: 'huber', options: { delta: 2 } }],
    lossWeights: [1, 0.5],
  };
  const response = await post('/v1/jobs', jobOf(more));
  assert.equal(response.statusCode, 202, response.body);
  const { loss, lossWeights } = (await queue.jobs.spec(response.json().id)) ?? {};
  assert.deepEqual([loss, lossWeights], [more.loss, more.lossWeights]);
  const answer = await validate(more);
  assert.equal(answer.valid, true, JSON.stringify(answer.problems));
});

test('what does not belong to the outputs is refused with its place and the outputs', async () => {
  const refusals: [object, string, RegExp][] = [
    [{ dataset: one, output: 'body' }, '/output', /0: kind, 1: size/],
    [{ dataset: one, output: 2 }, '/output', /0: kind, 1: size/],
    [{ dataset: one, loss: 'huber' }, '/loss', /name the one that the targets belong to in output/],
    [{ dataset: each, loss: ['huber', 'huber', 'huber'] }, '/loss', /3 entries, the model has 2 outputs/],
    [{ dataset: each, loss: ['huber', 'huber'], lossWeights: [1] }, '/lossWeights', /1 entries/],
  ];
  for (const [more, pointer, message] of refusals) {
    const { valid, problems } = await validate(more);
    assert.equal(valid, false);
    assert.ok(
      problems.some(
        (problem: { pointer: string; message: string }) => problem.pointer === pointer && message.test(problem.message),
      ),
      `${pointer}: ${JSON.stringify(problems)}`,
    );
  }
  for (const more of [
    { loss: ['no-loss'] },
    { loss: [] },
    { lossWeights: [-1] },
    { lossWeights: 'all' },
    { output: -1 },
  ]) {
    const response = await post('/v1/jobs', jobOf({ dataset: each, ...more }));
    assert.deepEqual([response.statusCode, response.json().code], [400, 'INVALID_INPUT'], response.body);
  }
});

test('artifacts may be left out', async () => {
  const { artifacts: _, ...job } = smallJob as typeof smallJob & { artifacts?: unknown };
  const response = await post('/v1/jobs', job);
  assert.equal(response.statusCode, 202, response.body);
  assert.equal((await queue.jobs.spec(response.json().id))?.artifacts, undefined);
});
