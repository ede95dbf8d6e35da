/** Runs the API in a separate process with its own Valkey and without workers, for benchmarks of the API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { childEnvironment } from '../src/config/config.ts';
import { startValkey } from '../src/local/valkey.ts';

/** Milliseconds per clock tick, in which Linux counts processor time. */
const msPerTick = 10;

export interface Server {
  readonly url: string;
  readonly redisUrl: string;
  residentBytes(): Promise<number>;
  /** User and system time of the process so far, in milliseconds. */
  cpuMs(): Promise<number>;
  /** The longest turn of its event loop since the last call, in milliseconds. */
  longestTurnMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts both on free ports; all their files are in `stateDir`. */
export async function startServer(stateDir: string): Promise<Server> {
  const valkey = await startValkey({ folder: path.join(stateDir, 'valkey') });
  const env = childEnvironment({
    PORT: '0',
    STATE_DIR: stateDir,
    REDIS_URL: valkey.url,
    LOG_LEVEL: 'info',
    MAX_QUEUED_JOBS_PER_KEY: '10000000',
  });
  const entry = path.resolve(import.meta.dirname, '../src/api/server.ts');
  const monitor = path.resolve(import.meta.dirname, 'loop-monitor.mjs');
  const child = spawn(process.execPath, [...process.execArgv, '--import', monitor, entry], {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = await listeningUrl(child);
  return {
    url,
    redisUrl: valkey.url,
    async residentBytes() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    },
    async cpuMs() {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) * msPerTick;
    },
    async longestTurnMs() {
      const answered = once(child, 'message');
      child.send('longest turn');
      const [{ longestTurnMs }] = (await answered) as [{ longestTurnMs: number }];
      return longestTurnMs;
    },
    async stop() {
      child.kill();
      await once(child, 'exit');
      await valkey.stop();
    },
  };
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    const line = text.split('\n').find((candidate) => candidate.includes('"msg":"listening"'));
    if (line === undefined) continue;
    // The rest of the log is discarded.
    child.stdout?.resume();
    return (JSON.parse(line) as { url: string }).url;
  }
  throw new Error(`the API did not start: ${text}`);
}
