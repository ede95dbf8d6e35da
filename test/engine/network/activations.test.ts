import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { assertProven, kernelsOf } from '../../../src/engine/gradients/kernel-log.ts';
import { activate } from '../../../src/engine/network/activations.ts';
import { type Scalar, type Tensor, tf } from '../../../src/engine/tf.ts';
import type { Json } from '../../../src/json.ts';
import {
  type ActivationName,
  type ActivationRef,
  activationLabel,
  activationNames,
  readActivation,
} from '../../../src/topology/activations.ts';
import { ConfigReader } from '../../../src/topology/config-reader.ts';
import { compareDerivatives } from '../../support/directional.ts';

/** In the shape of x: glu has half as many outputs. */
const outputOf = (name: ActivationName, x: Tensor) =>
  name === 'glu' ? activate(name, tf.concat([x, tf.square(x)], -1)) : activate(name, x);

/** Away from every kink: 0, 0.5, 1, 2.5, 3, 6 and their negatives. */
const points = [-3.6, -2.7, -1.5, -0.6, 0.3, 0.7, 1.7, 2.7, 4.1, 6.6];

describe('every activation', () => {
  before(installGradients);

  for (const name of activationNames) {
    test(`${name} has the derivatives of orders 1 and 2 that differences give, from proven kernels`, () => {
      tf.tidy(() => {
        const weights = tf.tensor2d(
          points.map((_, i) => 0.5 + 0.1 * i),
          [2, 5],
        );
        const f = ([x]: readonly Tensor[]) =>
          tf.sum(tf.mul(tf.mul(weights, tf.square(x as Tensor)), outputOf(name, x as Tensor))) as Scalar;
        const x = tf.tensor2d(points, [2, 5]);
        compareDerivatives(f, [x], 1, 0.01).forEach(({ exact, differences }, order) => {
          const error = Math.abs(exact - differences) / Math.max(Math.abs(differences), 1e-2);
          assert.ok(error < 5e-3, `order ${order + 1}: ${exact}, by differences ${differences}`);
        });
        assertProven(
          kernelsOf(() => tf.grad((at: Tensor) => f([at]))(x)),
          name,
        );
      });
    });

    test(`${name} stays finite for large inputs`, () => {
      tf.tidy(() => {
        const y = activate(name, tf.tensor2d([[-80, -20, 0, 20, 40, 80]]));
        assert.ok(y.dataSync().every(Number.isFinite), `${y.dataSync()}`);
      });
    });
  }
});

describe('the names of activations', () => {
  const rows: [Json | undefined, ActivationRef][] = [
    [undefined, 'linear'],
    [{ class_name: 'Softmax', config: { name: 's', axis: -1 } }, 'softmax'],
    [
      { class_name: 'ELU', config: { name: 'e', alpha: 0.3 } },
      { className: 'ELU', config: { alpha: 0.3 } },
    ],
    [{ class_name: 'Activation', config: { name: 'a', activation: 'tanh' } }, 'tanh'],
    [null, 'linear'],
    ['hardSigmoid', 'hard_sigmoid'],
    ['hard_sigmoid', 'hard_sigmoid'],
    ['hard_sigmoid_keras3', 'hard_sigmoid_keras3'],
    ['silu', 'swish'],
    ['logSoftmax', 'log_softmax'],
    [{ className: 'relu', config: {} }, 'relu'],
    [{ module: 'builtins', class_name: 'function', config: 'gelu', registered_name: 'function' }, 'gelu'],
  ];
  for (const [written, name] of rows) {
    test(`${JSON.stringify(written)} means ${activationLabel(name)}`, () => {
      const config = written === undefined ? {} : { activation: written };
      assert.deepEqual(readActivation(new ConfigReader('layer', 'Dense', config, '')), name);
    });
  }
});
