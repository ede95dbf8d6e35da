import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxCells, parseComparisonSpec } from '../../src/contract/comparison-spec.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { baseLearningRate } from '../../src/contract/training-protocol.ts';
import { AppError } from '../../src/errors.ts';

const mlp = { model: { format: 'zoo', name: 'mlp', options: { inputShape: [64] } } };
const small = {
  models: [mlp],
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  methods: ['kaiming', { name: 'gradinit', options: { iterations: 3 } }],
  training: { epochs: 2, batchSize: 64 },
};

test('a specification gets the published protocol, labels and three seeds', () => {
  const spec = parseComparisonSpec(small);
  const [training] = spec.training;
  assert.deepEqual(spec.seeds, [0, 1, 2]);
  assert.deepEqual(
    spec.methods.map(({ label }) => label),
    ['kaiming', 'gradinit'],
  );
  assert.deepEqual(
    { ...training },
    {
      label: 'sgd',
      epochs: 2,
      evaluations: 1,
      batchSize: 64,
      optimizer: 'sgd',
      momentum: 0.9,
      beta1: 0.9,
      beta2: 0.999,
      schedule: 'cosine',
      warmupEpochs: 0,
      weightDecay: 1e-4,
      weightDecayGroups: 'published',
      gradientClip: null,
    },
  );
});

test('the base rate follows the batch for SGD and not for Adam', () => {
  const [training] = parseComparisonSpec(small).training;
  assert.ok(training);
  assert.equal(baseLearningRate(training), 0.05);
  assert.equal(baseLearningRate({ ...training, optimizer: 'adam' }), 1e-3);
  assert.equal(baseLearningRate({ ...training, learningRate: 0.3 }), 0.3);
});

test('rows of one name are told apart', () => {
  const spec = parseComparisonSpec({ ...small, methods: ['gradinit', 'gradinit', 'kaiming'] });
  assert.deepEqual(
    spec.methods.map(({ label }) => label),
    ['gradinit', 'gradinit (2)', 'kaiming'],
  );
});

const refused: { title: string; change: object; pointer: string; says: RegExp }[] = [
  { title: 'no epoch', change: { training: { epochs: 0 } }, pointer: '/training/epochs', says: /got 0/ },
  {
    title: 'a batch of nothing',
    change: { training: { batchSize: 0 } },
    pointer: '/training/batchSize',
    says: /got 0/,
  },
  {
    title: 'an unknown option of the protocol',
    change: { training: { epoch: 3 } },
    pointer: '/training/epoch',
    says: /is unknown; known are/,
  },
  {
    title: 'a warm-up longer than the training',
    change: { training: { epochs: 2, warmupEpochs: 3 } },
    pointer: '/training/warmupEpochs',
    says: /more than the 2 epochs/,
  },
  { title: 'a seed twice', change: { seeds: [1, 1] }, pointer: '/seeds', says: /duplicate/i },
  { title: 'a negative seed', change: { seeds: [-1] }, pointer: '/seeds/0', says: /got -1/ },
  { title: 'no seed', change: { seeds: [] }, pointer: '/seeds', says: /./ },
  { title: 'no method', change: { methods: [] }, pointer: '/methods', says: /./ },
  { title: 'no model', change: { models: [] }, pointer: '/models', says: /./ },
  { title: 'no dataset', change: { dataset: 3 }, pointer: '/dataset', says: /object/ },
  { title: 'no protocol', change: { training: [] }, pointer: '/training', says: /./ },
  {
    title: 'a label twice',
    change: {
      methods: [
        { name: 'kaiming', label: 'a' },
        { name: 'xavier', label: 'a' },
      ],
    },
    pointer: '/methods/1/label',
    says: /is also the label of/,
  },
  { title: 'an unknown property', change: { model: {} }, pointer: '/model', says: /is unknown/ },
  {
    title: 'too many cells',
    change: { methods: Array.from({ length: 50 }, () => 'kaiming'), seeds: Array.from({ length: 50 }, (_, i) => i) },
    pointer: '',
    says: new RegExp(`at most ${maxCells}`),
  },
];

for (const { title, change, pointer, says } of refused) {
  test(`${title} is refused at ${pointer || 'the whole'}`, () => {
    assert.throws(
      () => parseComparisonSpec({ ...small, ...change }),
      (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'INVALID_INPUT');
        const errors = error.problems;
        const found = errors.find((entry) => entry.pointer === pointer);
        assert.ok(found, JSON.stringify(errors));
        assert.match(found.message, says);
        return true;
      },
    );
  });
}

test('what is no object is refused', () => {
  for (const input of [null, [], 'compare', 3])
    assert.throws(() => parseComparisonSpec(input), { code: 'INVALID_INPUT' });
});

test('a job that trains needs samples to test on', () => {
  const job = { model: mlp.model, method: { name: 'kaiming' }, training: { epochs: 1 } };
  assert.throws(() => parseJobSpec(job), /\/dataset is missing: the training needs a dataset/);
  assert.throws(
    () => parseJobSpec({ ...job, dataset: { ref: 'builtin:digits' } }),
    /validationSplit must be greater than 0/,
  );
  const { training } = parseJobSpec({ ...job, dataset: { ref: 'builtin:digits', options: { validationSplit: 0.1 } } });
  assert.deepEqual([training?.epochs, training?.momentum], [1, 0.9]);
});
