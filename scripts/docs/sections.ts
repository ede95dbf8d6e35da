/** The generated sections of the documents: NAME -> Markdown. A document includes one between `<!-- generated: NAME -->` and `<!-- end -->`. */
import { artifactFormats } from '../../src/artifacts/index.ts';
import { configTable } from '../../src/config/config.ts';
import type { DatasetFormat } from '../../src/datasets/dataset-format.ts';
import { formats } from '../../src/datasets/formats.ts';
import { DatasetOptions } from '../../src/datasets/options.ts';
import { lossSpecs } from '../../src/engine/losses/specs.ts';
import { configureMethod, methods, needsSamples } from '../../src/engine/methods/index.ts';
import type { InitMethod } from '../../src/engine/methods/method.ts';
import { type ErrorCode, errorCodes } from '../../src/errors.ts';
import { statusOf } from '../../src/http/problem.ts';
import type { ZooModel } from '../../src/models/zoo/index.ts';
import { zoo } from '../../src/models/zoo/index.ts';
import { layerClassNames } from '../../src/topology/layers/index.ts';
import { cifar10Table, readCells } from './cifar10-table.ts';
import { gateTable, readGates } from './gate-table.ts';
import { operationTables } from './operation-table.ts';
import { optionTable, table } from './option-table.ts';

const code = (text: string) => `\`${text}\``;

function configuration(): string {
  const rows = configTable().map(({ name, default: shown, description }) => [
    code(name),
    shown === '' ? '' : code(shown),
    description,
  ]);
  return table(['variable', 'default', 'meaning'], rows);
}

function methodOverview(): string {
  const yes = (value: boolean) => (value ? 'yes' : '');
  const rows = Object.values<InitMethod>(methods).map(({ name, summary, iterative, secondOrder }) => [
    `[${code(name)}](#${name})`,
    summary,
    yes(needsSamples(configureMethod(name))),
    yes(iterative),
    yes(secondOrder),
  ]);
  return table(['method', 'what it does', 'needs data', 'iterative', 'second order'], rows);
}

const methodOptions = () =>
  Object.values<InitMethod>(methods)
    .map(
      ({ name, summary, reference, options }) =>
        `### ${name}\n\n${summary}\n\n${reference}.\n\n${optionTable(options)}`,
    )
    .join('\n\n');

const losses = () =>
  Object.values(lossSpecs)
    .map(({ name, summary, options }) => `### ${name}\n\n${summary}\n\n${optionTable(options)}`)
    .join('\n\n');

const zooModels = () =>
  Object.values<ZooModel>(zoo)
    .map(
      ({ name, summary, reference, options }) =>
        `### ${name}\n\n${summary}\n\n${reference}.\n\n${optionTable(options)}`,
    )
    .join('\n\n');

const datasetFormats = () =>
  table(
    ['format', 'what it is'],
    Object.values(formats).map(({ name, summary }) => [code(name), summary]),
  );

/** Examples that readers can run after replacing the path by that of their own data. */
const datasetConventions = () =>
  table(
    ['format', 'what people have', 'command'],
    Object.values<DatasetFormat>(formats).flatMap(({ name, conventions }) =>
      conventions.map(({ what, example, options }) => {
        const flags = options === undefined ? '' : ` --dataset-options '${JSON.stringify(options)}'`;
        return [code(name), what, code(`gradinit dataset --dataset ${example}${flags}`)];
      }),
    ),
  );

const artifactTable = () =>
  table(
    ['format', 'file', 'what it is'],
    Object.values(artifactFormats).map(({ name, entry, summary }) => [code(name), code(entry), summary]),
  );

/** Codes of commands and clients, which the service never answers with. */
const notAnswered: readonly string[] = [
  'USAGE',
  'SERVICE_UNREACHABLE',
  'SERVICE_ANSWER',
  'DOWNLOAD_CORRUPT',
  'REPLAY_MALFORMED',
];

const errors = () =>
  table(
    ['code', 'HTTP', 'meaning'],
    Object.entries(errorCodes).map(([name, meaning]) => [
      code(name),
      notAnswered.includes(name) ? '' : String(statusOf(name as ErrorCode, 'POST')),
      meaning,
    ]),
  );

export const sections: Readonly<Record<string, () => string>> = {
  configuration,
  methods: methodOverview,
  'method-options': methodOptions,
  losses,
  zoo: zooModels,
  'dataset-formats': datasetFormats,
  'dataset-conventions': datasetConventions,
  'dataset-options': () => optionTable(DatasetOptions),
  artifacts: artifactTable,
  errors,
  'cifar-results': () => cifar10Table(readCells()),
  'gate-results': () => gateTable(readGates()),
  operations: operationTables,
  layers: () => layerClassNames.map(code).join(', '),
};
