import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createCheckpointer } from '../../workers/checkpointer.ts';

function checkpointer(more: Partial<Parameters<typeof createCheckpointer>[0]> = {}) {
  const written: unknown[] = [];
  const errors: unknown[] = [];
  const write = async (state: unknown) => {
    written.push(state);
    return 1;
  };
  const onError = (error: unknown) => void errors.push(error);
  return { written, errors, ...createCheckpointer({ checkpointMs: 0, bytesPerSecond: 1e12, write, onError, ...more }) };
}

test('states that come while one is being written are not asked for, but the last of them when the run stops', async () => {
  let finish = () => {};
  const written: unknown[] = [];
  const write = (state: unknown) => {
    written.push(state);
    return new Promise<number>((resolve) => {
      finish = () => resolve(1);
    });
  };
  const { saveState, settle } = checkpointer({ write });
  for (let at = 0; at < 5; at += 1) saveState(() => at);
  assert.deepEqual(written, [0]);
  const settled = settle();
  finish();
  await turn();
  finish();
  await settled;
  assert.deepEqual(written, [0, 4]);
});

test('a large checkpoint is followed by a pause that keeps the mean rate', async () => {
  const { written, saveState, settle } = checkpointer({
    bytesPerSecond: 1e-3,
    write: async (state) => {
      written.push(state);
      return 1;
    },
  });
  for (let at = 0; at < 5; at += 1) {
    saveState(() => at);
    await turn();
  }
  assert.deepEqual(written, [0]);
  await settle();
  assert.deepEqual(written, [0, 4], 'the end of the run is no matter of rates');
});

test('a state that was written is not written again, and a run without a state has none', async () => {
  const { written, saveState, settle } = checkpointer();
  await settle();
  saveState(() => 'only');
  await settle();
  await settle();
  assert.deepEqual(written, ['only']);
});

test('a failure is told and costs no run; the next state is tried again', async () => {
  let fails = true;
  const { errors, written, saveState, settle } = checkpointer({
    write: async (state) => {
      if (fails) throw new Error('the store is away');
      written.push(state);
      return 1;
    },
  });
  saveState(() => 1);
  await settle();
  fails = false;
  saveState(() => 2);
  await settle();
  assert.deepEqual([errors.map(String), written], [['Error: the store is away'], [2]]);
});
