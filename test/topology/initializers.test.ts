import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../../src/json.ts';
import { type Initializer, parseInitializer } from '../../src/topology/initializers.ts';

class Refused extends Error {}

const parse = (value: Json): Initializer =>
  parseInitializer(value, (problem) => {
    throw new Refused(problem);
  });

const scaling = (scale: number, mode: string, distribution: string) => ({
  kind: 'variance-scaling',
  scale,
  mode,
  distribution,
});

/** Each initialiser of tfjs-layers and Keras 3 under its names, with what it means. */
const rows: [names: string[], expected: object][] = [
  [['zeros', 'Zeros', 'zero'], { kind: 'constant', value: 0 }],
  [['ones', 'Ones', 'one'], { kind: 'constant', value: 1 }],
  [['constant', 'Constant'], { kind: 'constant', value: 0 }],
  [
    ['randomNormal', 'random_normal', 'RandomNormal', 'normal'],
    { kind: 'normal', mean: 0, stddev: 0.05, truncated: false },
  ],
  [
    ['truncatedNormal', 'truncated_normal', 'TruncatedNormal'],
    { kind: 'normal', mean: 0, stddev: 0.05, truncated: true },
  ],
  [['randomUniform', 'random_uniform', 'RandomUniform', 'uniform'], { kind: 'uniform', min: -0.05, max: 0.05 }],
  [['glorotUniform', 'glorot_uniform', 'GlorotUniform'], scaling(1, 'fanAvg', 'uniform')],
  [['glorotNormal', 'glorot_normal', 'GlorotNormal'], scaling(1, 'fanAvg', 'truncated-normal')],
  [['heUniform', 'he_uniform', 'HeUniform'], scaling(2, 'fanIn', 'uniform')],
  [['heNormal', 'he_normal', 'HeNormal'], scaling(2, 'fanIn', 'truncated-normal')],
  [['leCunUniform', 'lecun_uniform', 'LeCunUniform', 'LecunUniform'], scaling(1, 'fanIn', 'uniform')],
  [['leCunNormal', 'lecun_normal', 'LeCunNormal', 'LecunNormal'], scaling(1, 'fanIn', 'truncated-normal')],
  [['varianceScaling', 'variance_scaling', 'VarianceScaling'], scaling(1, 'fanIn', 'truncated-normal')],
  [['orthogonal', 'Orthogonal', 'OrthogonalInitializer'], { kind: 'orthogonal', gain: 1 }],
  [['identity', 'Identity', 'IdentityInitializer'], { kind: 'identity', gain: 1 }],
];

describe('initialisers', () => {
  for (const [names, expected] of rows) {
    it(`reads ${names.join(', ')} in every form`, () => {
      for (const name of names) {
        assert.deepEqual(parse(name), expected);
        assert.deepEqual(parse({ class_name: name, config: {} }), expected);
        assert.deepEqual(parse({ className: name, config: { seed: null } }), expected);
        assert.deepEqual(
          parse({ module: 'keras.initializers', class_name: name, config: { seed: null }, registered_name: null }),
          expected,
        );
      }
    });
  }

  const configured: [value: Json, expected: object][] = [
    [
      { class_name: 'Constant', config: { value: 0.2 } },
      { kind: 'constant', value: 0.2 },
    ],
    [
      { class_name: 'RandomNormal', config: { mean: 1, stddev: 2, seed: 3 } },
      { kind: 'normal', mean: 1, stddev: 2, truncated: false },
    ],
    [
      { class_name: 'RandomUniform', config: { minval: -1, maxval: 3 } },
      { kind: 'uniform', min: -1, max: 3 },
    ],
    [
      { class_name: 'VarianceScaling', config: { scale: 3, mode: 'fan_out', distribution: 'untruncated_normal' } },
      scaling(3, 'fanOut', 'normal'),
    ],
    [
      { className: 'VarianceScaling', config: { scale: 1, mode: 'fanAvg', distribution: 'normal' } },
      scaling(1, 'fanAvg', 'truncated-normal'),
    ],
    [
      { class_name: 'VarianceScaling', config: { distribution: 'truncatedNormal' } },
      scaling(1, 'fanIn', 'truncated-normal'),
    ],
    [
      { class_name: 'Orthogonal', config: { gain: 1.5 } },
      { kind: 'orthogonal', gain: 1.5 },
    ],
    [
      { class_name: 'GlorotUniform', config: { input_axes: [0], output_axes: [1, 2] } },
      { ...scaling(1, 'fanAvg', 'uniform'), inputAxes: [0], outputAxes: [1, 2] },
    ],
  ];
  for (const [value, expected] of configured) {
    it(`reads ${JSON.stringify(value)}`, () => {
      assert.deepEqual(parse(value), expected);
    });
  }

  const refused: [value: Json, message: RegExp][] = [
    ['valueOf', /not a known initializer: "valueOf". Known: zeros/],
    ['__proto__', /not a known initializer/],
    ['constructor', /not a known initializer/],
    ['toString', /not a known initializer/],
    ['hasOwnProperty', /not a known initializer/],
    [{ class_name: 'constructor', config: {} }, /not a known initializer/],
    [{ class_name: 'MyInit', config: {} }, /not a known initializer/],
    [JSON.parse('{"__proto__": {"class_name": "Zeros"}}'), /with a class_name/],
    [7, /must be an initializer, got 7/],
    [[], /must be an initializer/],
    [{ class_name: 'Zeros', config: 3 }, /config object/],
    [{ class_name: 'RandomNormal', config: { stddev: -1 } }, /stddev must not be negative/],
    [{ class_name: 'RandomNormal', config: { stddev: '0.05' } }, /stddev must be a finite number, got "0.05"/],
    [{ class_name: 'RandomUniform', config: { minval: 2, maxval: 1 } }, /minval must not exceed maxval/],
    [{ class_name: 'VarianceScaling', config: { scale: 0 } }, /scale must be above 0/],
    [{ class_name: 'VarianceScaling', config: { mode: 'valueOf' } }, /mode must be one of fan_in, fan_out, fan_avg/],
    [{ class_name: 'GlorotUniform', config: { input_axes: ['a'], output_axes: [1] } }, /input_axes must be a list/],
  ];
  for (const [value, message] of refused) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => parse(value),
        (error) => error instanceof Refused && message.test(error.message),
      );
    });
  }
});
