/** A disk that is full or read-only: failures that a later try may mend, told without a path of the server; readiness sees them. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createReadiness } from '../../src/api/readiness.ts';
import { createLocalBlobStore } from '../../src/storage/local.ts';
import { createLocalContentStore } from '../../src/storage/local-content.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Outcome {
  readonly code: string;
  readonly message: string;
  readonly permanent: boolean;
}

function mountProblem(): string | false {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'SKIPPED: this process may not mount file systems (unshare -m), so full and read-only disks were not tried';
  }
}

test('on a full and on a read-only disk everything fails for now, and no message names a path', {
  skip: mountProblem(),
}, async () => {
  const root = await temporaryFolder();
  const script = path.resolve(import.meta.dirname, '..', 'support', 'disk-faults.ts');
  const args = ['-m', process.execPath, '--import', 'tsx', script, root];
  const { stdout } = await promisify(execFile)('unshare', args);
  const { full, readOnly } = JSON.parse(stdout) as Record<string, Record<string, Outcome>>;
  for (const [outcomes, reason] of [
    [full, /the disk is full \(ENOSPC\)$/],
    [readOnly, /the disk is read-only \(EROFS\)$/],
  ] as const) {
    for (const [action, outcome] of Object.entries(outcomes ?? {})) {
      assert.deepEqual(
        [outcome.code, outcome.permanent],
        ['STORE_UNAVAILABLE', false],
        `${action}: ${JSON.stringify(outcome)}`,
      );
      assert.match(outcome.message, reason, action);
      assert.ok(!outcome.message.includes(root) && !outcome.message.includes('/'), outcome.message);
    }
  }
});

test('readiness says that the store cannot be written, and why', async () => {
  const root = await temporaryFolder();
  await writeFile(path.join(root, 'file'), '');
  const queue = {
    health: async () => ({ problem: null, warnings: [] }),
    workers: async () => [],
  } as unknown as Parameters<typeof createReadiness>[0]['queue'];
  const stores = {
    artifacts: createLocalBlobStore({ root: path.join(root, 'file', 'artifacts') }),
    contents: createLocalContentStore({ root: path.join(root, 'contents') }),
  };
  const { ready, checks } = await createReadiness({ queue, stores })();
  assert.deepEqual(
    [ready, checks.store],
    [
      false,
      { ok: false, detail: 'the store of artifacts cannot be used: a file is where a folder should be (ENOTDIR)' },
    ],
  );
});

for (const text of [
  '',
  '{',
  '{}',
  '{"publishedAt":"x","files":[]}',
  '{"publishedAt":"2026-01-01T00:00:00Z","files":[{}]}',
]) {
  test(`a manifest of ${JSON.stringify(text)} is a coded error, and can be removed`, async () => {
    const root = await temporaryFolder();
    const store = createLocalBlobStore({ root });
    await mkdir(path.join(root, 'job_a'));
    await writeFile(path.join(root, 'job_a', 'blob.json'), text);
    for (const action of [() => store.list('job_a'), () => store.stat('job_a', 'x'), () => store.open('job_a', 'x')])
      await assert.rejects(action, { code: 'STORE_CORRUPT', message: /^the manifest of job_a is damaged/ });
    await store.remove('job_a');
    assert.equal(await store.list('job_a'), null);
  });
}
