/** The catalogue: everything that a job can name, with the JSON Schema of its options. */
import type { TSchema } from 'typebox';
import { artifactFormats, mediaTypeOf } from '../../artifacts/index.ts';
import { builtinNames, formats } from '../../datasets/index.ts';
import { lossSpecs } from '../../engine/losses/specs.ts';
import { configureMethod, methodNames, methods, needsSamples } from '../../engine/methods/index.ts';
import type { InitMethod } from '../../engine/methods/method.ts';
import { AppError } from '../../errors.ts';
import { modelFormats } from '../../models/index.ts';
import { zoo, zooModel } from '../../models/zoo/index.ts';
import type { App } from '../app-types.ts';
import { FormatList, LossList, Method, MethodList, NameParams, ZooList, ZooModel } from '../schemas/catalogue.ts';
import { commonProblems, problems } from '../schemas/common.ts';

/** A schema as a client gets it: what JSON has no word for is dropped. */
const plain = (schema: TSchema | object): Record<string, unknown> => JSON.parse(JSON.stringify(schema));
const object = (properties: object) => plain({ type: 'object', properties, additionalProperties: false });

const methodView = ({ name, summary, reference, needsSource, iterative, secondOrder, options }: InitMethod) => ({
  name,
  summary,
  reference,
  needsDataset: needsSamples(configureMethod(name)),
  needsSource: needsSource ?? false,
  iterative,
  secondOrder,
  options: plain(options),
});

const zooView = ({ name, summary, reference, options }: ReturnType<typeof zooModel>) => ({
  name,
  summary,
  reference,
  options: plain(options),
});

function findMethod(name: string): InitMethod {
  const found = methodNames.find((known) => known === name);
  if (found !== undefined) return methods[found];
  throw new AppError(
    'METHOD_UNKNOWN',
    `no method is named ${JSON.stringify(name)}; there are ${methodNames.join(', ')}`,
  );
}

export function catalogueRoutes(app: App): void {
  const config = { access: 'jobs:read' } as const;

  app.get('/v1/methods', {
    config,
    schema: {
      tags: ['catalogue'],
      summary: 'Initialisation methods',
      description: 'Each with its reference, what it needs, and the JSON Schema of its options with defaults.',
      response: { 200: MethodList, ...commonProblems },
    },
    handler: async () => ({ methods: methodNames.map((name) => methodView(methods[name])) }),
  });

  app.get('/v1/methods/:name', {
    config,
    schema: {
      tags: ['catalogue'],
      summary: 'One method',
      description: 'As in the list.',
      params: NameParams,
      response: { 200: Method, ...commonProblems, 404: problems[404] },
    },
    handler: async (request) => methodView(findMethod(request.params.name)),
  });

  app.get('/v1/zoo', {
    config,
    schema: {
      tags: ['catalogue'],
      summary: 'Networks known by name',
      description:
        'Each with its reference and the JSON Schema of its options; a job names one as {"format": "zoo", "name": ...}.',
      response: { 200: ZooList, ...commonProblems },
    },
    handler: async () => ({ models: Object.values(zoo).map(zooView) }),
  });

  app.get('/v1/zoo/:name', {
    config,
    schema: {
      tags: ['catalogue'],
      summary: 'One network',
      description: 'As in the list.',
      params: NameParams,
      response: { 200: ZooModel, ...commonProblems, 404: problems[404] },
    },
    handler: async (request) => zooView(zooModel(request.params.name)),
  });

  app.get('/v1/losses', {
    config,
    schema: {
      tags: ['catalogue'],
      summary: 'Losses',
      description:
        'Each with the JSON Schema of its options. A job that names none gets the one that its model and targets imply.',
      response: { 200: LossList, ...commonProblems },
    },
    handler: async () => ({
      losses: Object.values(lossSpecs).map(({ name, summary, options }) => ({
        name,
        summary,
        options: plain(options),
      })),
    }),
  });

  app.get('/v1/formats', {
    config,
    schema: {
      tags: ['catalogue'],
      summary: 'Formats of datasets, topologies and artifacts',
      description: 'What is read and written, and the names of the built-in datasets.',
      response: { 200: FormatList, ...commonProblems },
    },
    handler: async () => ({
      datasets: Object.values(formats).map(({ name, summary, options }) => ({
        name,
        summary,
        options: object(options),
      })),
      models: Object.values(modelFormats).map(({ name, summary }) => ({ name, summary })),
      artifacts: Object.values(artifactFormats).map(({ name, summary, entry }) => ({
        name,
        summary,
        entry,
        mediaType: mediaTypeOf(entry),
      })),
      builtinDatasets: builtinNames.map((name) => `builtin:${name}`),
    }),
  });
}
