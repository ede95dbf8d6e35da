/** The tests of the Python package, against a service of this file. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { preparePython } from '../support/python.ts';
import { runningService } from '../support/service.ts';

const folder = path.join(projectRoot, 'clients', 'python');

test('the Python package does what its tests say', async (t) => {
  const python = await preparePython(['httpx==0.28.1', 'httpx-sse==0.4.3', 'numpy>=1.26,<3', 'tqdm==4.70.1']);
  if (typeof python === 'string') return t.skip(python);
  const service = await runningService();
  const env = {
    ...python.env,
    PYTHONPATH: [path.join(folder, 'src'), python.env.PYTHONPATH].join(path.delimiter),
    GRADINIT_URL: service.url,
  };
  const { status, stderr } = spawnSync(
    python.command,
    ['-m', 'unittest', 'discover', '-s', path.join(folder, 'tests')],
    {
      env,
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, stderr);
  assert.match(stderr, /Ran \d\d tests/);
});
