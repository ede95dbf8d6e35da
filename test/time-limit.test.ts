import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { timeoutSignal } from '../src/time-limit.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('a time limit that is one of several signals is kept until it is over', async () => {
  const isOver = () =>
    new Promise<string>((resolve) => {
      const signal = AbortSignal.any([new AbortController().signal, timeoutSignal(100)]);
      signal.addEventListener('abort', () => resolve((signal.reason as Error).name), { once: true });
    });
  const limits = Promise.all(Array.from({ length: 50 }, isOver));
  // The timers of the limits do not keep the process alive.
  const timer = setInterval(collectGarbage, 20);
  assert.deepEqual(new Set(await limits.finally(() => clearInterval(timer))), new Set(['TimeoutError']));
});
