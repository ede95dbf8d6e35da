import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DrawPlan, halvesPlan, thirdsPlan } from '../../../src/engine/feeding/draw-plan.ts';
import { createDraws, replayDraws } from '../../../src/engine/feeding/draws.ts';

const recorded = Array.from({ length: 16 }, (_, index) => [2 * index, 2 * index + 1]);
const list = (values: ArrayLike<number>) => Array.from(values);
/** Chunk names for short: a = first draw, and so on, two samples each. */
const chunks = (...names: string[]) => names.flatMap((name) => recorded[name.charCodeAt(0) - 97] as number[]);

test('overlapping halves: S = ab, S~ = ac, and the next S starts after c', () => {
  const plan = halvesPlan(replayDraws(recorded), true);
  assert.deepEqual(list(plan.next()), chunks('a', 'b'));
  assert.deepEqual(list(plan.peekStepped()), chunks('a', 'c'));
  plan.takeStepped();
  assert.deepEqual(list(plan.next()), chunks('d', 'e'));
});

test('fresh halves: S = ab, S~ = dc', () => {
  const plan = halvesPlan(replayDraws(recorded), false);
  plan.next();
  assert.deepEqual(list(plan.peekStepped()), chunks('d', 'c'));
  plan.takeStepped();
  assert.deepEqual(list(plan.next()), chunks('e', 'f'));
});

test('the constraint branch draws nothing more: what was looked at for nothing becomes the next S', () => {
  for (const overlap of [true, false]) {
    const plan = halvesPlan(replayDraws(recorded), overlap);
    plan.next();
    plan.peekStepped();
    assert.deepEqual(list(plan.next()), chunks('c', 'd'));
    assert.deepEqual(list(plan.peekStepped()), overlap ? chunks('c', 'e') : chunks('f', 'e'));
  }
});

test('looking twice shows the same', () => {
  const plan = halvesPlan(replayDraws(recorded), false);
  plan.next();
  assert.deepEqual(list(plan.peekStepped()), list(plan.peekStepped()));
});

test('the branches decide the position in the data, guesses do not', () => {
  const branches = ['constraint', 'objective', 'objective', 'constraint', 'objective'] as const;
  const samples = (guess: (index: number) => boolean) => {
    const plan = halvesPlan(replayDraws(recorded), true);
    return branches.map((branch, index) => {
      const s = list(plan.next());
      if (guess(index) || branch === 'objective') plan.peekStepped();
      if (branch === 'constraint') return [s];
      const stepped = list(plan.peekStepped());
      plan.takeStepped();
      return [s, stepped];
    });
  };
  assert.deepEqual(
    samples(() => true),
    samples(() => false),
  );
});

test('at the end of recorded draws there is no S~ to look at', () => {
  for (const [overlap, left] of [
    [true, 1],
    [false, 2],
  ] as const) {
    const plan = halvesPlan(replayDraws(recorded.slice(0, 2 + left)), overlap);
    plan.next();
    assert.equal(plan.hasStepped(), true);
    plan.peekStepped();
    assert.equal(plan.hasStepped(), true);
    plan.takeStepped();
    assert.equal(plan.hasStepped(), false);
  }
});

test('thirds: S is the first two thirds of a draw, S~ the last two, the rest goes to S~', () => {
  const plan = thirdsPlan(
    replayDraws([
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8, 9, 10],
    ]),
  );
  assert.deepEqual(list(plan.next()), [0, 1, 2, 3]);
  assert.deepEqual(list(plan.peekStepped()), [2, 3, 4, 5, 6, 7]);
  assert.deepEqual(list(plan.next()), [8, 9]);
  assert.deepEqual(list(plan.peekStepped()), [9, 10]);
});

const plans: Readonly<Record<string, () => DrawPlan>> = {
  overlapping: () => halvesPlan(createDraws({ size: 21, seed: 4, batchSize: 4 }), true),
  fresh: () => halvesPlan(createDraws({ size: 21, seed: 4, batchSize: 4 }), false),
  thirds: () => thirdsPlan(createDraws({ size: 21, seed: 4, batchSize: 9 })),
};
for (const [name, make] of Object.entries(plans)) {
  test(`a ${name} plan restored between two iterations continues as if nothing had happened`, () => {
    const iterate = (plan: DrawPlan, branch: boolean) => {
      const s = list(plan.next());
      const stepped = list(plan.peekStepped()); // a guess, wrong when branch is false
      if (branch) plan.takeStepped();
      return [s, stepped];
    };
    for (let done = 0; done < 7; done++) {
      const original = make();
      for (let index = 0; index < done; index++) iterate(original, index % 3 === 0);
      const restored = make();
      iterate(restored, true);
      restored.restore(JSON.parse(JSON.stringify(original.state())));
      for (let index = 0; index < 8; index++)
        assert.deepEqual(iterate(restored, index % 2 === 0), iterate(original, index % 2 === 0));
    }
  });
}
