import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, philox, restoreRandom, shuffle } from '../src/random.ts';

/** The known answers that are published with the generator (Random123, kat_vectors, philox4x32 10). */
const knownAnswers = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: '408f276d 41c83b0e a20bc7c6 6d5451fd',
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: 'd16cfe09 94fdcceb 5001e420 24126ea1',
  },
] as const;

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2));

describe('the random generator', () => {
  for (const { counter, key, words } of knownAnswers) {
    it(`gives the published block for counter ${counter[0].toString(16)}`, () => {
      const block = new Uint32Array(counter);
      philox(block, key[0], key[1]);
      assert.equal([...block].map((word) => word.toString(16).padStart(8, '0')).join(' '), words);
    });
  }

  it('repeats a stream for the same seed and name, and no other', () => {
    const first = (seed: number, name: string) => {
      const random = createRandom(seed, name);
      return draws(8, () => random.uint32());
    };
    assert.deepEqual(first(7, 'dense/kernel'), first(7, 'dense/kernel'));
    assert.notDeepEqual(first(7, 'dense/kernel'), first(8, 'dense/kernel'));
    assert.notDeepEqual(first(7, 'dense/kernel'), first(7, 'dense/bias'));
  });

  it('draws uniforms from [0, 1) with the right mean and variance', () => {
    const random = createRandom(1, 'uniform');
    const values = draws(50_000, () => random.uniform());
    assert.ok(values.every((value) => value >= 0 && value < 1));
    assert.ok(Math.abs(mean(values) - 0.5) < 0.006);
    assert.ok(Math.abs(variance(values) - 1 / 12) < 0.002);
  });

  it('draws normals with mean 0, variance 1 and kurtosis 3', () => {
    const random = createRandom(1, 'normal');
    const values = draws(50_000, () => random.normal());
    assert.ok(Math.abs(mean(values)) < 0.02);
    assert.ok(Math.abs(variance(values) - 1) < 0.03);
    assert.ok(Math.abs(mean(values.map((value) => value ** 4)) - 3) < 0.2);
  });

  it('draws every number below a bound about equally often', () => {
    const random = createRandom(1, 'below');
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 14_000; i++) {
      const drawn = random.below(7);
      counts[drawn] = (counts[drawn] ?? 0) + 1;
    }
    assert.ok(
      counts.every((count) => Math.abs(count - 2000) < 200),
      String(counts),
    );
  });

  for (const consumed of [0, 1, 2, 3, 4, 5, 9]) {
    it(`continues from a JSON state after ${consumed} words and a normal`, () => {
      const random = createRandom(3, 'state');
      for (let i = 0; i < consumed; i++) random.uint32();
      random.normal();
      const restored = restoreRandom(JSON.parse(JSON.stringify(random.state())));
      const next = (stream: typeof random) => draws(9, () => stream.normal()).concat(draws(5, () => stream.uint32()));
      assert.deepEqual(next(restored), next(random));
    });
  }

  for (const state of [
    null,
    {},
    { key: [1], block: 0, unused: 0, spareNormal: null },
    { key: [1, 2], block: -1, unused: 0, spareNormal: null },
    { key: [1, 2], block: 0, unused: 3, spareNormal: null },
  ]) {
    it(`refuses the state ${JSON.stringify(state)}`, () => {
      assert.throws(() => restoreRandom(state), { code: 'CHECKPOINT_MISMATCH' });
    });
  }

  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
    it(`refuses the seed ${seed}`, () => {
      assert.throws(() => createRandom(seed, 'x'), { code: 'INVALID_INPUT' });
    });
  }
});

describe('shuffling', () => {
  it('keeps every item and gives all six orders of three items about equally often', () => {
    const counts = new Map<string, number>();
    const random = createRandom(5, 'shuffle');
    for (let i = 0; i < 6000; i++) {
      const items = Int32Array.of(0, 1, 2);
      shuffle(items, random);
      counts.set(items.join(''), (counts.get(items.join('')) ?? 0) + 1);
    }
    assert.deepEqual([...counts.keys()].sort(), ['012', '021', '102', '120', '201', '210']);
    assert.ok([...counts.values()].every((count) => Math.abs(count - 1000) < 150));
  });
});
