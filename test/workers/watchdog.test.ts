import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../support/queue-service.ts';

const parentScript = path.join(import.meta.dirname, '..', 'support', 'parent-of-child.ts');

/** Starts a parent with one child, as a worker has it. Both pids; what the child was made to do has begun. */
async function startFamily(doing: string): Promise<{ parent: number; child: number }> {
  const parent = spawn(process.execPath, ['--import', 'tsx', parentScript, doing], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  after(() => parent.kill('SIGKILL'));
  let output = '';
  for await (const text of parent.stdout.setEncoding('utf8')) {
    output += text;
    const pid = /^child (\d+)\n/m.exec(output)?.[1];
    if (pid !== undefined && output.includes('doing it\n')) return { parent: parent.pid as number, child: Number(pid) };
  }
  throw new Error(`the parent ended: ${output}`);
}

for (const doing of ['iterating', 'blocked'] as const) {
  test(`a child that is ${doing} is soon gone after its parent's SIGKILL`, async () => {
    const { parent, child } = await startFamily(doing);
    assert.ok(isAlive(child));
    process.kill(parent, 'SIGKILL');
    const killedAt = performance.now();
    while (isAlive(child) && performance.now() - killedAt < 5000) await sleep(10);
    // A quarter of a second by itself, more on a busy machine; a blocked iteration takes longer than the limit here.
    assert.ok(!isAlive(child), 'the child outlives its parent');
  });
}
