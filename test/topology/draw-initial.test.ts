import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawInitial, fansOf, initialWeights } from '../../src/topology/draw-initial.ts';
import type { Initializer } from '../../src/topology/initializers.ts';
import type { Param, Topology } from '../../src/topology/topology.ts';

const param = (initializer: Initializer, shape: readonly number[], name = 'layer/kernel'): Param => {
  return { name, key: 'kernel', layer: 'layer', shape, initializer, group: 'weight' };
};

function moments(data: Float32Array) {
  const values = Array.from(data);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance, largest: Math.max(...values.map(Math.abs)) };
}

const scaling = (
  distribution: 'normal' | 'truncated-normal' | 'uniform',
  mode: 'fanIn' | 'fanOut' | 'fanAvg' = 'fanIn',
): Initializer => ({ kind: 'variance-scaling', scale: 2, mode, distribution });

describe('fans', () => {
  const rows: [what: string, shape: number[], fanIn: number, fanOut: number][] = [
    ['a scalar', [], 1, 1],
    ['a bias', [7], 7, 7],
    ['a dense kernel', [20, 30], 20, 30],
    ['a 1D convolution', [5, 3, 8], 15, 40],
    ['a 2D convolution (HWIO)', [3, 3, 16, 32], 144, 288],
    ['a depthwise convolution (HWIM), as Keras counts', [3, 3, 16, 2], 144, 18],
    ['a 3D convolution', [2, 2, 2, 4, 8], 32, 64],
  ];
  for (const [what, shape, fanIn, fanOut] of rows) {
    it(`of ${what} are ${fanIn} and ${fanOut}`, () => {
      assert.deepEqual(fansOf(shape), { fanIn, fanOut });
    });
  }

  it('of an attention kernel follow its axes', () => {
    assert.deepEqual(fansOf([16, 2, 8], { inputAxes: [0], outputAxes: [1, 2] }), { fanIn: 16, fanOut: 16 });
  });
});

describe('draws', () => {
  const shape = [3, 3, 16, 160];
  const fanIn = 144;
  const rows: [what: string, initializer: Initializer, variance: number, bound: number][] = [
    ['variance scaling, uniform', scaling('uniform'), 2 / fanIn, Math.sqrt(6 / fanIn)],
    ['variance scaling, normal', scaling('normal'), 2 / fanIn, Infinity],
    ['variance scaling, truncated', scaling('truncated-normal'), 2 / fanIn, (2 * Math.sqrt(2 / fanIn)) / 0.8796],
    ['variance scaling, fan out', scaling('uniform', 'fanOut'), 2 / 1440, Math.sqrt(6 / 1440)],
    ['variance scaling, fan average', scaling('uniform', 'fanAvg'), 2 / 792, Math.sqrt(6 / 792)],
    ['normal', { kind: 'normal', mean: 0, stddev: 0.3, truncated: false }, 0.09, Infinity],
    // The standard deviation of a normal cut at two standard deviations is 0.8796 of its own.
    ['truncated normal', { kind: 'normal', mean: 0, stddev: 0.3, truncated: true }, 0.09 * 0.87962566 ** 2, 0.6],
    ['uniform', { kind: 'uniform', min: -0.5, max: 0.5 }, 1 / 12, 0.5],
  ];
  for (const [what, initializer, variance, bound] of rows) {
    it(`of ${what} have mean 0, variance ${variance.toPrecision(3)} and stay within ${bound.toPrecision(3)}`, () => {
      const { data } = drawInitial(param(initializer, shape), 0);
      const found = moments(data);
      assert.ok(Math.abs(found.mean) < 4 * Math.sqrt(variance / data.length), `mean ${found.mean}`);
      assert.ok(Math.abs(found.variance / variance - 1) < 0.04, `variance ${found.variance}`);
      assert.ok(found.largest <= bound * (1 + 1e-6), `largest ${found.largest}`);
    });
  }

  for (const shape of [
    [6, 6],
    [9, 4],
    [4, 9],
    [3, 3, 2, 5],
    [1, 5],
    [128, 128],
  ]) {
    it(`of an orthogonal initializer on [${shape}] are orthogonal times the gain`, () => {
      const { data } = drawInitial(param({ kind: 'orthogonal', gain: 2 }, shape), 4);
      const columns = shape.at(-1) ?? 1;
      const rows = data.length / columns;
      const at = (row: number, column: number) => data[row * columns + column] ?? Number.NaN;
      const [count, length, pick] =
        rows < columns ? [rows, columns, at] : [columns, rows, (i: number, k: number) => at(k, i)];
      for (let i = 0; i < count; i++) {
        for (let j = 0; j <= i; j++) {
          let product = 0;
          for (let k = 0; k < length; k++) product += pick(i, k) * pick(j, k);
          assert.ok(Math.abs(product - (i === j ? 4 : 0)) < 1e-5, `vectors ${i} and ${j}: ${product}`);
        }
      }
    });
  }

  it('of the identity are a matrix with the gain on its diagonal', () => {
    const { data } = drawInitial(param({ kind: 'identity', gain: 3 }, [2, 3]), 0);
    assert.deepEqual([...data], [3, 0, 0, 0, 3, 0]);
  });

  it('of an LSTM bias have ones for the forget gate', () => {
    const rest = { kind: 'constant', value: 0 } as const;
    const { data } = drawInitial(param({ kind: 'unit-forget-bias', rest }, [8]), 0);
    assert.deepEqual([...data], [0, 0, 1, 1, 0, 0, 0, 0]);
  });

  for (const [kind, initializer, shape] of [
    ['identity', { kind: 'identity', gain: 1 }, [2, 2, 2]],
    ['orthogonal', { kind: 'orthogonal', gain: 1 }, [4]],
  ] as const) {
    it(`refuse the ${kind} initializer on [${shape}]`, () => {
      assert.throws(() => drawInitial(param(initializer, shape), 0), {
        code: 'LAYER_INVALID',
        message: /layer\/kernel/,
      });
    });
  }
});

describe('initial weights', () => {
  const topologyOf = (...params: Param[]): Topology => ({
    name: 'model',
    layers: [{ name: 'layer', className: 'Dense', config: {}, params, trainable: true }],
    nodes: [],
    inputs: [],
    inputDtypes: [],
    outputs: [],
  });
  const kernel = param(scaling('uniform'), [4, 5], 'a/kernel');
  const other = param(scaling('normal'), [4, 5], 'b/kernel');

  it('repeat for the same seed and differ for another', () => {
    const draw = (seed: number) => initialWeights(topologyOf(kernel), seed).get('a/kernel')?.data;
    assert.deepEqual(draw(1), draw(1));
    assert.notDeepEqual(draw(1), draw(2));
  });

  it('of one parameter do not depend on the others', () => {
    const alone = initialWeights(topologyOf(kernel), 1).get('a/kernel');
    const together = initialWeights(topologyOf(other, kernel), 1).get('a/kernel');
    assert.deepEqual(alone, together);
  });
});
