/** The examples in comments of the engine run, and print what they say. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { listFiles } from '../import-graph.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The code of every example, and the lines `// ...` after a call of console.log: what it prints. */
function examplesOf(file: string): { code: string; prints: string[] }[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/^ \* @example\n \* ```ts\n((?: \*.*\n)*?) \* ```$/gm)].map(([, block = '']) => {
    const code = block.replaceAll(/^ \* ?/gm, '');
    return { code, prints: [...code.matchAll(/^\/\/ (.*)$/gm)].map(([, line = '']) => line) };
  });
}

const found = listFiles(root, ['src/engine'], ['.ts']).flatMap((file) =>
  examplesOf(file).map((example) => ({ file, ...example })),
);

test('the engine has examples', () => assert.ok(found.length >= 4));

for (const { file, code, prints } of found) {
  test(`the example of ${file} prints what it says`, async () => {
    const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    assert.deepEqual(stdout.trim().split('\n'), prints);
  });
}
