/** The documents say what the code does. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fillSections } from '../../scripts/docs/fill.ts';
import { optionTable } from '../../scripts/docs/option-table.ts';
import { sections } from '../../scripts/docs/sections.ts';
import { projectRoot } from '../../scripts/setup/paths.mjs';

const inDocs = readdirSync(path.join(projectRoot, 'docs')).map((name) => `docs/${name}`);
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/models/README.md', ...inDocs].filter(
  (name) => name.endsWith('.md'),
);
const read = (name: string) => readFileSync(path.join(projectRoot, name), 'utf8');

for (const name of documents) {
  test(`${name}: the generated parts are up to date (npm run docs:tables)`, () => {
    assert.equal(read(name), fillSections(read(name), sections));
  });

  test(`${name}: links lead to files that exist`, () => {
    const links = [...read(name).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => !existsSync(path.resolve(projectRoot, path.dirname(name), target)));
    assert.deepEqual(broken, []);
  });

  test(`${name}: the npm scripts that it names exist`, () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(name).matchAll(/npm run (?:--silent )?([a-z](?:[a-z0-9:-]*[a-z0-9])?)/g)].map(
      ([, script = '']) => script,
    );
    assert.deepEqual(
      named.filter((script) => !Object.hasOwn(scripts, script)),
      [],
    );
  });
}

test('the README has the table of the configuration, as the issue of every variable wants it', () => {
  assert.match(read('README.md'), /<!-- generated: configuration -->/);
});

test('an unknown section is refused', () => {
  assert.throws(
    () => fillSections('<!-- generated: nothing -->\n<!-- end -->', sections),
    /no section is called nothing/,
  );
});

test('options become rows with their values, default and meaning', () => {
  const schema = {
    properties: {
      eta: { type: 'number', exclusiveMinimum: 0, default: 0.1, description: 'Length | of the step.' },
      mode: { anyOf: [{ const: 'a' }, { type: 'null' }] },
    },
  };
  assert.equal(
    optionTable(schema),
    [
      '| option | values | default | meaning |',
      '|---|---|---|---|',
      '| `eta` | number > 0 | `0.1` | Length \\| of the step. |',
      '| `mode` | `a`, null |  |  |',
    ].join('\n'),
  );
});
