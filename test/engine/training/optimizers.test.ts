import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Scalar, scoped, tf } from '../../../src/engine/tf.ts';
import { createOptimizer, type OptimizerSpec } from '../../../src/engine/training/optimizers/index.ts';

const gradients = [0.5, -0.2, 0.8, 0.1];
const start = 2;
const [rate, decay, factor] = [0.1, 0.01, 0.5];

/** The weight after each of the steps, as the optimizer moves it. */
function run(spec: OptimizerSpec, weightDecay = decay, rateFactor = factor): number[] {
  const optimizer = createOptimizer(spec);
  return scoped(() => {
    let weight = tf.tensor1d([start]) as never;
    let slots = optimizer.slots.map(() => tf.zeros([1]));
    return gradients.map((gradient, step) => {
      const numbers = optimizer.numbersAt(rate, step + 1).map((value) => tf.scalar(value) as Scalar);
      const updated = optimizer.update({
        weight,
        gradient: tf.tensor1d([gradient]),
        slots,
        numbers,
        rateFactor,
        weightDecay,
      });
      weight = updated.weight as never;
      slots = [...updated.slots] as never;
      return updated.weight.dataSync()[0] as number;
    });
  });
}

/** The published formulas on numbers. */
const formulas: Readonly<
  Record<string, { spec: OptimizerSpec; next: () => (w: number, g: number, t: number) => number }>
> = {
  'plain descent': {
    spec: { name: 'sgd', options: { momentum: 0 } },
    next: () => (w, g) => w - rate * factor * (g + decay * w),
  },
  momentum: {
    spec: { name: 'sgd' },
    next: () => {
      let m = 0;
      return (w, g) => {
        m = 0.9 * m + g + decay * w;
        return w - rate * factor * m;
      };
    },
  },
  'Nesterov momentum': {
    spec: { name: 'sgd', options: { momentum: 0.8, nesterov: true } },
    next: () => {
      let m = 0;
      return (w, g) => {
        const decayed = g + decay * w;
        m = 0.8 * m + decayed;
        return w - rate * factor * (decayed + 0.8 * m);
      };
    },
  },
  AdamW: {
    spec: { name: 'adamw' },
    next: () => {
      let [m, v] = [0, 0];
      return (w, g, t) => {
        m = 0.9 * m + 0.1 * g;
        v = 0.999 * v + 0.001 * g * g;
        return w - rate * factor * (m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8) + decay * w);
      };
    },
  },
  RMSProp: {
    spec: { name: 'rmsprop', options: { decay: 0.9 } },
    next: () => {
      let v = 0;
      return (w, raw) => {
        const g = raw + decay * w;
        v = 0.9 * v + 0.1 * g * g;
        return w - (rate * factor * g) / (Math.sqrt(v) + 1e-8);
      };
    },
  },
  Lion: {
    spec: { name: 'lion' },
    next: () => {
      let m = 0;
      return (w, g) => {
        const sign = Math.sign(0.9 * m + 0.1 * g);
        m = 0.99 * m + 0.01 * g;
        return w - rate * factor * (sign + decay * w);
      };
    },
  },
  'Muon on a vector is AdamW': {
    spec: { name: 'muon' },
    next: () => {
      let [m, v] = [0, 0];
      return (w, g, t) => {
        m = 0.9 * m + 0.1 * g;
        v = 0.95 * v + 0.05 * g * g;
        return w - rate * factor * (m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.95 ** t)) + 1e-8) + decay * w);
      };
    },
  },
  ...Object.fromEntries(
    [false, true].map((decoupled) => [
      decoupled ? 'Adam with decoupled decay' : 'Adam',
      {
        spec: { name: 'adam', options: { beta1: 0.8, beta2: 0.95, decoupledWeightDecay: decoupled } } as OptimizerSpec,
        next: () => {
          let [m, v] = [0, 0];
          return (w: number, raw: number, t: number) => {
            const g = decoupled ? raw : raw + decay * w;
            m = 0.8 * m + 0.2 * g;
            v = 0.95 * v + 0.05 * g * g;
            const direction = m / (1 - 0.8 ** t) / (Math.sqrt(v / (1 - 0.95 ** t)) + 1e-8);
            return w - rate * factor * (direction + (decoupled ? decay * w : 0));
          };
        },
      },
    ]),
  ),
};

describe('training optimizers', () => {
  it('Muon moves a matrix along its orthogonalised momentum', () => {
    const optimizer = createOptimizer({ name: 'muon' });
    const moved = scoped(() => {
      const [rows, columns] = [3, 2];
      const zeros = () => tf.zeros([rows, columns]);
      const gradient = tf.tensor2d([3, 0, 0, 4, 0, 0], [rows, columns]); // singular values 4 and 3, already diagonal
      const numbers = optimizer.numbersAt(rate, 1).map((value) => tf.scalar(value) as Scalar);
      const { weight, slots } = optimizer.update({
        weight: zeros(),
        gradient,
        slots: [zeros(), zeros()],
        numbers,
        rateFactor: factor,
        weightDecay: 0,
      });
      assert.deepEqual(Array.from(slots[0]?.dataSync() ?? []), [3, 0, 0, 4, 0, 0]);
      return Array.from(weight.dataSync());
    });
    const length = rate * factor * 0.2 * Math.sqrt(3);
    for (const [index, value] of moved.entries()) {
      const onDiagonal = index === 0 || index === 3;
      const [least, most] = onDiagonal ? [-1.25 * length, -0.65 * length] : [-1e-6, 1e-6];
      assert.ok(value >= least && value <= most, `${index}: ${value}`);
    }
  });

  for (const [title, { spec, next }] of Object.entries(formulas)) {
    it(`${title} follows its formula, weight decay and factor on the rate included`, () => {
      const update = next();
      let weight = start;
      run(spec).forEach((value, index) => {
        weight = update(weight, gradients[index] as number, index + 1);
        assert.ok(Math.abs(value - weight) < 1e-6, `step ${index}: ${value}, ${weight}`);
      });
    });
  }

  it('refuse options that they do not have, and names that are none', () => {
    const code = { code: 'OPTION_INVALID' };
    assert.throws(() => createOptimizer({ name: 'sgd', options: { momentum: 1 } }), code);
    assert.throws(() => createOptimizer({ name: 'sgd', options: { beta1: 0.9 } }), code);
    assert.throws(() => createOptimizer({ name: 'valueOf' as never }), code);
  });
});
