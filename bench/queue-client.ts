/** A queue for benchmarks, with its own Valkey in a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startValkey } from '../src/local/valkey.ts';
import { createQueueClient } from '../src/queue/index.ts';

export async function startQueue() {
  const folder = await mkdtemp(path.join(tmpdir(), 'gradinit-bench-'));
  const valkey = await startValkey({ folder: path.join(folder, 'valkey') });
  const client = createQueueClient(
    {
      redisUrl: valkey.url,
      queuePrefix: '{gradinit}',
      redisTimeoutSeconds: 5,
      idempotencySeconds: 3600,
      maxQueueSeconds: 3600,
      maxPausedSeconds: 3600,
      eventsPerJob: 2000,
      maxQueuedJobsPerKey: 100_000,
      name: 'bench',
    },
    { warn: () => {}, info: () => {} },
  );
  await client.ready();
  return {
    folder,
    url: valkey.url,
    client,
    async stop() {
      await client.close();
      await valkey.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
