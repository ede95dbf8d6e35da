/** The options of a dataset: those that all formats share, and those of each format, in one strict flat object. */
import { type Static, type TProperties, Type } from 'typebox';
import { Value } from 'typebox/value';
import { AppError } from '../errors.ts';
import { type FormatName, fileFormatNames, formats } from './formats.ts';

const commonOptions = {
  normalize: Type.Union(
    [
      Type.Enum(['auto', 'per-channel', 'unit', 'none']),
      Type.Object(
        {
          mean: Type.Array(Type.Number(), { minItems: 1, description: 'One for all channels, or one for each.' }),
          std: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, description: 'As `mean`.' }),
        },
        { additionalProperties: false },
      ),
    ],
    {
      default: 'auto',
      description:
        'auto: per-channel for images (bytes, and samples with three axes), none otherwise. per-channel: mean 0 and standard deviation 1 over the training part (features: each column). unit: to 0..1. { mean, std }: (x - mean) / std, where x of 8-bit images is first brought to 0..1.',
    },
  ),
  validationSplit: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: 'Share of the samples that is drawn aside for validation.',
  }),
  splitSeed: Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    default: 0,
    description: 'Seed of that draw.',
  }),
  layout: Type.Enum(['channels-last', 'channels-first'], {
    default: 'channels-last',
    description: 'How the file stores images with three axes; samples always come out channels-last.',
  }),
  shape: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }), {
      minItems: 1,
      maxItems: 8,
      description: 'Shape of one stored sample, where the file holds it flat; of datasets with one input.',
    }),
  ),
  targets: Type.Enum(['auto', 'classes', 'values'], {
    default: 'auto',
    description: 'auto: integers and exact one-hot rows are classes, other numbers are values to regress.',
  }),
  classes: Type.Optional(
    Type.Integer({ minimum: 2, maximum: 1_000_000, description: 'Number of classes; default: the largest label + 1.' }),
  ),
};

const [cifar10, cifar100, npz, csv] = [formats['cifar-10'], formats['cifar-100'], formats.npz, formats.csv];

const allOptions = Type.Object(
  {
    format: Type.Optional(Type.Enum(fileFormatNames, { description: 'Skips the detection of the format.' })),
    ...commonOptions,
    ...cifar10.options,
    ...cifar100.options,
    ...npz.options,
    ...csv.options,
  },
  { additionalProperties: false },
);

/** All options, strict; none is required of the caller. Options of another format than the file's are refused when it is opened. */
export const DatasetOptions = Type.Partial(allOptions, { additionalProperties: false });
/** What a caller may give. */
export type DatasetOptions = Static<typeof DatasetOptions>;
/** With every default filled in. */
export type CompleteOptions = Static<typeof allOptions>;

/** Fills in the defaults. Throws INVALID_INPUT with a JSON pointer inside the options for every problem. */
export function parseDatasetOptions(input: unknown): CompleteOptions {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return refuse([{ pointer: '', message: 'must be an object' }]);
  }
  const unknownNames = Object.keys(input).filter((name) => !Object.hasOwn(allOptions.properties, name));
  if (unknownNames.length > 0) {
    const known = Object.keys(allOptions.properties).join(', ');
    return refuse(
      unknownNames.map((name) => ({ pointer: pointerTo(name), message: `is unknown; known are ${known}` })),
    );
  }
  const complete: unknown = Value.Default(allOptions, structuredClone(input));
  if (!Value.Check(allOptions, complete)) {
    return refuse(problemsOf(complete));
  }
  const { normalize } = complete;
  if (typeof normalize === 'object' && normalize.mean.length !== normalize.std.length) {
    return refuse([{ pointer: '/normalize/std', message: `needs ${normalize.mean.length} numbers, as mean has` }]);
  }
  return complete;
}

/** One problem for every option; of an option with alternatives what it takes, instead of why each alternative fails. */
function problemsOf(options: unknown): Problem[] {
  const problems = Value.Errors(allOptions, options);
  const unions = problems.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  const others = problems.filter(
    ({ instancePath }) => !unions.some((union) => `${instancePath}/`.startsWith(`${union}/`)),
  );
  const describe = (union: string) => {
    const schema: unknown = Object.entries(allOptions.properties).find(([name]) => pointerTo(name) === union)?.[1];
    const description = isDescribed(schema) ? ` (${schema.description})` : '';
    return { pointer: union, message: `has a value that it does not take${description}` };
  };
  const list = others.map(({ instancePath, message, keyword, params }) => {
    const allowed = keyword === 'enum' && 'allowedValues' in params ? `: ${JSON.stringify(params.allowedValues)}` : '';
    return { pointer: instancePath, message: `${message}${allowed}` };
  });
  return [...list, ...[...new Set(unions)].map(describe)];
}

const isDescribed = (schema: unknown): schema is { description: string } =>
  typeof schema === 'object' && schema !== null && 'description' in schema && typeof schema.description === 'string';

/** Refuses options that differ from their default and belong to other formats only. Throws INVALID_INPUT. */
export function checkFormatOptions(options: CompleteOptions, format: FormatName): void {
  const own: TProperties = formats[format].options;
  const defaults: Readonly<Record<string, unknown>> = parseDatasetOptions({});
  const foreign = Object.entries(options)
    .filter(([name, value]) => name !== 'format' && value !== defaults[name])
    .map(([name]) => name)
    .filter((name) => !Object.hasOwn(commonOptions, name) && !Object.hasOwn(own, name));
  if (foreign.length > 0) {
    refuse(
      foreign.map((name) => ({ pointer: pointerTo(name), message: `does not apply to a dataset of format ${format}` })),
    );
  }
}

const pointerTo = (name: string) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

interface Problem {
  /** JSON pointer inside the options. */
  readonly pointer: string;
  readonly message: string;
}

function refuse(errors: readonly Problem[]): never {
  const text = errors.map(({ pointer, message }) => `${pointer.slice(1)} ${message}`.trim()).join('; ');
  throw new AppError('INVALID_INPUT', `dataset options: ${text}`, { details: { errors } });
}
