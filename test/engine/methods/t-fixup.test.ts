import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureMethod, initialize, type Problem } from '../../../src/engine/index.ts';
import { infer } from '../../../src/engine/network/infer.ts';
import { tf } from '../../../src/engine/tf.ts';
import { parseModel } from '../../../src/models/index.ts';
import { writeFunctional } from '../../../src/models/to-tfjs-layers.ts';
import { buildZooModel } from '../../../src/models/zoo/index.ts';
import { type NDArray, ndarray } from '../../../src/ndarray.ts';
import { problemFrom } from '../../support/problems.ts';

type Weights = ReadonlyMap<string, NDArray<'float32'>>;

const blocks = { width: 32, heads: 2, feedForward: 64 };
const classifier = (options: object = {}) =>
  problemFrom(buildZooModel('transformer-classifier', { vocabulary: 50, length: 4, layers: 3, ...blocks, ...options }));
const translator = (options: object = {}) =>
  problemFrom(
    buildZooModel('transformer', {
      sourceVocabulary: 60,
      targetVocabulary: 50,
      sourceLength: 3,
      targetLength: 4,
      encoderLayers: 2,
      decoderLayers: 3,
      ...blocks,
      ...options,
    }),
  );

const run = (problem: Problem, options: Record<string, unknown> = {}) =>
  initialize({ problem, method: configureMethod('t-fixup', options) });

const get = (weights: Weights, name: string): NDArray<'float32'> => {
  const found = weights.get(name);
  assert.ok(found, `there is no ${name}`);
  return found;
};

/** A uniform draw of hundreds of values comes close to its bound and never passes it. */
function assertBound(weights: Weights, name: string, bound: number): void {
  const largest = get(weights, name).data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assert.ok(largest <= bound * (1 + 1e-6) && largest > 0.95 * bound, `${name}: ${largest} for ${bound}`);
}

const square = Math.sqrt(6 / 64);
const inner = Math.sqrt(6 / 96);

test('encoder and decoder kernels have the factors of their stacks, heads the fans of the joint matrix', async () => {
  const { weights, findings } = await run(translator());
  const [encoder, decoder] = [0.67 * 2 ** -0.25, 27 ** -0.25];
  assert.deepEqual(findings?.stacks, [
    { kind: 'encoder', layers: 2, factor: encoder },
    { kind: 'decoder', layers: 3, factor: decoder },
  ]);
  const expected = {
    'encoder1_attention_head1_query/kernel': square * Math.SQRT1_2,
    'encoder2_attention_head2_key/kernel': square * Math.SQRT1_2,
    'encoder1_attention_head2_value/kernel': square * encoder,
    'encoder2_attention_output/kernel': square * encoder,
    'encoder1_ffn_inner/kernel': inner * encoder,
    'encoder1_ffn_outer/kernel': inner * encoder,
    'decoder1_attention_head1_value/kernel': square * decoder,
    'decoder3_cross_head2_value/kernel': square * decoder,
    'decoder2_cross_head1_key/kernel': square * Math.SQRT1_2,
    'decoder1_cross_output/kernel': square * decoder,
    'decoder3_ffn_outer/kernel': inner * decoder,
    'logits/kernel': Math.sqrt(6 / 82),
  };
  for (const [name, bound] of Object.entries(expected)) assertBound(weights, name, bound);
});

test('embeddings have variance 1 / d times (9 N)^-1/2 by the stack that reads them', async () => {
  const { weights, findings } = await run(translator());
  const expected = { 'encoder_token_embedding/embeddings': 18, 'decoder_token_embedding/embeddings': 27 };
  for (const [name, nine] of Object.entries(expected)) {
    const { data } = get(weights, name);
    const rms = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
    assert.ok(Math.abs(rms / (32 ** -0.5 * nine ** -0.25) - 1) < 0.1, name);
  }
  assert.equal(Object.keys(findings?.embeddings as object).length, 4);
});

