/** Starts an API in a separate process, for tests with several of them. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';

const root = path.resolve(import.meta.dirname, '..', '..');

/** Returns the URL. The process ends after the tests of the file. */
export async function startApiProcess(environment: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/api/server.ts'], {
    cwd: root,
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  after(() => child.kill('SIGKILL'));
  process.once('exit', () => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, docs } = JSON.parse(line) as { msg?: string; docs?: string };
    // The pipe is read to the end, so that it does not fill up.
    if (msg === 'listening' && docs !== undefined) {
      child.stdout.resume();
      return docs.replace(/\/docs$/, '');
    }
  }
  throw new Error('the API ended before it listened');
}
