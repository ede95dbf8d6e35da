/** The request schema of a comparison: models x methods x seeds on one dataset, trained by one or several protocols. TensorFlow is not loaded. */
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { AppError, type PlacedProblem } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { inWords, schemaProblems } from '../schema-problems.ts';
import {
  DatasetSpec,
  JobSource,
  JobSpec,
  JobTraining,
  LossSpec,
  LossWeights,
  MethodSpec,
  ModelSpec,
  OutputChoice,
} from './job-spec.ts';
import { sealTopologies } from './seal-topologies.ts';
import { TrainingProtocol } from './training-protocol.ts';

const strict = { additionalProperties: false } as const;
const Label = Type.String({
  minLength: 1,
  maxLength: 60,
  description: 'Its name in the report; made from the specification when left out.',
});

const ComparisonModel = Type.Object(
  {
    label: Type.Optional(Label),
    model: ModelSpec,
    gradientClip: Type.Optional(TrainingProtocol.properties.gradientClip),
  },
  {
    ...strict,
    description: 'gradientClip overrides that of the protocols for this model, as the published table does.',
  },
);
export const ComparisonMethod = Type.Object(
  {
    label: Type.Optional(Label),
    ...MethodSpec.properties,
    warmupEpochs: Type.Optional(TrainingProtocol.properties.warmupEpochs),
    source: Type.Optional(JobSource),
  },
  { ...strict, description: 'warmupEpochs overrides that of the protocols for this row.' },
);
export const ComparisonTraining = Type.Object(
  { label: Type.Optional(Label), ...TrainingProtocol.properties },
  { ...strict, description: 'How every network is trained after it was initialised.' },
);

/** Most cells of one comparison: the published table with ten seeds fits, and a queue can hold as many jobs. */
export const maxCells = 2000;

export const ComparisonSpec = Type.Object(
  {
    models: Type.Array(ComparisonModel, { minItems: 1, maxItems: 20 }),
    dataset: DatasetSpec,
    test: JobTraining.properties.test,
    methods: Type.Array(Type.Union([MethodSpec.properties.name, ComparisonMethod]), {
      minItems: 1,
      maxItems: 50,
      description: 'Names, or names with options.',
    }),
    seeds: Type.Array(JobSpec.properties.seed, { minItems: 1, maxItems: 100, uniqueItems: true, default: [0, 1, 2] }),
    training: Type.Union([ComparisonTraining, Type.Array(ComparisonTraining, { minItems: 1, maxItems: 10 })], {
      description: 'One protocol, or several to train every initialisation with (a transfer matrix).',
    }),
    learningRates: Type.Optional(
      Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }), {
        minItems: 1,
        maxItems: 20,
        uniqueItems: true,
        description:
          'Trains every row at each of these rates and reports it at the one that is best on samples that accuracy is not measured on.',
      }),
    ),
    baselines: Type.Optional(
      Type.Boolean({
        description:
          'Adds the rows kaiming, kaiming + warm-up, torch-default and keras-default where they are missing. Default: where learningRates are given.',
      }),
    ),
    loss: Type.Optional(LossSpec),
    lossWeights: Type.Optional(LossWeights),
    output: Type.Optional(OutputChoice),
    artifacts: JobSpec.properties.artifacts,
    limits: JobSpec.properties.limits,
    retry: JobSpec.properties.retry,
    resources: JobSpec.properties.resources,
    priority: JobSpec.properties.priority,
    metadata: JobSpec.properties.metadata,
  },
  { ...strict, description: 'Models, methods and seeds that are compared on one dataset, trained alike.' },
);
type Given = Static<typeof ComparisonSpec>;
export type ComparisonModel = Static<typeof ComparisonModel> & { readonly label: string };
export type ComparisonMethod = Static<typeof ComparisonMethod> & { readonly label: string };
export type ComparisonTraining = TrainingProtocol & {
  readonly label: string;
  /** Set for one rate of a sweep: label and index of the protocol that was given, and whether it is the only one. */
  readonly swept?: { readonly label: string; readonly index: number; readonly single: boolean };
};

/** A specification with defaults and labels filled in, and `training` as a list. */
export interface ComparisonSpec extends Omit<Given, 'models' | 'methods' | 'training'> {
  readonly models: readonly ComparisonModel[];
  readonly methods: readonly ComparisonMethod[];
  readonly training: readonly ComparisonTraining[];
}

const schema: TSchema = ComparisonSpec;
const shallow = Type.Object({
  seeds: ComparisonSpec.properties.seeds,
  priority: JobSpec.properties.priority,
  resources: JobSpec.properties.resources,
});

/** JSON pointer of a protocol. A single protocol may be given without a list and then has no index. */
export function trainingPointer({ training }: Pick<ComparisonSpec, 'training'>, index: number): string {
  const { index: given, single } = training[index]?.swept ?? { index, single: training.length === 1 };
  return single ? '/training' : `/training/${given}`;
}

/** The name of a protocol in the report. All rates of a sweep share one. */
export const protocolLabel = ({ label, swept }: ComparisonTraining): string => swept?.label ?? label;

/** Throws the one error of a refused specification, with every problem and its pointer. */
export function refuseComparison(errors: readonly PlacedProblem[]): never {
  throw new AppError('INVALID_INPUT', inWords(errors, 'the comparison'), { problems: errors });
}

/** Fills in the defaults of everything but the topologies, which are large and have no defaults. `training` becomes a list. */
function complete(input: Record<string, unknown>): Record<string, unknown> {
  const filled = Value.Default(shallow, {
    ...input,
    ...(input.artifacts === undefined ? { artifacts: ['safetensors'] } : {}),
  }) as Record<string, unknown>;
  const one = (training: unknown) =>
    isJsonObject(training) ? Value.Default(TrainingProtocol, { ...training }) : training;
  if (input.training === undefined) return filled;
  return { ...filled, training: Array.isArray(input.training) ? input.training.map(one) : one(input.training) };
}

