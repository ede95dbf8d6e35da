/** The README of a folder names every file and folder in it, and nothing that is not there. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');

for (const folder of ['src/engine/graph', 'src/engine/search']) {
  test(`${folder}/README.md names what lies there`, () => {
    const text = readFileSync(path.join(root, folder, 'README.md'), 'utf8');
    const entries = readdirSync(path.join(root, folder), { withFileTypes: true })
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .filter((name) => name !== 'README.md');
    assert.deepEqual(
      entries.filter((name) => !text.includes(name)),
      [],
    );
    const deep = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      path.basename(name),
    );
    const named = [...text.matchAll(/[a-z-]+(?:\.generated)?\.ts\b/g)].map(([name]) => name);
    assert.deepEqual(
      named.filter((name) => !deep.includes(name)),
      [],
    );
  });
}
