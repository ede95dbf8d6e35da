import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Tensor, tf } from '../../../src/engine/tf.ts';
import { loadWithTfjs, outputsOf } from './load-with-tfjs.ts';

function assertClose(got: Tensor, expected: Tensor): void {
  assert.deepEqual(got.shape, expected.shape);
  for (const difference of got.sub(expected).dataSync()) assert.ok(Math.abs(difference) < 1e-5, `off by ${difference}`);
}

test('an option-A shortcut takes every second pixel and appends zero channels', async () => {
  const model = await loadWithTfjs('resnet', { depth: 8, batchNorm: false, inputShape: [7, 6, 2], width: 4 });
  const image = tf.randomNormal([2, 7, 6, 2]);
  const [before, after] = outputsOf(model, ['stage1_block1_relu2', 'stage2_block1_shortcut'], image);
  assert.ok(before && after);
  assert.deepEqual(after.shape, [2, 4, 3, 8]);
  const expected = tf.pad(tf.stridedSlice(before, [0, 0, 0, 0], before.shape, [1, 2, 2, 1]), [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 4],
  ]);
  assert.deepEqual(after.arraySync(), expected.arraySync());
});

test('a strided convolution sees one row of padding on every side', async () => {
  const model = await loadWithTfjs('resnet', { depth: 8, batchNorm: false, inputShape: [8, 8, 1], width: 1 });
  const [input, output] = outputsOf(
    model,
    ['stage1_block1_relu2', 'stage2_block1_conv1'],
    tf.randomNormal([1, 8, 8, 1]),
  );
  const [kernel, bias] = model.getLayer('stage2_block1_conv1').getWeights();
  assert.ok(input && output && kernel && bias);
  const corner = tf
    .sum(
      input
        .slice([0, 0, 0, 0], [1, 2, 2, 1])
        .reshape([2, 2, 1, 1])
        .mul(kernel.slice([1, 1, 0, 0], [2, 2, 1, 2])),
      [0, 1, 2],
    )
    .add(bias);
  const got = output.slice([0, 0, 0, 0], [1, 1, 1, 2]).reshape([2]);
  assertClose(got, corner);
});

for (const length of [1, 2, 3, 7, 12]) {
  test(`positions of ${length} tokens are counted from 0`, async () => {
    const options = { length, layers: 1, width: 4, heads: 1, feedForward: 4 };
    const model = await loadWithTfjs('transformer-classifier', options);
    const layer = length === 1 ? 'position_zero' : `position_below_${length}`;
    const [position] = outputsOf(model, [layer], tf.fill([2, length], 5, 'int32'));
    const counted = Array.from({ length }, (_, index) => index);
    assert.deepEqual(position?.arraySync(), [counted, counted]);
  });
}

const tinyTranslator = {
  sourceVocabulary: 9,
  targetVocabulary: 11,
  sourceLength: 3,
  targetLength: 5,
  encoderLayers: 1,
  decoderLayers: 2,
  width: 8,
  heads: 2,
  feedForward: 16,
};

test('the decoder sees no later token', async () => {
  const model = await loadWithTfjs('transformer', tinyTranslator);
  const source = tf.tensor2d([[1, 2, 3]], [1, 3], 'int32');
  const logits = (target: number[]) =>
    (
      model.predict([source, tf.tensor2d([target], [1, 5], 'int32')]) as ReturnType<typeof tf.tensor3d>
    ).arraySync()[0] ?? [];
  const plain = logits([1, 2, 3, 4, 5]);
  const changed = logits([1, 2, 3, 9, 5]);
  for (const position of [0, 1, 2]) assert.deepEqual(changed[position], plain[position], `position ${position}`);
  for (const position of [3, 4]) assert.notDeepEqual(changed[position], plain[position], `position ${position}`);
});

test('the decoder sees every source token', async () => {
  const model = await loadWithTfjs('transformer', tinyTranslator);
  const target = tf.tensor2d([[1, 2, 3, 4, 5]], [1, 5], 'int32');
  const logits = (source: number[]) =>
    (
      model.predict([tf.tensor2d([source], [1, 3], 'int32'), target]) as ReturnType<typeof tf.tensor3d>
    ).arraySync()[0]?.[0];
  assert.notDeepEqual(logits([1, 2, 8]), logits([1, 2, 3]));
});

test('a head is softmax(q k / sqrt(d)) v', async () => {
  const options = { length: 6, layers: 1, width: 16, heads: 2, feedForward: 4 };
  const model = await loadWithTfjs('transformer-classifier', options);
  const head = 'encoder1_attention_head2';
  const tokens = tf.randomUniform([3, 6], 0, 1000, 'int32', 3);
  const [query, key, value, context] = outputsOf(
    model,
    [`${head}_query`, `${head}_key`, `${head}_value`, `${head}_context`],
    tokens,
  );
  assert.ok(query && key && value && context);
  const weights = tf.softmax(tf.matMul(query, key, false, true).div(Math.sqrt(8)));
  assertClose(context, tf.matMul(weights, value));
});
