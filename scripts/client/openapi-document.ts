/** Creates the OpenAPI document of the application without a running server, queue or store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApiServices, httpOptions } from '../../src/api/api-services.ts';
import { createApp } from '../../src/api/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import { storageOptions } from '../../src/config/stores.ts';
import { createLog } from '../../src/http/log.ts';
import { createInspector } from '../../src/jobs/inspect/inspector.ts';
import { createQueueClient } from '../../src/queue/index.ts';
import { openStores } from '../../src/storage/index.ts';

/** An address without a server; the document is created without a connection. */
const unusedUrl = 'redis://127.0.0.1:1';

export async function openApiDocument() {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'gradinit-openapi-'));
  const config = loadConfig({ STATE_DIR: stateDir, REDIS_URL: unusedUrl });
  const log = createLog({ level: 'silent', name: 'openapi' });
  const stores = await openStores(storageOptions(config));
  const queue = createQueueClient({ ...config, redisUrl: unusedUrl, name: 'openapi' }, log);
  const inspector = createInspector({ idleMs: 1000, timeoutMs: 1000 });
  try {
    const app = await createApp(createApiServices(config, { queue, stores, inspector }), httpOptions(config), log);
    await app.ready();
    const document = app.swagger();
    await app.close();
    if (!('openapi' in document)) throw new Error('the application describes itself in another format than OpenAPI 3');
    return document;
  } finally {
    inspector.close();
    await queue.close();
    stores.close();
    await rm(stateDir, { recursive: true, force: true });
  }
}
