/**
 * The request schema of a job, which the API validates, the queue carries and the worker runs. It is composed from the registries; TensorFlow is not
 * loaded.
 */
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { artifactFormatNames } from '../artifacts/index.ts';
import { DatasetOptions } from '../datasets/index.ts';
import { type LossName, lossSpecs } from '../engine/losses/specs.ts';
import { type ConfiguredMethod, configureMethod, methodNames, methods, needsSamples } from '../engine/methods/index.ts';
import { AppError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { modelFormatNames } from '../models/index.ts';
import { deviceClasses } from './device-class.ts';
import { parseInput } from './parse-input.ts';
import { RetryOptions } from './retry-policy.ts';
import { sealTopologies } from './seal-topologies.ts';
import { TrainingProtocol } from './training-protocol.ts';
import { WebhookSpec } from './webhook.ts';

const strict = { additionalProperties: false } as const;
/** Most bytes of metadata, which are part of every listing. */
const maxMetadataBytes = 16_384;
const JsonObject = Type.Record(Type.String(), Type.Unknown());

export const ZooModelSpec = Type.Object(
  {
    format: Type.Literal('zoo'),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    options: Type.Optional(JsonObject),
  },
  { ...strict, description: 'A network of the zoo.' },
);

export const UploadedModelSpec = Type.Object(
  { ref: Type.String({ minLength: 1, maxLength: 2000 }) },
  {
    ...strict,
    description: 'An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload.',
  },
);

export const ModelSpec = Type.Union([
  Type.Object(
    {
      format: Type.Optional(Type.Enum(modelFormatNames, { description: 'Detected when left out.' })),
      topology: Type.Union([JsonObject, Type.String({ minLength: 2, description: 'The same as JSON text.' })]),
    },
    { ...strict, description: 'A topology inline: what model.toJSON() (tfjs) or model.to_json() (Keras 3) gives.' },
  ),
  ZooModelSpec,
  UploadedModelSpec,
]);

export const DatasetSpec = Type.Object(
  { ref: Type.String({ minLength: 1, maxLength: 2000 }), options: Type.Optional(DatasetOptions) },
  { ...strict, description: 'A reference to data (builtin:digits, dataset:ID, https://, file:), and how to read it.' },
);

/** What a job of a comparison does after the initialisation; a job without it only initialises. */
export const JobTraining = Type.Object(
  {
    ...TrainingProtocol.properties,
    test: Type.Optional(
      Type.Object(DatasetSpec.properties, {
        ...strict,
        description: 'Samples to measure accuracy on. Default: those that the dataset sets aside by validationSplit.',
      }),
    ),
    selection: Type.Optional(
      Type.Boolean({
        description:
          'Also measure samples that accuracy is not measured on, to choose between trainings by: those of validationSplit where test names others, else every second sample to test on.',
      }),
    ),
  },
  { ...strict, description: 'Trains the network after it was initialised and reports how well that went.' },
);

export const MethodSpec = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 100 }), options: Type.Optional(JsonObject) },
  strict,
);

const lossName = Type.Enum(Object.keys(lossSpecs) as LossName[]);
const namedLoss = Type.Object({ name: lossName, options: Type.Optional(JsonObject) }, strict);
const OneLossSpec = Type.Union([lossName, namedLoss]);
export type OneLossSpec = Static<typeof OneLossSpec>;
/** Outputs that a model can have a loss for. */
const maxOutputs = 100;
export const LossSpec = Type.Union(
  [lossName, namedLoss, Type.Array(OneLossSpec, { minItems: 1, maxItems: maxOutputs })],
  {
    description:
      'Inferred from the model and the targets when left out. Of a model with several outputs a list, one for each in their order; the dataset option target names the targets of each.',
  },
);
export const LossWeights = Type.Array(Type.Number({ minimum: 0, maximum: 1e9 }), {
  minItems: 1,
  maxItems: maxOutputs,
  description: 'Of a model with several outputs: the factor of the loss of each. Default: 1.',
});
export const OutputChoice = Type.Union(
  [Type.String({ minLength: 1, maxLength: 1000 }), Type.Integer({ minimum: 0, maximum: 1000 })],
  {
    description:
      'Of a model with several outputs the one that the targets and the loss belong to: the name of the layer that gives it, or its position from 0. What it does not depend on keeps its initial weights.',
  },
);

/** Priority classes, highest first. */
export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

const JobResources = Type.Object(
  {
    device: Type.Enum(deviceClasses, {
      default: 'any',
      description: 'The device that computes; any: the first worker that is free, on whatever device.',
    }),
  },
  { ...strict, description: 'What the job needs of its worker.' },
);

