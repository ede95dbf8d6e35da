import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { listFiles } from './import-graph.ts';

const root = path.resolve(import.meta.dirname, '..');
const longest = 300;
/** Written by a script. */
const generated = ['src/client/generated.ts', 'src/engine/graph/operation-inputs.generated.ts'];

test(`no source file has more than ${longest} lines`, () => {
  const folders = ['src', 'workers', 'scripts', 'test', 'bench', 'examples'].filter((folder) =>
    existsSync(path.join(root, folder)),
  );
  const tooLong = listFiles(root, folders, ['.ts', '.mts', '.js', '.mjs'])
    .filter((file) => !generated.includes(file))
    .map((file) => ({ file, lines: readFileSync(path.join(root, file), 'utf8').trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > longest);
  assert.deepEqual(tooLong, []);
});
