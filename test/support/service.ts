/** The whole service as users start it, for one test file: queue, API and a CPU worker on free ports. */

import path from 'node:path';
import { after } from 'node:test';
import { type ServiceProcess, startService } from '../../src/cli/service-process.ts';
import { temporaryFolder } from './temporary.ts';

/** Stopped after the tests of the file. */
export async function runningService(env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
  const stateDir = path.join(await temporaryFolder(), 'state');
  const service = await startService({ stateDir, env: { DEVICES: 'cpu', TF_NUM_INTRAOP_THREADS: '1', ...env } });
  after(() => service.stop());
  return service;
}