/**
 * Fills in defaults and labels, and checks everything that needs neither the models nor the data.
 *
 * @throws INVALID_INPUT naming every problem, with JSON pointers
 */
export function parseComparisonSpec(input: unknown): ComparisonSpec {
  const sealed = sealTopologies(input);
  const filled: unknown = isJsonObject(sealed) ? complete(sealed) : sealed;
  const found = schemaProblems(schema, filled);
  if (found.length > 0) refuseComparison(found);
  const given = filled as Given;
  const training = (Array.isArray(given.training) ? given.training : [given.training]) as Static<
    typeof ComparisonTraining
  >[];
  const spec = {
    ...given,
    models: labelled(given.models, ({ model }) =>
      'name' in model ? modelLabel(model) : 'ref' in model ? model.ref : 'model',
    ),
    methods: withBaselines(
      labelled(
        given.methods.map((method) => (typeof method === 'string' ? { name: method } : method)),
        ({ name }) => name,
      ),
      given.baselines ?? given.learningRates !== undefined,
      Math.min(...training.map(({ epochs }) => (epochs >= 2 ? 1 : 0.5))),
    ),
    training: sweptOver(
      labelled(training, ({ optimizer }) => optimizer),
      given.learningRates,
    ),
  } as ComparisonSpec;
  const problems = [
    ...duplicates(spec.models, 'models'),
    ...duplicates(spec.methods, 'methods'),
    ...duplicates(spec.training, 'training'),
    ...limitProblems(spec),
  ];
  if (problems.length > 0) refuseComparison(problems);
  return spec;
}

/** Adds the rows that a comparison should include as references: framework defaults, and Kaiming with and without warm-up. */
function withBaselines(
  methods: readonly ComparisonMethod[],
  wanted: boolean,
  warmupEpochs: number,
): readonly ComparisonMethod[] {
  if (!wanted) return methods;
  const rows: readonly ComparisonMethod[] = [
    { name: 'kaiming', label: 'kaiming' },
    { name: 'kaiming', label: 'kaiming + warm-up', warmupEpochs },
    { name: 'torch-default', label: 'torch-default' },
    { name: 'keras-default', label: 'keras-default' },
  ];
  return [...methods, ...rows.filter(({ label }) => !methods.some((row) => row.label === label))];
}

/** For a sweep of learning rates, replaces every protocol by one protocol per rate. */
function sweptOver(
  training: readonly ComparisonTraining[],
  rates: readonly number[] | undefined,
): readonly ComparisonTraining[] {
  if (rates === undefined) return training;
  return training.flatMap((protocol, index) =>
    rates.map((learningRate) => ({
      ...protocol,
      learningRate,
      label: `${protocol.label} at ${learningRate}`,
      swept: { label: protocol.label, index, single: training.length === 1 },
    })),
  );
}

function modelLabel({ name, options = {} }: { name: string; options?: Record<string, unknown> }): string {
  const depth = typeof options.depth === 'number' ? `-${options.depth}` : '';
  const batchNorm = typeof options.batchNorm === 'boolean' ? (options.batchNorm ? ' BN' : ' no BN') : '';
  return `${name}${depth}${batchNorm}`;
}

/** Fills in missing labels with the name; equal names are numbered. */
function labelled<T extends { label?: string }>(
  list: readonly T[],
  nameOf: (item: T) => string,
): (T & { label: string })[] {
  const names = list.map((item) => item.label ?? nameOf(item).slice(0, 60));
  return list.map((item, index) => {
    const name = names[index] as string;
    if (item.label !== undefined || names.indexOf(name) === index) return { ...item, label: name };
    return { ...item, label: `${name} (${names.slice(0, index + 1).filter((other) => other === name).length})` };
  });
}

function duplicates(list: readonly { label: string }[], field: string): PlacedProblem[] {
  return list.flatMap(({ label }, index) => {
    const first = list.findIndex((other) => other.label === label);
    return first === index
      ? []
      : [
          {
            pointer: `/${field}/${index}/label`,
            message: `"${label}" is also the label of /${field}/${first}; rows need labels of their own`,
          },
        ];
  });
}

function limitProblems(spec: ComparisonSpec): PlacedProblem[] {
  const { models, methods: rows, seeds, training } = spec;
  const problems: PlacedProblem[] = [];
  rows.forEach(({ warmupEpochs = 0 }, index) => {
    const shortest = Math.min(...training.map(({ epochs }) => epochs));
    if (warmupEpochs > shortest)
      problems.push({
        pointer: `/methods/${index}/warmupEpochs`,
        message: `is ${warmupEpochs}, more than the ${shortest} epochs of the protocol`,
      });
  });
  const cells = models.length * rows.length * seeds.length * training.length;
  if (cells > maxCells)
    problems.push({
      pointer: '',
      message: `has ${cells} cells (models x methods x seeds x protocols x rates), at most ${maxCells} are taken`,
    });
  training.forEach(({ epochs, warmupEpochs, stopAfterEpochs = epochs }, index) => {
    if (stopAfterEpochs > epochs)
      problems.push({
        pointer: `${trainingPointer(spec, index)}/stopAfterEpochs`,
        message: `is ${stopAfterEpochs}, more than the ${epochs} epochs of the protocol`,
      });
    if (warmupEpochs > epochs)
      problems.push({
        pointer: `${trainingPointer(spec, index)}/warmupEpochs`,
        message: `is ${warmupEpochs}, more than the ${epochs} epochs of the protocol`,
      });
  });
  return problems;
}
