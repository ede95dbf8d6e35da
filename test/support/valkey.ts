/** A real Valkey for one test file, on a free port, removed with its data after the tests. */

import path from 'node:path';
import { startValkey, type Valkey } from '../../src/local/valkey.ts';
import { atEnd } from './at-end.ts';
import { temporaryFolder } from './temporary.ts';

export interface TestValkey {
  readonly url: string;
  readonly port: number;
  /** Ends the server; its data are kept. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts the server again on the same port with its data. */
  start(): Promise<void>;
  /** Stops the server from answering without closing connections. */
  pause(): void;
  resume(): void;
}

export async function testValkey(): Promise<TestValkey> {
  const folder = path.join(await temporaryFolder(), 'valkey');
  let server: Valkey = await startValkey({ folder });
  atEnd(() => server.stop('SIGKILL'));
  const { url, port } = server;
  return {
    url,
    port,
    stop: (signal) => server.stop(signal),
    pause: () => void process.kill(server.pid, 'SIGSTOP'),
    resume: () => void process.kill(server.pid, 'SIGCONT'),
    start: async () => {
      server = await startValkey({ folder, port });
    },
  };
}
