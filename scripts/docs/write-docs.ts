/** npm run docs:tables: rewrites the generated parts of README.md and docs/*.md. test/docs/generated.test.ts fails when they are not up to date. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { projectRoot } from '../setup/paths.mjs';
import { fillSections } from './fill.ts';
import { sections } from './sections.ts';

const documents = (await readdir(path.join(projectRoot, 'docs')))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

for (const name of ['README.md', ...documents]) {
  const file = path.join(projectRoot, name);
  const before = await readFile(file, 'utf8');
  const after = fillSections(before, sections);
  if (after === before) continue;
  await writeFile(file, after);
  console.log(`wrote ${name}`);
}
