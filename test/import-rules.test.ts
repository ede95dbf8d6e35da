/** The architecture, held by the import lines: docs/architecture.md explains the layers. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { artifactFormatNames } from '../src/artifacts/index.ts';
import { formats } from '../src/datasets/index.ts';
import { lossSpecs } from '../src/engine/losses/specs.ts';
import { methodNames } from '../src/engine/methods/index.ts';
import { findCycles, listFiles, loadedBy, readImports } from './import-graph.ts';

const root = path.resolve(import.meta.dirname, '..');
const folders = ['src', 'workers'].filter((folder) => existsSync(path.join(root, folder)));
/** What runs in browsers imports by address, and of the rest the types of the client alone. */
const isOfPage = (file: string) => file.startsWith('src/page/');
const files = listFiles(root, folders, ['.ts']).filter((file) => !isOfPage(file));
const imports = readImports(root, files);

/** Lowest first. A module imports from lower layers and from itself; the leaves and the roots also from their own layer. */
const layers = [
  [
    'src/errors.ts',
    'src/ndarray.ts',
    'src/batch.ts',
    'src/json.ts',
    'src/random.ts',
    'src/cores.ts',
    'src/version.ts',
    'src/machine.ts',
    'src/durable-files.ts',
    'src/pointer.ts',
    'src/schema-problems.ts',
    'src/schema-sizes.ts',
    'src/complete-options.ts',
  ],
  ['src/codecs', 'src/topology'],
  ['src/engine', 'src/datasets', 'src/models', 'src/artifacts', 'src/storage'],
  ['src/contract'],
  ['src/training'],
  ['src/jobs'],
  ['src/comparison'],
  ['src/http', 'src/queue', 'src/client'],
  ['src/config', 'src/api', 'src/local', 'src/cli.ts', 'src/cli', 'workers'],
] as const;
const leaves = 0;
const roots = layers.length - 1;

/** The order inside the engine, lowest first; each imports from itself and from those before it. */
const engineLayers = [
  ['load-messages.ts'],
  ['tf.ts'],
  ['graph'],
  ['gradients'],
  ['ops'],
  ['network', 'losses'],
  ['run.ts'],
  ['feeding'],
  ['training'],
  ['search'],
  ['methods'],
  ['assess.ts', 'derivatives.ts', 'verify'],
  ['index.ts'],
] as const;

/** Folders that are entered by their index only. */
const doors = ['src/datasets', 'src/client'] as const;

