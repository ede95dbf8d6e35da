import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDraws, type Draws, replayDraws } from '../../../src/engine/feeding/draws.ts';

const take = (draws: Draws, count: number) => Array.from({ length: count }, () => Array.from(draws.next()));

test('an epoch holds every sample once, its last chunk short', () => {
  const draws = createDraws({ size: 10, seed: 1, batchSize: 4 });
  for (let epoch = 0; epoch < 3; epoch++) {
    const chunks = take(draws, 3);
    assert.deepEqual(
      chunks.map(({ length }) => length),
      [4, 4, 2],
    );
    assert.deepEqual(
      chunks.flat().sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  }
});

test('dropLast leaves the short chunk out', () => {
  const draws = createDraws({ size: 10, seed: 1, batchSize: 4, dropLast: true });
  assert.deepEqual(
    take(draws, 7).map(({ length }) => length),
    [4, 4, 4, 4, 4, 4, 4],
  );
});

test('epochs are shuffled anew', () => {
  const draws = createDraws({ size: 50, seed: 1, batchSize: 50 });
  const [first, second] = take(draws, 2);
  assert.notDeepEqual(first, second);
});

test('equal options give equal chunks, other seeds others', () => {
  const of = (seed: number) => take(createDraws({ size: 40, seed, batchSize: 7 }), 12);
  assert.deepEqual(of(5), of(5));
  assert.notDeepEqual(of(5), of(6));
});

test('a chunk belongs to its caller', () => {
  const [one, other] = [
    createDraws({ size: 8, seed: 1, batchSize: 4 }),
    createDraws({ size: 8, seed: 1, batchSize: 4 }),
  ];
  one.next().fill(0);
  other.next();
  assert.deepEqual(take(one, 1), take(other, 1));
});

for (const dropLast of [false, true]) {
  for (const done of [0, 1, 2, 3, 4, 7]) {
    test(`a restored order continues after ${done} chunks${dropLast ? ' with dropLast' : ''}`, () => {
      const options = { size: 10, seed: 3, batchSize: 4, dropLast };
      const original = createDraws(options);
      take(original, done);
      const state = JSON.parse(JSON.stringify(original.state()));
      const restored = createDraws(options);
      take(restored, 5);
      restored.restore(state);
      assert.deepEqual(take(restored, 9), take(original, 9));
    });
  }
}

test('a state is small whatever the size of the data', () => {
  const draws = createDraws({ size: 100_000, seed: 1, batchSize: 10 });
  draws.next();
  assert.ok(JSON.stringify(draws.state()).length < 500);
});

const foreign: readonly [string, unknown][] = [
  ['another size', createDraws({ size: 11, seed: 1, batchSize: 4 }).state()],
  ['null', null],
  ['a number', 7],
  [
    'a position beyond the data',
    { ...(createDraws({ size: 10, seed: 1, batchSize: 4 }).state() as object), position: 11 },
  ],
  ['no generator', { size: 10, position: 0 }],
];
for (const [title, state] of foreign) {
  test(`a saved order with ${title} is refused`, () => {
    assert.throws(() => createDraws({ size: 10, seed: 1, batchSize: 4 }).restore(state), {
      code: 'CHECKPOINT_MISMATCH',
    });
  });
}

test('recorded draws come in their order and end with an error', () => {
  const draws = replayDraws([[3, 1], [2], [0, 5]]);
  assert.deepEqual(take(draws, 2), [[3, 1], [2]]);
  const state = draws.state();
  assert.deepEqual(take(draws, 1), [[0, 5]]);
  assert.throws(() => draws.next(), { code: 'REPLAY_MALFORMED', message: /only 3 draws/ });
  draws.restore(state);
  assert.deepEqual(take(draws, 1), [[0, 5]]);
  assert.throws(() => draws.restore('x'), { code: 'CHECKPOINT_MISMATCH' });
});