export const JobSource = Type.Object(
  {
    model: Type.Union([ZooModelSpec, UploadedModelSpec]),
    weights: Type.Optional(
      Type.Object(
        { ref: Type.String({ minLength: 1, maxLength: 2000 }) },
        { ...strict, description: 'Weights of that model; left out where its file holds them.' },
      ),
    ),
  },
  {
    ...strict,
    description:
      'Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them.',
  },
);

export const JobSpec = Type.Object(
  {
    model: ModelSpec,
    dataset: Type.Optional(DatasetSpec),
    method: MethodSpec,
    loss: Type.Optional(LossSpec),
    lossWeights: Type.Optional(LossWeights),
    output: Type.Optional(OutputChoice),
    seed: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
    weights: Type.Optional(
      Type.Object(
        { ref: Type.String({ minLength: 1, maxLength: 2000 }) },
        { ...strict, description: 'Start from these weights instead of the initialisers.' },
      ),
    ),
    source: Type.Optional(JobSource),
    artifacts: Type.Optional(
      Type.Array(Type.Enum(artifactFormatNames), {
        minItems: 1,
        maxItems: 8,
        uniqueItems: true,
        description:
          'Formats of the weights. Default: safetensors, and tfjs-layers where the network can be written so; the report says when it cannot. Models of torch.export: state-dict.',
      }),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          maxQueueSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_592_000 })),
          maxRunSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_592_000 })),
        },
        strict,
      ),
    ),
    retry: Type.Optional(RetryOptions),
    resources: Type.Optional(JobResources),
    priority: Type.Enum(priorities, {
      default: 'normal',
      description: 'Which of the waiting jobs of one key runs first. Keys are served in turn, whatever their jobs say.',
    }),
    training: Type.Optional(JobTraining),
    webhook: Type.Optional(WebhookSpec),
    metadata: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 1000 }), {
        maxProperties: 50,
        propertyNames: { minLength: 1, maxLength: 100 },
        description: `Names and texts of the client's own, ${maxMetadataBytes} bytes in all.`,
      }),
    ),
  },
  { ...strict, description: 'A model, the data it will be trained on, and the method that initialises it.' },
);
export type JobSpec = Static<typeof JobSpec>;

// Typed as TSchema, so that the compiler does not expand the type of the whole schema a second time.
const schema: TSchema = JobSpec;
/** The properties that have a default. Filling in defaults by the whole schema would visit every node of every topology. */
const defaults = Type.Object({
  seed: JobSpec.properties.seed,
  training: JobSpec.properties.training,
  priority: JobSpec.properties.priority,
  resources: JobSpec.properties.resources,
});

/**
 * Fills in defaults and checks everything that needs neither the model nor the data. An inline topology is converted to JSON text.
 *
 * @throws INVALID_INPUT, METHOD_UNKNOWN, OPTION_INVALID with pointers
 */
export function parseJobSpec(input: unknown): JobSpec {
  const complete: unknown = isJsonObject(input) ? Value.Default(defaults, { ...input }) : input;
  const spec = sealTopologies(parseInput(schema, complete)) as JobSpec;
  checkMetadata(spec);
  const configured = configureMethod(spec.method.name, spec.method.options);
  checkDataset(spec, configured);
  checkSource(spec, configured);
  return spec;
}

/** A reference to data with its options. Throws INVALID_INPUT with pointers; the options are checked when the data is opened. */
export const parseDatasetSpec = (input: unknown): Static<typeof DatasetSpec> => parseInput(DatasetSpec, input);

function checkMetadata({ metadata = {} }: JobSpec): void {
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  if (bytes > maxMetadataBytes) refuse('/metadata', `must not have more than ${maxMetadataBytes} bytes, has ${bytes}`);
}

function checkDataset({ dataset, training }: JobSpec, configured: ConfiguredMethod): void {
  const { method } = configured;
  const isNeeded = needsSamples(configured);
  if ((isNeeded || training) && !dataset) {
    const by = isNeeded ? `the method ${method.name} with these options` : 'the training';
    refuse('/dataset', `is missing: ${by} needs a dataset`);
  }
  if (training && !training.test && !dataset?.options?.validationSplit) {
    refuse(
      '/dataset/options/validationSplit',
      'must be greater than 0: the training needs samples to test on; or name them in its `test`',
    );
  }
}

function checkSource({ source }: JobSpec, { method }: ConfiguredMethod): void {
  if (method.needsSource && !source)
    refuse('/source', `is missing: the method ${method.name} takes weights from another network`);
  if (source && !method.needsSource) {
    const takers = methodNames.filter((name) => 'needsSource' in methods[name]).join(', ');
    refuse('/source', `is not used by the method ${method.name}; ${takers} take weights from another network`);
  }
}

function refuse(pointer: string, message: string): never {
  throw new AppError('INVALID_INPUT', `${pointer} ${message}`, { problems: [{ pointer, message }] });
}
