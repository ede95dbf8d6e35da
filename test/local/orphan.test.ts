/** Servers that outlived their starting process, with real ones. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { endOrphan, pidFileOf } from '../../src/local/orphan.ts';
import { startValkey } from '../../src/local/valkey.ts';
import { atEnd } from '../support/at-end.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = await temporaryFolder();
const folder = path.join(root, 'own');
const server = await startValkey({ folder, settings: ['--pidfile', pidFileOf(folder)] });
atEnd(() => server.stop('SIGKILL'));
let isRunning = true;
void server.exited.then(() => {
  isRunning = false;
});

for (const [title, pid] of [
  ['of a server of another folder', server.pid],
  ['of a process that is no server', process.pid],
  ['that is no number', 'x'],
] as const)
  test(`a pid ${title} is left alone`, async () => {
    const other = path.join(root, 'other');
    await mkdir(other, { recursive: true });
    await writeFile(pidFileOf(other), `${pid}\n`);
    await endOrphan(other);
    process.kill(server.pid, 0);
    assert.ok(isRunning);
  });

test('a folder without a pid file has no server', () => endOrphan(path.join(root, 'none')));

test('the server of the folder is ended', async () => {
  await endOrphan(folder);
  await server.exited;
  assert.ok(!isRunning);
});
