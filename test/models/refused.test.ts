import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detectModelFormat, parseModel } from '../../src/models/index.ts';

const layer = (class_name: unknown, config: unknown = {}) => ({ class_name, config });
const sequential = (...layers: unknown[]) => ({ class_name: 'Sequential', config: { name: 'm', layers } });
const first = (config: object) => ({ batch_input_shape: [null, 4], name: 'd', ...config });

const functional = (layers: object[], output: unknown = [['d', 0, 0]]) => ({
  class_name: 'Model',
  config: {
    name: 'm',
    layers: [
      { name: 'x', class_name: 'InputLayer', config: { batch_input_shape: [null, 4], name: 'x' }, inbound_nodes: [] },
      ...layers,
    ],
    input_layers: [['x', 0, 0]],
    output_layers: output,
  },
});

const node = (name: string, class_name: string, inbound: unknown, config: object = { units: 4 }) => ({
  name,
  class_name,
  config: { name, ...config },
  inbound_nodes: inbound,
});

const rows: [what: string, topology: unknown, code: string, message: RegExp][] = [
  ['nothing', undefined, 'MODEL_MALFORMED', /must be a JSON object with class_name and config, got nothing/],
  ['a list', [], 'MODEL_MALFORMED', /must be a JSON object/],
  ['an empty object', {}, 'MODEL_MALFORMED', /its keys are: none/],
  ['other JSON', { weights: 1, other: 2 }, 'MODEL_MALFORMED', /its keys are: weights, other/],
  [
    'a TensorFlow graph model',
    { format: 'graph-model', modelTopology: { node: [] } },
    'MODEL_MALFORMED',
    /graph model/,
  ],
  ['modelTopology null', { modelTopology: null }, 'MODEL_MALFORMED', /modelTopology must be an object, got null/],
  ['a model class that is a number', layer(3), 'MODEL_MALFORMED', /class_name must be/],
  [
    'a layer as the model',
    layer('Dense', { units: 3 }),
    'MODEL_MALFORMED',
    /class_name must be Sequential, Functional, Model, got "Dense"/,
  ],
  ['a model class named __proto__', layer('__proto__'), 'MODEL_MALFORMED', /got "__proto__"/],
  ['no configuration', { class_name: 'Sequential' }, 'MODEL_MALFORMED', /config must be an object, got nothing/],
  [
    'no list of layers',
    layer('Sequential', { name: 'm' }),
    'MODEL_MALFORMED',
    /must have a list of layers, got nothing/,
  ],
  ['no layers', sequential(), 'MODEL_MALFORMED', /"m" has no layers/],
  ['a layer that is a text', sequential('Dense'), 'MODEL_MALFORMED', /layer 0 must be an object/],
  [
    'a layer without a class',
    sequential({ config: {} }),
    'MODEL_MALFORMED',
    /layer 0 must have a class_name, got nothing/,
  ],
  [
    'a layer whose configuration is a list',
    sequential(layer('Dense', [])),
    'MODEL_MALFORMED',
    /layer 0 \(Dense\) must have a config object/,
  ],
  [
    'a layer whose name is a number',
    sequential(layer('Dense', { name: 3 })),
    'MODEL_MALFORMED',
    /name must be a text, got 3/,
  ],
  [
    'a second InputLayer',
    sequential(layer('InputLayer', { batch_input_shape: [null, 4], name: 'x' }), layer('InputLayer', { name: 'y' })),
    'MODEL_MALFORMED',
    /second InputLayer "y"/,
  ],
  [
    'units 1e12',
    sequential(layer('Dense', first({ units: 1e12 }))),
    'LAYER_INVALID',
    /layer "d" \(Dense\): units must lie in \[1, 2147483648\], got 1000000000000/,
  ],
  [
    'units 1e9',
    sequential(layer('Dense', first({ units: 1e9 }))),
    'MODEL_TOO_LARGE',
    /layer "d" \(Dense\): with kernel \[4,1000000000\]/,
  ],
  ['units -1', sequential(layer('Dense', first({ units: -1 }))), 'LAYER_INVALID', /units must lie in/],
  ['units "3"', sequential(layer('Dense', first({ units: '3' }))), 'LAYER_INVALID', /units must be a number, got "3"/],
  ['no units', sequential(layer('Dense', first({}))), 'LAYER_INVALID', /units must be a number, got nothing/],
  [
    'a negative input extent',
    sequential(layer('Dense', { units: 2, name: 'd', batch_input_shape: [null, -4] })),
    'LAYER_INVALID',
    /positive extents/,
  ],
  [
    'an input extent of 1e300',
    sequential(layer('Dense', { units: 2, name: 'd', batch_input_shape: [null, 1e300] })),
    'LAYER_INVALID',
    /positive extents/,
  ],
  [
    'an unknown activation',
    sequential(layer('Dense', first({ units: 2, activation: 'rleu' }))),
    'LAYER_INVALID',
    /activation must be one of/,
  ],
  ...['valueOf', '__proto__', 'constructor'].flatMap((name): [string, unknown, string, RegExp][] => [
    [
      `an activation named ${name}`,
      sequential(layer('Dense', first({ units: 2, activation: name }))),
      'LAYER_INVALID',
      /activation must be one of/,
    ],
    [
      `an initializer named ${name}`,
      sequential(layer('Dense', first({ units: 2, kernel_initializer: name }))),
      'LAYER_INVALID',
      /kernel_initializer is not a known initializer/,
    ],
    [`a layer class named ${name}`, sequential(layer(name, first({}))), 'LAYER_UNKNOWN', new RegExp(name)],
  ]),
  [
    'a Lambda',
    sequential(layer('Lambda', first({ function: ['4wEAAA==', null, null] }))),
    'LAYER_UNKNOWN',
    /layer "d" \(Lambda\): code inside a topology is never run/,
  ],
  ['a misspelt layer', sequential(layer('Conv2d', first({}))), 'LAYER_UNKNOWN', /did you mean Conv2D\?/],
  [
    'a cycle',
    functional([
      node('d', 'Add', [
        [
          ['x', 0, 0, {}],
          ['e', 0, 0, {}],
        ],
      ]),
      node('e', 'Dense', [[['d', 0, 0, {}]]]),
    ]),
    'MODEL_CYCLE',
    /d -> e -> d|e -> d -> e/,
  ],
  [
    'a dangling reference',
    functional([node('d', 'Dense', [[['y', 0, 0, {}]]])]),
    'MODEL_MALFORMED',
    /layer "y" is referred to but does not exist/,
  ],
  [
    'a reference to __proto__',
    functional([node('d', 'Dense', [[['__proto__', 0, 0, {}]]])]),
    'MODEL_MALFORMED',
    /"__proto__" is referred to but does not exist/,
  ],
  [
    'a reference that is a number',
    functional([node('d', 'Dense', [[[3, 0, 0]]])]),
    'MODEL_MALFORMED',
    /must name \[layer, call, output\]/,
  ],
  [
    'a negative call index',
    functional([node('d', 'Dense', [[['x', -1, 0]]])]),
    'MODEL_MALFORMED',
    /must name \[layer, call, output\]/,
  ],
  [
    'inbound_nodes that are a text',
    functional([node('d', 'Dense', 'x')]),
    'MODEL_MALFORMED',
    /inbound_nodes must be a list/,
  ],
  ['an empty call', functional([node('d', 'Dense', [[]])]), 'MODEL_MALFORMED', /called without a tensor/],
  [
    'output_layers that are missing',
    functional([node('d', 'Dense', [[['x', 0, 0]]])], null),
    'MODEL_MALFORMED',
    /output_layers must name/,
  ],
  [
    'an output that does not exist',
    functional([node('d', 'Dense', [[['x', 0, 0]]])], [['nope', 0, 0]]),
    'MODEL_MALFORMED',
    /"nope" is referred to/,
  ],
];

