/** Which tool wrote a topology, and what the same words mean in each. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json, JsonObject } from '../../src/json.ts';
import { parseModel } from '../../src/models/index.ts';

const sequential = (layer: JsonObject, more: JsonObject = {}): JsonObject => ({
  class_name: 'Sequential',
  config: { name: 'm', layers: [layer] },
  ...more,
});
const upSampling = (more: JsonObject = {}): JsonObject => ({
  class_name: 'UpSampling2D',
  config: { name: 'u', size: [2, 2], interpolation: 'bilinear', batch_input_shape: [null, 4, 4, 1] },
  ...more,
});
const keras2: JsonObject = { keras_version: '2.15.0', backend: 'tensorflow' };
const tfjs: JsonObject = { keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' };

/** One option of the first layer of a class, as the catalogue reads it. */
const optionOf = (topology: Json, className: string, key: string): unknown => {
  const layer = parseModel({ topology }).topology.layers.find((candidate) => candidate.className === className);
  return (layer?.config as Record<string, unknown> | undefined)?.[key];
};

const interpolationOf = (topology: Json) => [
  parseModel({ topology }).format,
  optionOf(topology, 'UpSampling2D', 'interpolation'),
];

describe('the dialect of a topology', () => {
  it('Keras 2 places bilinear samples as Keras 3 does, tfjs in its own way', () => {
    assert.deepEqual(interpolationOf(sequential(upSampling(), keras2)), ['keras2', 'bilinear_keras3']);
    const written = { module: 'keras.layers', registered_name: null };
    assert.deepEqual(interpolationOf(sequential(upSampling(written), { ...keras2, module: 'keras' })), [
      'keras2',
      'bilinear_keras3',
    ]);
    assert.deepEqual(interpolationOf(sequential(upSampling(), tfjs)), ['tfjs-layers', 'bilinear']);
  });

  it('Keras 3 and Keras 2 differ in hard_sigmoid', () => {
    const activation = (more: JsonObject) =>
      sequential({
        class_name: 'Activation',
        config: { name: 'a', activation: 'hard_sigmoid', batch_input_shape: [null, 4] },
        ...more,
      });
    const nameOf = (topology: Json) => optionOf(topology, 'Activation', 'activation');
    assert.equal(nameOf({ ...activation({}), ...keras2 }), 'hard_sigmoid');
    const keras3 = sequential(
      {
        module: 'keras.layers',
        class_name: 'Activation',
        config: { name: 'a', activation: 'hard_sigmoid' },
        registered_name: null,
      },
      { module: 'keras', registered_name: null },
    );
    (keras3.config as JsonObject).layers = [
      { module: 'keras.layers', class_name: 'InputLayer', config: { name: 'x', batch_shape: [null, 4] } },
      ...((keras3.config as JsonObject).layers as Json[]),
    ];
    assert.equal(nameOf(keras3), 'hard_sigmoid_keras3');
  });

  it('a cell of Keras 2 has the gates of TensorFlow where the topology leaves them out, one of tfjs its own', () => {
    const lstm: JsonObject = { class_name: 'LSTM', config: { name: 'l', units: 2, batch_input_shape: [null, 3, 2] } };
    const gate = (topology: Json) => optionOf(topology, 'LSTM', 'recurrentActivation');
    assert.equal(gate(sequential(lstm, keras2)), 'sigmoid');
    assert.equal(gate(sequential(lstm, tfjs)), 'hard_sigmoid');
  });

  it('Keras 1 has names of its own', () => {
    const { topology, format } = parseModel({
      topology: {
        class_name: 'Sequential',
        keras_version: '1.2.2',
        config: [
          {
            class_name: 'Convolution2D',
            config: {
              name: 'c',
              batch_input_shape: [null, 8, 8, 1],
              nb_filter: 4,
              nb_row: 3,
              nb_col: 2,
              border_mode: 'same',
              subsample: [2, 1],
              dim_ordering: 'tf',
              init: 'he_normal',
              bias: false,
            },
          },
          { class_name: 'Flatten', config: { name: 'f' } },
          { class_name: 'Dense', config: { name: 'd', output_dim: 10, activation: 'softmax' } },
        ],
      },
    });
    assert.equal(format, 'keras1');
    assert.deepEqual(
      topology.layers.flatMap(({ params }) => params.map(({ name, shape }) => `${name} ${shape}`)),
      ['c/kernel 3,2,1,4', 'd/kernel 128,10', 'd/bias 10'],
    );
  });

  it('Keras 1 in the ordering of Theano is refused with the way out', () => {
    const layer = {
      class_name: 'Convolution2D',
      config: { name: 'c', nb_filter: 1, nb_row: 1, nb_col: 1, dim_ordering: 'th', batch_input_shape: [null, 1, 4, 4] },
    };
    assert.throws(() => parseModel({ topology: sequential(layer, { keras_version: '1.2.2' }) }), {
      code: 'MODEL_MALFORMED',
      message: /dim_ordering "th" is not supported; save the model with Keras 2 first/,
    });
  });
});

describe('a class of the author', () => {
  const named = (module: Json, registered: Json, config: JsonObject = {}): JsonObject => ({
    module: 'keras',
    registered_name: null,
    class_name: 'Sequential',
    config: {
      name: 'm',
      layers: [
        { module: 'keras.layers', class_name: 'InputLayer', config: { name: 'x', batch_shape: [null, 4] } },
        { module, class_name: 'Dense', config: { name: 'd', units: 2, ...config }, registered_name: registered },
      ],
    },
  });
  const foreign: [what: string, topology: JsonObject][] = [
    ['registered under a package', named(null, 'my>Dense')],
    ['without a package', named(null, 'Dense')],
    ['in a module of its own', named('my.layers', 'Dense')],
    [
      'as an initializer',
      named('keras.layers', null, {
        kernel_initializer: { module: null, class_name: 'Zeros', config: {}, registered_name: 'my>Zeros' },
      }),
    ],
    [
      'as a function',
      named('keras.layers', null, {
        activation: { module: 'builtins', class_name: 'function', config: 'relu', registered_name: 'function' },
      }),
    ],
  ];
  for (const [what, topology] of foreign)
    it(`that is named like a stock one is refused: ${what}`, () => {
      assert.throws(() => parseModel({ topology }), { code: 'LAYER_UNKNOWN', message: /the author's/ });
    });

  it('Keras 2 says it by the name of the class', () => {
    const layer = { class_name: 'Custom>Dense', config: { name: 'd', units: 2, batch_input_shape: [null, 4] } };
    assert.throws(() => parseModel({ topology: sequential(layer, keras2) }), { code: 'LAYER_UNKNOWN' });
  });

  it('Keras own classes pass', () => {
    assert.equal(parseModel({ topology: named('keras.layers', null) }).topology.layers.length, 2);
  });
});

it('a whole model of Keras 3 in an .h5 file is Keras 3, by the version beside it', () => {
  const layers = [
    { class_name: 'InputLayer', module: 'keras.layers', config: { name: 'x', batch_shape: [null, 4, 4, 1] } },
    { ...upSampling(), module: 'keras.layers' },
  ];
  const topology = { keras_version: '3.15.0', class_name: 'Sequential', config: { name: 'm', layers } };
  assert.deepEqual(interpolationOf(topology as JsonObject), ['keras3', 'bilinear_keras3']);
});