/** Packages with one owner, so that replacing one touches one folder. */
const owners: readonly { title: string; packages: RegExp; allowed: readonly string[] }[] = [
  { title: 'TensorFlow.js', packages: /^@tensorflow\//, allowed: ['src/engine/tf.ts'] },
  { title: 'protobufjs', packages: /^protobufjs$/, allowed: ['src/engine/graph/', 'src/models/onnx/'] },
  { title: 'BullMQ and ioredis', packages: /^(bullmq|ioredis)$/, allowed: ['src/queue/'] },
  { title: 'Fastify', packages: /^(fastify|@fastify\/.*)$/, allowed: ['src/http/', 'src/api/'] },
  { title: 'the AWS SDK', packages: /^@aws-sdk\//, allowed: ['src/storage/'] },
];

/** Reading the environment in one place keeps every variable documented and checked; tf.ts sets what the library reads. */
const environmentReaders = ['src/config/config.ts', 'src/engine/tf.ts', 'src/cli/doctor.ts', 'src/cli/doctor-probe.ts'];

function moduleOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'src' ? `src/${second}` : first;
}

function layerOf(module: string): number {
  return layers.findIndex((layer) => (layer as readonly string[]).includes(module));
}

function isOurs(target: string): boolean {
  return folders.some((folder) => target.startsWith(`${folder}/`));
}

test('every module has its place in the table of layers', () => {
  const modules = new Set(imports.map(({ from }) => moduleOf(from)));
  assert.deepEqual(
    [...modules].filter((module) => layerOf(module) < 0),
    [],
  );
});

const architecture = readFileSync(path.join(root, 'docs/architecture.md'), 'utf8');

test('docs/architecture.md has the same layers', () => {
  const [, table = ''] = /## Layers[\s\S]*?```\n([\s\S]*?)```/.exec(architecture) ?? [];
  const entries = table.split(/\n(?=\d)/).map((entry) => {
    const names = entry.split('\n').flatMap((line) => (line.slice(3).split(/ {2,}/)[0] ?? '').split(' '));
    return names.filter((name) => name !== '').map((name) => name.replace(/\/$/, ''));
  });
  const expected = layers.map((layer) => layer.map((module) => module.replace(/^src\//, '')).sort());
  assert.deepEqual(entries.map((names) => names.sort()).reverse(), expected);
});

test('docs/architecture.md has the same order inside the engine', () => {
  const [, order = ''] = /Inside `engine\/` the order is: ([\s\S]*?)\.\n\n/.exec(architecture) ?? [];
  const parts = order.split(' < ').map((part) => [...part.matchAll(/`([\w.-]+)`/g)].map(([, name = '']) => name));
  assert.deepEqual(parts, engineLayers);
});

for (const door of doors) {
  test(`${door} is entered by its index only`, () => {
    const past = imports
      .filter(({ from, to }) => to.startsWith(`${door}/`) && !from.startsWith(`${door}/`) && to !== `${door}/index.ts`)
      .map(({ from, to }) => `${from} -> ${to}`);
    assert.deepEqual(past, []);
  });
}

/** Names of what is registered are looked up in its registry; whoever compares with one knows something that the entry should say. */
const registries: readonly { title: string; names: readonly string[]; home: string }[] = [
  { title: 'methods', names: methodNames, home: 'src/engine/methods/' },
  { title: 'dataset formats', names: Object.keys(formats), home: 'src/datasets/' },
  { title: 'artifact formats', names: artifactFormatNames, home: 'src/artifacts/' },
  { title: 'losses', names: Object.keys(lossSpecs), home: 'src/engine/losses/' },
];

/** Words of other things: the algorithms of recordings, the formats of topologies, the initialiser of a layer. */
const otherWords: readonly string[] = [
  "src/cli/replay.ts: === 'metainit'",
  "src/models/to-tfjs-layers.ts: === 'tfjs-layers'",
  "src/models/tfjs-config.ts: case 'orthogonal':",
  "src/topology/draw-initial.ts: case 'orthogonal':",
  "src/topology/draw-initial.ts: === 'orthogonal'",
];

for (const { title, names, home } of registries) {
  test(`nobody outside ${home} asks ${title} for their names`, () => {
    const choice = names.map((name) => name.replaceAll('.', '\\.')).join('|');
    const comparison = new RegExp(`(?:[!=]== |startsWith\\(|endsWith\\()'(?:${choice})'|case '(?:${choice})':`, 'g');
    const found = listFiles(root, folders, ['.ts'])
      .filter((file) => !file.startsWith(home))
      .flatMap((file) =>
        [...readFileSync(path.join(root, file), 'utf8').matchAll(comparison)].map(([text]) => `${file}: ${text}`),
      );
    assert.deepEqual(
      found.filter((text) => !otherWords.includes(text)),
      [],
    );
  });
}

test('no module imports from a higher layer, nor from a sibling', () => {
  const wrong = imports
    .filter(({ to }) => isOurs(to))
    .filter(({ from, to }) => {
      const [own, other] = [layerOf(moduleOf(from)), layerOf(moduleOf(to))];
      if (moduleOf(from) === moduleOf(to) || own > other) return false;
      return own < other || (own !== leaves && own !== roots);
    })
    .map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(wrong, []);
});

test('inside the engine no part imports from a higher one, nor from a sibling', () => {
  const partOf = (file: string) => file.split('/')[2] ?? '';
  const levelOf = (file: string) =>
    engineLayers.findIndex((layer) => (layer as readonly string[]).includes(partOf(file)));
  const inside = imports.filter(({ from, to }) => from.startsWith('src/engine/') && to.startsWith('src/engine/'));
  assert.deepEqual(
    [...new Set(inside.map(({ from }) => partOf(from)))].filter((part) => levelOf(`src/engine/${part}`) < 0),
    [],
  );
  const wrong = inside
    .filter(({ from, to }) => partOf(from) !== partOf(to) && levelOf(from) <= levelOf(to))
    .map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(wrong, []);
});

test('there is no import cycle', () => {
  assert.deepEqual(
    findCycles(imports).map((cycle) => cycle.join(' -> ')),
    [],
  );
});

for (const { title, packages, allowed } of owners) {
  test(`${title} is imported by ${allowed.join(', ')} alone`, () => {
    const wrong = imports
      .filter(({ from, to }) => packages.test(to) && !allowed.some((place) => from.startsWith(place)))
      .map(({ from, to }) => `${from} -> ${to}`);
    assert.deepEqual(wrong, []);
  });
}

for (const entry of ['src/api/server.ts', 'src/contract/job-spec.ts', 'src/cli.ts']) {
  const skip = existsSync(path.join(root, entry)) ? false : `${entry} does not exist`;
  test(`${entry} does not load TensorFlow`, { skip }, () => {
    assert.ok(!loadedBy(entry, imports).has('src/engine/tf.ts'));
  });
}

test('the environment is read in few places', () => {
  const readers = listFiles(root, folders, ['.ts']).filter((file) =>
    readFileSync(path.join(root, file), 'utf8').includes('process.env'),
  );
  assert.deepEqual(
    readers.filter((file) => !environmentReaders.includes(file)),
    [],
  );
});

test('time limits are signals that Node 20 does not collect: timeoutSignal instead of AbortSignal.timeout', () => {
  const users = listFiles(root, folders, ['.ts']).filter((file) =>
    readFileSync(path.join(root, file), 'utf8').includes('AbortSignal.timeout('),
  );
  assert.deepEqual(users, []);
});

test('every imported package is a dependency that production installs, and is explained in docs/dependencies.md', () => {
  const manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string> } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  const packages = new Set(
    imports.map(({ to }) => to).filter((target) => !isOurs(target) && !target.startsWith('node:')),
  );
  assert.deepEqual(
    [...packages].filter((name) => !Object.hasOwn(manifest.dependencies, name)),
    [],
  );
  const explained = readFileSync(path.join(root, 'docs', 'dependencies.md'), 'utf8');
  const named = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  assert.deepEqual(
    named.filter((name) => !explained.includes(`\`${name}\``)),
    [],
  );
});
