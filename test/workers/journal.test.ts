import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IterationMetrics } from '../../src/engine/run.ts';
import { createJournal } from '../../workers/journal.ts';
import type { FromChild } from '../../workers/messages.ts';

function metrics(iteration: number, more: Partial<IterationMetrics> = {}): IterationMetrics {
  return {
    iteration,
    iterations: 10,
    branch: 'objective',
    loss: 1,
    gradientNorm: 2,
    objective: 3,
    seconds: 0.5,
    scales: { w: 1 },
    ...more,
  };
}

function record(options: Parameters<typeof createJournal>[1]) {
  const sent: FromChild[] = [];
  return { sent, journal: createJournal((message) => sent.push(message), options) };
}

test('progress is told now and then, and the last iteration always', () => {
  const { sent, journal } = record({ progressMs: 1e9 });
  for (let at = 0; at < 10; at += 1) journal.onIteration(metrics(at));
  assert.deepEqual(
    sent.map((message) => message.type === 'progress' && message.line.iteration),
    [0, 9],
  );
});

test('scales are told some sixty times in a phase, those of its first and last iteration always, and of a bounded number of parameters', () => {
  const { sent, journal } = record({ progressMs: 0 });
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`w${at}`, 1 / 3]));
  for (let at = 0; at < 601; at += 1) journal.onIteration(metrics(at, { iterations: 601, scales: many }));
  const told = sent.flatMap((message) => (message.type === 'progress' && message.scales ? [message] : []));
  assert.deepEqual([told[0]?.line.iteration, told.at(-1)?.line.iteration], [0, 600]);
  assert.ok(told.length > 40 && told.length <= 61, `${told.length} times`);
  const { scales } = told[0] as { scales: Record<string, number> };
  assert.deepEqual([Object.keys(scales).length, scales.w0], [500, 0.3333]);
});

test('what was held back is told when the loop ends early', () => {
  const { sent, journal } = record({ progressMs: 1e9 });
  for (let at = 0; at < 5; at += 1) journal.onIteration(metrics(at));
  journal.flush();
  journal.flush();
  assert.deepEqual(
    sent.map((message) => message.type === 'progress' && message.line.iteration),
    [0, 4],
  );
});

test('the first iteration, which builds graphs, does not count for the time of one', () => {
  const { sent, journal } = record({ progressMs: 0 });
  journal.onIteration(metrics(0, { seconds: 100 }));
  journal.onIteration(metrics(1, { seconds: 0.25 }));
  assert.deepEqual(
    sent.map((message) => message.type === 'progress' && message.secondsPerIteration),
    [null, 0.25],
  );
});

test('the place is the phase and its iterations; times of one phase do not count for the next', () => {
  const { sent, journal } = record({ progressMs: 0 });
  journal.enter('initializing');
  for (let at = 0; at < 3; at += 1) journal.onIteration(metrics(at, { seconds: 9 }));
  assert.deepEqual(journal.place(), { phase: 'initializing', iteration: 3 });
  journal.enter('training');
  assert.deepEqual(journal.place(), { phase: 'training', iteration: 0 });
  journal.onIteration(metrics(0));
  const last = sent.at(-1);
  assert.ok(last?.type === 'progress' && last.secondsPerIteration === null && !('scales' in last.line));
});

for (const [name, value] of [
  ['loss', Number.NaN],
  ['gradientNorm', Number.POSITIVE_INFINITY],
] as const) {
  test(`a ${name} of ${value} fails the run instead of becoming null on the way`, () => {
    const { sent, journal } = record({ progressMs: 0 });
    assert.throws(() => journal.onIteration(metrics(7, { [name]: value })), {
      code: 'DIVERGED',
      message: `iteration 7: ${name} is ${value}`,
    });
    assert.deepEqual(sent, []);
  });
}
