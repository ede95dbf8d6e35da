/** A folder for one test file, gone when its tests are over. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gradinit-test-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