for (const normalization of ['post', 'pre'] as const) {
  test(`${normalization}-normalised networks lose every layer normalisation, and stock tfjs loads what is left`, async () => {
    const problem = classifier({ normalization });
    const { patchedTopology, weights, findings } = await run(problem);
    assert.ok(patchedTopology);
    assert.ok(patchedTopology.layers.every(({ className }) => className !== 'LayerNormalization'));
    assert.ok(Array.isArray(findings?.removedNormalization));
    assert.equal(findings.removedNormalization.length, normalization === 'pre' ? 7 : 6);
    const json = writeFunctional(patchedTopology);
    const params = parseModel({ topology: json }).topology.layers.flatMap((layer) => layer.params);
    assert.deepEqual([...weights.keys()].sort(), params.map(({ name }) => name).sort());
    const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: json }));
    assert.equal(
      model.countParams(),
      params.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    );
    const [output] = await infer(patchedTopology, weights, [
      ndarray('int32', [2, 4], Int32Array.from([1, 2, 3, 4, 5, 6, 7, 8])),
    ]);
    assert.ok(output?.data.every(Number.isFinite));
  });
}

test('without layer normalisation the network is returned as it is; kept normalisation is labelled', async () => {
  const none = await run(classifier({ normalization: 'none' }));
  assert.equal(none.patchedTopology, undefined);
  assert.equal(none.findings?.mode, 'unchanged');
  const kept = await run(classifier(), { mode: 'weights-only' });
  assert.equal(kept.patchedTopology, undefined);
  assert.equal(kept.findings?.mode, 'weights-only');
  assert.match(String(kept.findings?.note), /stays/);
  assert.ok(get(kept.weights, 'encoder1_ffn_norm/gamma').data.every((value) => value === 1));
});

/** A Keras 3 encoder of one MultiHeadAttention layer and a feed-forward block. */
function kerasEncoder(): object {
  const tensor = (from: string) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 5, 8], dtype: 'float32', keras_history: [from, 0, 0] },
  });
  const layer = (class_name: string, name: string, config: object, ...args: unknown[]) => ({
    module: 'keras.layers',
    class_name,
    config: { name, ...config },
    name,
    inbound_nodes: args.length > 0 ? [{ args, kwargs: {} }] : [],
  });
  const layers = [
    layer('InputLayer', 'x', { batch_shape: [null, 5, 8], dtype: 'float32' }),
    layer('MultiHeadAttention', 'mha', { num_heads: 2, key_dim: 4 }, tensor('x'), tensor('x')),
    layer('Add', 'sum', {}, [tensor('x'), tensor('mha')]),
    layer('LayerNormalization', 'norm', { axis: -1, epsilon: 1e-6 }, tensor('sum')),
    layer('Dense', 'inner', { units: 16, activation: 'relu' }, tensor('norm')),
    layer('Dense', 'outer', { units: 8, activation: 'linear' }, tensor('inner')),
    layer('Add', 'sum2', {}, [tensor('norm'), tensor('outer')]),
  ];
  const config = {
    name: 'model',
    trainable: true,
    layers,
    input_layers: [['x', 0, 0]],
    output_layers: [['sum2', 0, 0]],
  };
  return { module: 'keras', class_name: 'Functional', config, registered_name: 'Functional' };
}

test('MultiHeadAttention layers are read by their own kernels', async () => {
  const { weights, findings, patchedTopology } = await run(problemFrom(kerasEncoder()));
  assert.deepEqual(findings?.stacks, [{ kind: 'encoder', layers: 1, factor: 0.67 }]);
  const bound = Math.sqrt(6 / 16);
  for (const [key, factor] of [
    ['query', Math.SQRT1_2],
    ['key', Math.SQRT1_2],
    ['value', 0.67],
    ['attention_output', 0.67],
  ] as const) {
    const largest = get(weights, `mha/${key}/kernel`).data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(largest <= bound * factor * (1 + 1e-6) && largest > 0.85 * bound * factor, key);
  }
  assert.ok(patchedTopology?.layers.every(({ name }) => name !== 'norm'));
});

test('networks without attention are refused before they run', async () => {
  const problem = problemFrom(buildZooModel('resnet', { depth: 8, width: 2, inputShape: [8, 8, 1] }));
  await assert.rejects(run(problem), {
    code: 'METHOD_NOT_APPLICABLE',
    message: /no attention inside a residual branch/,
  });
});
