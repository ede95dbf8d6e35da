import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { readCommit } from '../src/version.ts';
import { temporaryFolder } from './support/temporary.ts';

const sha = '0123456789abcdef0123456789abcdef01234567';

async function checkout(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
  return root;
}

const main = { '.git/HEAD': 'ref: refs/heads/main\n' };
for (const [what, files, commit] of [
  ['a branch', { ...main, '.git/refs/heads/main': `${sha}\n` }, sha],
  ['a branch that is packed', { ...main, '.git/packed-refs': `# pack-refs\n${sha} refs/heads/main\n` }, sha],
  ['no branch', { '.git/HEAD': `${sha}\n` }, sha],
  [
    'a further work tree',
    {
      'work/.git': 'gitdir: ../repo/worktrees/w\n',
      'repo/worktrees/w/HEAD': 'ref: refs/heads/w\n',
      'repo/worktrees/w/commondir': '../..\n',
      'repo/refs/heads/w': `${sha}\n`,
    },
    sha,
  ],
  ['a branch without a commit', main, null],
  ['no checkout', {}, null],
] as const)
  test(`the commit of a checkout: ${what}`, async () => {
    const root = await checkout(files);
    assert.equal(readCommit('work/.git' in files ? path.join(root, 'work') : root), commit);
  });
