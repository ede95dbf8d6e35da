import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigReader, type JsonObject } from '../../../src/topology/config-reader.ts';
import { findLayerSpec } from '../../../src/topology/layers/index.ts';
import { inLayer } from '../../../src/topology/layers/misfit.ts';
import type { LayerParam, Shape } from '../../../src/topology/topology.ts';

function describeLayer(className: string, config: JsonObject, inputs: Shape[]): { params: LayerParam[]; shape: Shape } {
  const spec = findLayerSpec(className);
  assert.ok(spec);
  const reader = new ConfigReader('x', className, config, '/config/layers/1/config');
  const parsed = spec.parse(reader);
  return {
    params: inLayer(reader, () => spec.params(parsed, inputs)),
    shape: inLayer(reader, () => spec.outputShape(parsed, inputs)),
  };
}

const layer = (class_name: string, config: JsonObject = {}): JsonObject => ({
  class_name,
  config: { name: 'inner', ...config },
});
const lstm = (config: JsonObject = {}) => layer('LSTM', { units: 2, ...config });

const shapes: [string, string, JsonObject, Shape[], Shape][] = [
  ['LSTM keeps the last state', 'LSTM', { units: 7 }, [[5, 3]], [7]],
  ['GRU returns sequences of unknown length', 'GRU', { units: 7, returnSequences: true }, [[null, 3]], [null, 7]],
  ['Bidirectional concatenates', 'Bidirectional', { layer: lstm({ return_sequences: true }) }, [[5, 3]], [5, 4]],
  ['Bidirectional sums', 'Bidirectional', { layer: lstm(), merge_mode: 'sum' }, [[5, 3]], [2]],
  [
    'TimeDistributed keeps the time axis',
    'TimeDistributed',
    { layer: layer('Dense', { units: 4 }) },
    [[null, 8]],
    [null, 4],
  ],
  [
    'attention has the length of the query',
    'Attention',
    {},
    [
      [4, 3],
      [6, 3],
      [6, 3],
    ],
    [4, 3],
  ],
  [
    'multi-head attention has the features of the query',
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3 },
    [
      [4, 5],
      [6, 9],
    ],
    [4, 5],
  ],
  [
    'multi-head attention has its output shape',
    'MultiHeadAttention',
    { numHeads: 2, keyDim: 3, outputShape: [7] },
    [
      [4, 5],
      [6, 9],
    ],
    [4, 7],
  ],
];

const refused: [string, JsonObject, Shape[], RegExp][] = [
  ['LSTM', { units: 0 }, [[5, 3]], /units must lie in/],
  ['LSTM', { units: 2.5 }, [[5, 3]], /units must be a whole number/],
  ['LSTM', {}, [[5, 3]], /units must be a number, got nothing/],

  ['RNN', { cell: layer('StackedRNNCells', { cells: [] }) }, [[5, 3]], /cells must hold at least one cell/],
  ['SimpleRNN', { units: 2, activation: 'valueOf' }, [[5, 3]], /activation must be one of/],
  ['LSTM', { units: 2 }, [[5]], /input must have 3 axes/],
  ['LSTM', { units: 2 }, [[5, null]], /input must have a known extent/],
  ['LSTM', { units: 2 }, [[5, 3], [2]], /must be initial states of the shapes \[\?, 2\], \[\?, 2\], got \[\?, 2\]/],
  ['GRU', { units: 2 }, [[5, 3], [3]], /initial states of the shapes \[\?, 2\]/],
  ['Bidirectional', {}, [[5, 3]], /layer must be a layer/],
  [
    'Bidirectional',
    { layer: layer('Dense', { units: 2 }) },
    [[5, 3]],
    /layer must be one of SimpleRNN, GRU, LSTM, RNN, .* got Dense/,
  ],
  ['Bidirectional', { layer: layer('toString') }, [[5, 3]], /got toString/],
  ['Bidirectional', { layer: lstm(), merge_mode: 'max' }, [[5, 3]], /merge_mode must be one of/],
  [
    'Bidirectional',
    { layer: lstm(), backward_layer: lstm() },
    [[5, 3]],
    /backward_layer must run in the other direction/,
  ],
  [
    'Bidirectional',
    { layer: lstm(), merge_mode: 'sum', backward_layer: lstm({ units: 3, go_backwards: true, name: 'b' }) },
    [[5, 3]],
    /gives \[\?, 2\] forward and \[\?, 3\] backward, which "sum" does not merge/,
  ],
  ['TimeDistributed', { layer: layer('Dense', { units: 2 }) }, [[5]], /input must have at least 3 axes/],
  [
    'Attention',
    { score_mode: 'bilinear' },
    [
      [4, 3],
      [6, 3],
    ],
    /score_mode must be one of dot, concat/,
  ],
  ['Attention', {}, [[4, 3]], /input must be \[query, value\]/],
  [
    'Attention',
    {},
    [
      [4, 3],
      [6, 2],
    ],
    /same features/,
  ],
  [
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3, sliding_window: 0 },
    [
      [4, 3],
      [6, 3],
    ],
    /sliding_window must lie in/,
  ],
  [
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3, attention_axes: [2] },
    [
      [4, 3],
      [6, 3],
    ],
    /must not be attended over its features/,
  ],
  [
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3, attention_axes: 1 },
    [
      [4, 4, 3],
      [6, 6, 3],
    ],
    /must agree along axis 2/,
  ],
  [
    'MultiHeadAttention',
    { num_heads: 2, key_dim: 3 },
    [
      [4, 3],
      [6, 3],
      [5, 3],
    ],
    /must agree along axis 1/,
  ],
  [
    'GroupQueryAttention',
    { head_dim: 2, num_query_heads: 4, num_key_value_heads: 3 },
    [
      [4, 3],
      [6, 3],
    ],
    /num_key_value_heads must divide num_query_heads/,
  ],
];

describe('recurrent and attention layers', () => {
  for (const [title, className, config, inputs, expected] of shapes) {
    test(title, () => assert.deepEqual(describeLayer(className, config, inputs).shape, expected));
  }

  for (const [className, config, inputs, message] of refused) {
    test(`${className} ${JSON.stringify(config)} on ${JSON.stringify(inputs)} is refused`, () => {
      assert.throws(() => describeLayer(className, config, inputs), { code: 'LAYER_INVALID', message });
      assert.throws(() => describeLayer(className, config, inputs), { message: /layer "(x|inner)"/ });
    });
  }

  test('TimeDistributed refuses an unknown inner layer by its class', () => {
    const config = { layer: layer('Lambda') };
    assert.throws(() => describeLayer('TimeDistributed', config, [[5, 3]]), {
      code: 'LAYER_UNKNOWN',
      message: /Lambda/,
    });
  });

  test('an LSTM forgets nothing at first: ones in the second quarter of its bias unless told otherwise', () => {
    const bias = (config: JsonObject) =>
      describeLayer('LSTM', { units: 2, ...config }, [[5, 3]]).params[2]?.initializer;
    assert.deepEqual(bias({}), { kind: 'unit-forget-bias', rest: { kind: 'constant', value: 0 } });
    assert.deepEqual(bias({ unit_forget_bias: false }), { kind: 'constant', value: 0 });
    assert.equal(bias({ use_bias: false }), undefined);
  });

  test('kernels are weights and biases are biases', () => {
    const groups = describeLayer('LSTM', { units: 2 }, [[5, 3]]).params.map(({ key, group }) => [key, group]);
    assert.deepEqual(groups, [
      ['kernel', 'weight'],
      ['recurrent_kernel', 'weight'],
      ['bias', 'bias'],
    ]);
  });
});
