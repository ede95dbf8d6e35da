/** The parts of a service whose parent is killed end, also when they were still loading. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../support/queue-service.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = await temporaryFolder();

/** Starts the entry with a channel, says its pid, and dies. */
const parent = `
const { spawn } = require('node:child_process');
const [entry] = process.argv.slice(1);
const { pid } = spawn(process.execPath, ['--import', 'tsx', entry], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
process.stdout.write(String(pid), () => process.kill(process.pid, 'SIGKILL'));
`;

for (const entry of ['src/api/server.ts', 'workers/main.ts']) {
  test(`${entry} ends when its parent was killed while it started`, { timeout: 300_000 }, async () => {
    // Nothing listens there: a service that goes on looks for Redis.
    const env = { ...process.env, STATE_DIR: folder, PORT: '0', WORKER_PORT: '0', REDIS_URL: 'redis://127.0.0.1:1' };
    const child = spawn(process.execPath, ['-e', parent, entry], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let pid = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      pid += text;
    });
    const [, signal] = await once(child, 'close');
    assert.equal(signal, 'SIGKILL');
    while (isAlive(Number(pid))) await sleep(100);
  });
}
