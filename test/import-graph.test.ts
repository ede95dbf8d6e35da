import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { findCycles, type Import, loadedBy, readImports } from './import-graph.ts';

const rows: { line: string; expected: Omit<Import, 'from'>[] }[] = [
  { line: "import { a } from './b.ts';", expected: [{ to: 'src/b.ts', typeOnly: false, dynamic: false }] },
  { line: "import type { A } from '../c/d.ts';", expected: [{ to: 'c/d.ts', typeOnly: true, dynamic: false }] },
  {
    line: "import {\n  a,\n  type B,\n} from './b.ts';",
    expected: [{ to: 'src/b.ts', typeOnly: false, dynamic: false }],
  },
  { line: "export * from './b.ts';", expected: [{ to: 'src/b.ts', typeOnly: false, dynamic: false }] },
  { line: "import './b.ts';", expected: [{ to: 'src/b.ts', typeOnly: false, dynamic: false }] },
  { line: "const a = await import('./b.ts');", expected: [{ to: 'src/b.ts', typeOnly: false, dynamic: true }] },
  { line: "import { a } from '@scope/name/deep';", expected: [{ to: '@scope/name', typeOnly: false, dynamic: false }] },
  { line: "import { a } from 'name/deep';", expected: [{ to: 'name', typeOnly: false, dynamic: false }] },
  {
    line: "import fs from 'node:fs/promises';",
    expected: [{ to: 'node:fs/promises', typeOnly: false, dynamic: false }],
  },
  {
    line: "const tf = createRequire(import.meta.url)('@scope/name');",
    expected: [{ to: '@scope/name', typeOnly: false, dynamic: true }],
  },
  { line: "const text = 'nothing is imported from here';", expected: [] },
  { line: "export const text = 'x';\nconst y = 'from';", expected: [] },
];

for (const { line, expected } of rows) {
  test(`the imports of ${JSON.stringify(line)} are read`, (t) => {
    const root = mkdtempSync(path.join(tmpdir(), 'gradinit-imports-'));
    t.after(() => rmSync(root, { recursive: true }));
    mkdirSync(path.join(root, 'src'));
    writeFileSync(path.join(root, 'src', 'a.ts'), `${line}\n`);
    assert.deepEqual(
      readImports(root, ['src/a.ts']),
      expected.map((entry) => ({ ...entry, from: 'src/a.ts' })),
    );
  });
}

const edge = (from: string, to: string, typeOnly = false): Import => ({ from, to, typeOnly, dynamic: false });

test('a cycle is found with its path, and a diamond is none', () => {
  assert.deepEqual(findCycles([edge('a', 'b'), edge('b', 'c'), edge('c', 'b')]), [['b', 'c', 'b']]);
  assert.deepEqual(findCycles([edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')]), []);
});

test('types are not loaded', () => {
  assert.deepEqual([...loadedBy('a', [edge('a', 'b'), edge('b', 'c', true), edge('b', 'd')])], ['a', 'b', 'd']);
});
