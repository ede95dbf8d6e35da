import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallJob, testApi } from '../support/api.ts';

const { app } = await testApi();
const costOf = async (method: object) => {
  const response = await app.inject({ method: 'POST', url: '/v1/jobs/validate', payload: { ...smallJob, method } });
  assert.equal(response.statusCode, 200, response.body);
  return response.json().method.cost;
};

test('the dry run says what a search takes at least and at most', async () => {
  const search = { radii: [1, 4], rateFactors: [1], shortHorizon: 8, longHorizon: 16, seeds: 2, finalists: 1 };
  const cost = await costOf({ name: 'gradinit', options: { iterations: 96, search } });
  // The gate: one training of 8 steps. All of it: the start and two radii at one rate, then the start and one radius with two seeds of 16 steps;
  // two candidates of 4 iterations (96 / 24) and one of 16 (96 / 6).
  assert.deepEqual(cost, { least: { iterations: 0, trainingSteps: 8 }, most: { iterations: 24, trainingSteps: 88 } });
});

test('with a given rate the cost is the iterations, without a search there is none', async () => {
  const work = { iterations: 7, trainingSteps: 0 };
  assert.deepEqual(await costOf({ name: 'gradinit', options: { learningRate: 0.01, iterations: 7 } }), {
    least: work,
    most: work,
  });
  assert.equal(await costOf({ name: 'kaiming' }), null);
});
