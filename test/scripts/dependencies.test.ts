import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { dependenciesInstalled } from '../../scripts/setup/dependencies.mjs';
import { projectRoot } from '../../scripts/setup/paths.mjs';

interface Entry {
  version?: string;
  integrity?: string;
  optional?: boolean;
  dev?: boolean;
  optionalDependencies?: Record<string, string>;
}
type Packages = Record<string, Entry>;

const wanted: Packages = {
  '': {},
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/b': { version: '2.0.0', integrity: 'sha512-b', dev: true },
  'node_modules/c': { version: '3.0.0', optional: true },
};
const { '': _root, 'node_modules/c': _c, ...complete } = wanted;
const { 'node_modules/b': _b, ...production } = complete;

const rows: { title: string; found: Packages | null; env?: NodeJS.ProcessEnv; expected: boolean }[] = [
  { title: 'everything but an optional package of another platform is there', found: complete, expected: true },
  { title: 'nothing is there, as after an interrupted npm ci', found: null, expected: false },
  { title: 'a package is missing', found: production, expected: false },
  {
    title: 'development packages may be missing in production',
    found: production,
    env: { NODE_ENV: 'production' },
    expected: true,
  },
  {
    title: 'development packages may be missing when npm omits them',
    found: production,
    env: { npm_config_omit: 'optional dev' },
    expected: true,
  },
  {
    title: 'a version differs',
    found: { ...complete, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } },
    expected: false,
  },
  {
    title: 'a checksum differs',
    found: { ...complete, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-x' } },
    expected: false,
  },
  {
    title: 'a package is there that the lock file no longer names',
    found: { ...complete, 'node_modules/z': { version: '1.0.0' } },
    expected: false,
  },
];

for (const { title, found, env = {}, expected } of rows) {
  test(`npm packages are ${expected ? 'complete' : 'installed again'}: ${title}`, async (t) => {
    const root = await mkdtemp(path.join(tmpdir(), 'gradinit-deps-'));
    t.after(() => rm(root, { recursive: true }));
    await mkdir(path.join(root, 'node_modules'));
    await writeFile(path.join(root, 'package-lock.json'), JSON.stringify({ packages: wanted }));
    if (found !== null)
      await writeFile(path.join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: found }));
    assert.equal(await dependenciesInstalled(root, env), expected);
  });
}

// npm ci refuses a lock file that lacks the entries of other platforms; npm leaves them out when its registry hides them.
test('package-lock.json names every optional package of every package', async () => {
  const packages: Packages = JSON.parse(await readFile(path.join(projectRoot, 'package-lock.json'), 'utf8')).packages;
  const names = new Set(
    Object.keys(packages).map((place) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)),
  );
  for (const [place, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies))
      assert.ok(names.has(name), `${name} of ${place} has no entry`);
  }
});
