import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../src/json.ts';
import { parseModel } from '../../src/models/index.ts';
import type { Topology } from '../../src/topology/topology.ts';

interface Case {
  topology: JsonObject;
  /** Paths and shapes in the order of model.weights. */
  weights: [name: string, shape: number[]][];
  outputs: number[][];
}

const file = path.join(import.meta.dirname, 'fixtures/keras3-cases.json');
const cases = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Case>;

const weightsOf = (topology: Topology) =>
  topology.layers.flatMap(({ params }) => params.map(({ name, shape }) => [name, shape]));
const outputsOf = ({ outputs, nodes }: Topology) => outputs.map((id) => nodes[id]?.shape);

const keras = (layers: object[], config: object = {}): JsonObject =>
  JSON.parse(
    JSON.stringify({
      module: 'keras',
      class_name: 'Sequential',
      config: {
        name: 'm',
        layers: [
          {
            module: 'keras.layers',
            class_name: 'InputLayer',
            config: { batch_shape: [null, 4], dtype: 'float32', name: 'x' },
          },
          ...layers,
        ],
        ...config,
      },
      registered_name: null,
    }),
  );

const dense = (config: object) => ({
  module: 'keras.layers',
  class_name: 'Dense',
  config: { name: 'd', units: 2, ...config },
  registered_name: null,
});

describe('Keras 3 topologies', () => {
  for (const [name, { topology: json, weights, outputs }] of Object.entries(cases)) {
    it(`give the names, shapes and order that Keras gives: ${name.replaceAll('_', ' ')}`, () => {
      const { topology, format } = parseModel({ topology: json });
      assert.equal(format, 'keras3');
      assert.deepEqual(weightsOf(topology), weights);
      assert.deepEqual(outputsOf(topology), outputs);
    });
  }

  it('keep the arguments of a call: attention with a causal mask gets query, value and key', () => {
    const { topology } = parseModel({ topology: cases.attention_with_keywords?.topology });
    const node = topology.nodes.at(-1);
    assert.deepEqual(node?.inputs, [0, 1, 1]);
    assert.deepEqual(node?.call, { use_causal_mask: true });
  });

  it('mean relu6(x + 3) / 6 by hard_sigmoid, in wrapped layers too', () => {
    const wrapped = {
      module: 'keras.layers',
      class_name: 'Dense',
      config: { name: 'i', units: 2, activation: 'hard_sigmoid' },
      registered_name: null,
    };
    const layers = [
      { module: 'keras.layers', class_name: 'Reshape', config: { name: 'r', target_shape: [2, 2] } },
      { module: 'keras.layers', class_name: 'TimeDistributed', config: { name: 't', layer: wrapped } },
      dense({ activation: 'hard_sigmoid' }),
    ];
    const { topology } = parseModel({ topology: keras(layers) });
    assert.match(JSON.stringify(topology.layers[2]?.config), /hard_sigmoid_keras3/);
    assert.match(JSON.stringify(topology.layers[3]?.config), /hard_sigmoid_keras3/);
  });

  it('may come as text, and as text inside text', () => {
    const text = JSON.stringify(cases.convolutions?.topology);
    for (const topology of [text, JSON.stringify(text)])
      assert.equal(parseModel({ topology, format: 'keras3' }).format, 'keras3');
  });

  const refused: [what: string, json: JsonObject, code: string, message: RegExp][] = [
    [
      'a subclassed model',
      { module: 'app', class_name: 'MyModel', config: {}, registered_name: 'MyModel' },
      'MODEL_MALFORMED',
      /class_name must be Sequential, Functional, Model, got "MyModel"/,
    ],
    [
      'a custom layer',
      keras([{ module: 'app', class_name: 'MyDense', config: { name: 'c' }, registered_name: 'app>MyDense' }]),
      'LAYER_UNKNOWN',
      /layer "c" \(MyDense\)/,
    ],
    [
      'a Lambda',
      keras([
        { module: 'keras.layers', class_name: 'Lambda', config: { name: 'l', function: { class_name: '__lambda__' } } },
      ]),
      'LAYER_UNKNOWN',
      /layer "l" \(Lambda\): code inside a topology is never run/,
    ],
    [
      'an unknown activation',
      keras([dense({ activation: 'valueOf' })]),
      'LAYER_INVALID',
      /layer "d" \(Dense\): activation must be one of/,
    ],
    [
      'an unknown initializer',
      keras([dense({ kernel_initializer: { module: 'keras.initializers', class_name: 'STFT', config: {} } })]),
      'LAYER_INVALID',
      /kernel_initializer is not a known initializer: "STFT"/,
    ],
    [
      'a key without a value',
      JSON.parse(JSON.stringify(cases.attention_with_keywords_only?.topology).replace('"value":{', '"key":{')),
      'MODEL_MALFORMED',
      /called with key twice, or without what comes before it in query,value,key/,
    ],
  ];
  for (const [what, json, code, message] of refused) {
    it(`refuse ${what}`, () => {
      assert.throws(() => parseModel({ topology: json }), { code, message });
    });
  }
});
