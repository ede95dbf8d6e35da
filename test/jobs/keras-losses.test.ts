/**
 * Losses of jobs against what Keras computed (test/models/fixtures/keras-losses.py): masks carried into the loss by the rules of each version, and several
 * outputs with a loss and a weight each.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { localSources } from '../../src/cli/sources.ts';
import { encodeNpz } from '../../src/codecs/npz.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { runJob } from '../../src/jobs/run.ts';
import { type NDArray, ndarray } from '../../src/ndarray.ts';
import { temporaryFolder } from '../support/data-files.ts';

type Nested = number | Nested[];

interface LossCase {
  readonly library: string;
  readonly name: string;
  readonly model: object;
  readonly weights: Readonly<Record<string, Nested>>;
  readonly inputs: readonly Nested[];
  readonly targets: readonly Nested[];
  readonly losses: readonly string[];
  readonly lossWeights: readonly number[] | null;
  readonly loss: number;
}

const names: Readonly<Record<string, string>> = {
  sparse_categorical_crossentropy: 'softmax-cross-entropy',
  binary_crossentropy: 'sigmoid-cross-entropy',
  mean_squared_error: 'mean-squared-error',
  huber: 'huber',
};
const cases: readonly LossCase[] = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../models/fixtures/keras-losses.json'), 'utf8'),
);
const folder = temporaryFolder();

const shapeOf = (value: Nested): number[] =>
  Array.isArray(value) ? [value.length, ...shapeOf(value[0] as Nested)] : [];
const flat = (value: Nested): number[] => (Array.isArray(value) ? value.flatMap(flat) : [value]);
function arrayOf(value: Nested, isId: boolean): NDArray {
  const numbers = flat(value);
  return isId
    ? ndarray('int32', shapeOf(value), Int32Array.from(numbers))
    : ndarray('float32', shapeOf(value), Float32Array.from(numbers));
}
const write = (name: string, arrays: readonly (readonly [string, NDArray])[]) =>
  folder.write(name, Buffer.concat([...encodeNpz(new Map(arrays))]));
const isWhole = (value: Nested) => flat(value).every(Number.isInteger);

/** The specification of a case: its data and weights as files. */
function specOf(one: LossCase, more: object = {}) {
  const stem = `${one.library}-${one.name}`;
  const several = one.targets.length > 1;
  const targets = one.targets.map((value, index) => [`target${index}`, arrayOf(value, isWhole(value))] as const);
  const inputs = one.inputs.map((value, index) => [`x${index}`, arrayOf(value, isWhole(value))] as const);
  const weights = Object.entries(one.weights).map(([name, value]) => [name, arrayOf(value, false)] as const);
  const losses = one.losses.map((name) => names[name]);
  return {
    model: { topology: one.model },
    dataset: {
      ref: write(`${stem}.npz`, [...inputs, ...targets]),
      options: {
        inputs: inputs.map(([name]) => name),
        target: several ? targets.map(([name]) => [name]) : 'target0',
        normalize: 'none',
      },
    },
    weights: { ref: write(`${stem}-weights.npz`, weights) },
    loss: several ? losses : losses[0],
    ...(one.lossWeights === null ? {} : { lossWeights: one.lossWeights }),
    method: { name: 'gradinit', options: { iterations: 2, batchSize: 4, learningRate: 1e-3 } },
    ...more,
  };
}

const run = (spec: object) =>
  runJob(parseJobSpec(spec), { sources: localSources(), publish: async () => {}, onPhase: () => {} }, {});

for (const one of cases) {
  test(`${one.library}: ${one.name} has the loss of Keras, and a run tunes it`, async () => {
    const { assessment, history, prepared } = await run(specOf(one));
    const loss = assessment?.before.loss ?? Number.NaN;
    assert.ok(Math.abs(loss - one.loss) < 2e-5 * one.loss, `${loss}, Keras ${one.loss}`);
    assert.equal(history.length, 2);
    assert.ok(prepared.decisions.loss);
  });
}

const caseOf = (name: string) => cases.find((one) => one.library === 'keras' && one.name === name) as LossCase;

test('losses that are left out are inferred for each output', async () => {
  const { loss: _, lossWeights: __, ...spec } = specOf(caseOf('several'));
  const { problem, decisions } = (await run(spec)).prepared;
  assert.deepEqual(problem.loss?.name === 'several' ? problem.loss.parts.map(({ name }) => name) : [], [
    'softmax-cross-entropy',
    'sigmoid-cross-entropy',
    'mean-squared-error',
  ]);
  assert.deepEqual(decisions.heads, ['softmax', 'sigmoid', 'linear']);
});

test('a network of several outputs is trained, and its accuracy is that of the outputs that have classes', async () => {
  const one = caseOf('masked-and-not');
  const { dataset, ...spec } = specOf(one);
  const training = { optimizer: 'sgd', learningRate: 0.05, epochs: 1, batchSize: 4, test: dataset };
  const { training: trained } = await run({ ...spec, dataset, training });
  const accuracy = trained?.accuracyBest ?? Number.NaN;
  const counted = flat(one.inputs[0] as Nested).filter((id) => id !== 0).length;
  assert.ok(Number.isInteger(Math.round(accuracy * counted * 1e6) / 1e6), `${accuracy} of ${counted} predictions`);
});

test('what does not fit the outputs is refused at its place', async () => {
  const one = caseOf('several');
  const refusals: [object, RegExp][] = [
    [{ loss: ['huber', 'huber'] }, /\/loss has 2 entries, the model has 3 outputs \(kind, is_large, place\)/],
    [{ lossWeights: [1] }, /\/lossWeights has 1 entries/],
    [{ lossWeights: [0, 0, 0] }, /\/lossWeights are all 0/],
    [{ output: 'kind' }, /the dataset has targets of 3 outputs/],
  ];
  for (const [more, message] of refusals) await assert.rejects(run(specOf(one, more)), { message });
  const { dataset, ...spec } = specOf(one);
  const options = { ...dataset.options, target: 'target0' };
  await assert.rejects(run({ ...spec, dataset: { ...dataset, options } }), {
    code: 'MODEL_MALFORMED',
    message: /kind, is_large, place/,
  });
  const short = { ...dataset.options, targets: ['classes', 'values'] };
  await assert.rejects(run({ ...spec, dataset: { ...dataset, options: short } }), { message: /targets has 2 entries/ });
});

test('pieces of a batch are no way to save memory where a mask decides what counts', async () => {
  const one = caseOf('tagger');
  const options = { iterations: 2, batchSize: 4, learningRate: 1e-3 };
  const low = await run(specOf(one, { method: { name: 'gradinit', options: { ...options, memory: 'low' } } }));
  const fast = await run(specOf(one, { method: { name: 'gradinit', options } }));
  assert.deepEqual(low.result.scales, fast.result.scales);
  const pieces = { name: 'gradinit', options: { ...options, microBatchSize: 2 } };
  await assert.rejects(run(specOf(one, { method: pieces })), { code: 'OPTION_INVALID', message: /masked output/ });
});
