/** The recipes of CONTRIBUTING.md: what is registered has a row of proof, and is offered wherever a user may look for it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { openApiDocument } from '../scripts/client/openapi-document.ts';
import { artifactFormatNames } from '../src/artifacts/index.ts';
import { commands } from '../src/cli/commands.ts';
import { configTable } from '../src/config/config.ts';
import { parseJobSpec } from '../src/contract/job-spec.ts';
import { formats } from '../src/datasets/formats.ts';
import { DatasetOptions } from '../src/datasets/options.ts';
import { lossSpecs } from '../src/engine/losses/specs.ts';
import { methodNames } from '../src/engine/methods/index.ts';
import { modelFormatNames } from '../src/models/index.ts';
import { zoo } from '../src/models/zoo/index.ts';
import { layerSpecs } from '../src/topology/layers/index.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** A name as text or as a key, not as a part of another word. */
const mentions = (text: string, name: string) => {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`).test(text);
};

interface Recipe {
  readonly names: readonly string[];
  /** Files that must name each. */
  readonly proofs: readonly string[];
  readonly documents: readonly string[];
}

const recipes: Readonly<Record<string, Recipe>> = {
  method: {
    names: methodNames,
    proofs: ['test/engine/methods/conformance.test.ts'],
    documents: ['docs/methods.md'],
  },
  'gradient rule': { names: [], proofs: [], documents: [] },
  'layer class': {
    names: Object.keys(layerSpecs),
    // The samples are typed by the names of all classes, and some are made from a list.
    proofs: [],
    documents: ['docs/methods.md'],
  },
  loss: {
    names: Object.keys(lossSpecs),
    proofs: ['test/engine/losses/losses.test.ts'],
    documents: ['docs/datasets.md'],
  },
  'topology format': { names: modelFormatNames, proofs: [], documents: [] },
  'network of the zoo': {
    names: Object.keys(zoo),
    proofs: ['test/models/zoo/parameter-counts.test.ts', 'test/models/zoo/second-order.test.ts'],
    documents: ['docs/methods.md'],
  },
  'dataset format': {
    names: Object.keys(formats),
    proofs: ['test/datasets/formats.test.ts'],
    documents: ['docs/datasets.md'],
  },
  'artifact format': {
    names: artifactFormatNames,
    proofs: ['test/artifacts/formats.test.ts'],
    documents: ['docs/artifacts.md'],
  },
  store: { names: [], proofs: [], documents: [] },
  command: { names: Object.keys(commands), proofs: [], documents: [] },
  variable: { names: configTable().map(({ name }) => name), proofs: [], documents: ['docs/configuration.md'] },
};

const rows = [...read('CONTRIBUTING.md').matchAll(/^\| ([a-z ]+) \|(.*)\|(.*)\|(.*)\|$/gm)]
  .map(([, title = '', ...cells]) => ({ title, cells }))
  .filter(({ title }) => title !== 'one more');

test('every recipe is tried here', () => {
  assert.deepEqual(rows.map(({ title }) => title).sort(), Object.keys(recipes).sort());
});

for (const { title, cells } of rows) {
  test(`one more ${title}: files, registries and proofs are where the recipe says`, () => {
    const named = cells.flatMap((cell) => [...cell.matchAll(/`((?:src|test)\/[^`]*)`/g)].map(([, file = '']) => file));
    assert.ok(named.length > 0);
    for (const file of named)
      assert.ok(existsSync(path.join(root, path.basename(file) === 'x.ts' ? path.dirname(file) : file)), file);
    const { names, proofs, documents } = recipes[title] ?? { names: [], proofs: [], documents: [] };
    for (const place of [...proofs, ...documents]) {
      const text = read(place);
      assert.deepEqual(
        names.filter((name) => !mentions(text, name)),
        [],
        place,
      );
    }
  });
}

const options = Object.values(formats).flatMap((format) =>
  Object.entries(format.options).map(([option, schema]) => ({
    format: format.name,
    option,
    schema: schema as TSchema,
  })),
);
const document = JSON.stringify(await openApiDocument());
const clientTypes = read('src/client/generated.ts');
const datasetDocument = read('docs/datasets.md');

for (const { format, option, schema } of options) {
  test(`the option ${option} of ${format} is offered by HTTP, the command line, the client and the documents`, () => {
    const offered = DatasetOptions.properties as Readonly<Record<string, TSchema>>;
    // Formats that share an option share its schema: what one of them says would be lost otherwise.
    assert.deepEqual(offered[option], Type.Optional(schema), 'two formats mean different things by it');
    // The command line reads options as JSON and checks them by the same schema.
    const value = Value.Create(schema);
    const spec = { method: { name: 'kaiming' }, model: { format: 'zoo', name: 'mlp', options: { inputShape: [4] } } };
    const parsed = parseJobSpec({ ...spec, dataset: { ref: 'builtin:digits', options: { [option]: value } } });
    assert.deepEqual(parsed.dataset?.options, { [option]: value });
    assert.ok(document.includes(`"${option}":{`), 'OpenAPI');
    assert.match(clientTypes, new RegExp(`\\b${option}\\?: `), 'npm run client:types');
    assert.match(datasetDocument, new RegExp(`^\\| \`${option}\` \\|`, 'm'), 'npm run docs:tables');
  });
}

test('an option that only its format knows would be found missing', () => {
  assert.ok(options.length > 10);
  const unknown = { ref: 'builtin:digits', options: { notDeclared: 1 } };
  const spec = { method: { name: 'kaiming' }, model: { format: 'zoo', name: 'mlp', options: { inputShape: [4] } } };
  assert.throws(() => parseJobSpec({ ...spec, dataset: unknown }), { code: 'INVALID_INPUT' });
});
