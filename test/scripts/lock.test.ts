import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '../../scripts/setup/lock.mjs';

test('work under one name never overlaps, and the waiting side is told', async () => {
  const name = randomUUID();
  let inside = 0;
  let waited = 0;
  const work = async () => {
    inside += 1;
    assert.equal(inside, 1);
    await sleep(30);
    inside -= 1;
  };
  const onWait = () => {
    waited += 1;
  };
  await Promise.all([1, 2, 3].map(() => withLock(name, work, { onWait, pollMs: 5 })));
  assert.equal(waited, 2);
});

test('different names do not wait for each other', async () => {
  await withLock(randomUUID(), () => withLock(randomUUID(), async () => {}));
});

test('the lock is free again after work that failed', async () => {
  const name = randomUUID();
  await assert.rejects(
    withLock(name, async () => {
      throw new Error('broken');
    }),
    /broken/,
  );
  assert.equal(await withLock(name, async () => 'second'), 'second');
});

test('the lock of a killed process is free at once', async () => {
  const name = randomUUID();
  const module = new URL('../../scripts/setup/lock.mjs', import.meta.url).href;
  const script = `const { withLock } = await import(${JSON.stringify(module)});
    await withLock(${JSON.stringify(name)}, async () => { console.log('held'); await new Promise((done) => setTimeout(done, 60_000)); });`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  let waited = false;
  const second = withLock(name, async () => 'ours', {
    pollMs: 5,
    onWait: () => {
      waited = true;
      holder.kill('SIGKILL');
    },
  });
  assert.equal(await second, 'ours');
  assert.ok(waited);
});