describe('a model is refused that is', () => {
  for (const [what, topology, code, message] of rows) {
    it(what, () => {
      assert.throws(
        () => parseModel({ topology }),
        (error: { code: string; message: string; details: unknown }) => {
          assert.match(error.code, new RegExp(`^(${code})$`));
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('text nested 100,000 levels deep', () => {
    const topology = `{"class_name":"Sequential","config":{"layers":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`;
    assert.throws(() => parseModel({ topology }), {
      code: 'MODEL_MALFORMED',
      message: /nested deeper than 1000 levels/,
    });
  });

  it('said to be Keras 3 but is not', () => {
    assert.throws(() => parseModel({ format: 'keras3', topology: sequential(layer('Dense', first({ units: 2 }))) }), {
      code: 'MODEL_MALFORMED',
      message: /not written by Keras 3/,
    });
  });
});

describe('the format of a topology', () => {
  it('is told from its outermost keys', () => {
    assert.equal(detectModelFormat({ class_name: 'Sequential', config: {} }), 'tfjs-layers');
    assert.equal(detectModelFormat({ className: 'Sequential', config: {} }), 'tfjs-layers');
    assert.equal(detectModelFormat({ class_name: 'Sequential', config: {}, module: 'keras' }), 'keras3');
    assert.equal(detectModelFormat({}), undefined);
    assert.equal(detectModelFormat('Sequential'), undefined);
  });
});
