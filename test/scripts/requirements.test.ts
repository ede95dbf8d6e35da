import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkCache, checkTools } from '../../scripts/setup/requirements.mjs';

/** A PATH that holds nothing but the given scripts. */
async function pathWith(t: TestContext, tools: Record<string, string>): Promise<NodeJS.ProcessEnv> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gradinit-path-'));
  t.after(() => rm(directory, { recursive: true }));
  for (const [name, script] of Object.entries(tools)) {
    await writeFile(path.join(directory, name), `#!/bin/sh\n${script}\n`);
    await chmod(path.join(directory, name), 0o755);
  }
  return { PATH: directory };
}

const everything = { python: true, compiler: true };

test('all missing tools are told at once, each with its fix', async (t) => {
  await assert.rejects(checkTools(everything, await pathWith(t, {})), (error: Error) => {
    assert.match(error.message, /python3 was not found .*apt-get install -y python3 python3-pip/);
    assert.match(error.message, /g\+\+ was not found; fix: .*apt-get install -y g\+\+ .*dnf install -y gcc-c\+\+/);
    return true;
  });
});

test('a Python without pip is told as such', async (t) => {
  const env = await pathWith(t, { python3: '[ "$1" = --version ]', 'g++': 'exit 0' });
  await assert.rejects(checkTools(everything, env), /pip for python3 was not found; fix: .*python3-pip/);
});

test('tools that no coming step uses may be missing', async (t) => {
  await checkTools({ python: false, compiler: false }, await pathWith(t, {}));
  await checkTools(everything, await pathWith(t, { python3: 'exit 0', 'g++': 'exit 0' }));
});

test('a cache folder that cannot be made is refused with its path and the fix', async () => {
  await assert.rejects(
    checkCache('/dev/null/cache', 'cpu'),
    /cache folder \/dev\/null\/cache cannot be written .*GRADINIT_CACHE_DIR/,
  );
});
