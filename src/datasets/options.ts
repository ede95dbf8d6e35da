/** The options of a dataset: those that all formats share, and those of each format, in one strict flat object. */
import { type Static, type TProperties, Type } from 'typebox';
import { completeOptions, refuseOptions } from '../complete-options.ts';
import { pointerTo } from '../pointer.ts';
import { type FormatName, fileFormatNames, formats } from './formats.ts';
import { partNames } from './parts.ts';

const Name = Type.String({ minLength: 1, maxLength: 256 });

const Names = Type.Array(Name, { minItems: 1, maxItems: 1000, uniqueItems: true });

const TargetsAs = Type.Enum(['auto', 'classes', 'values']);

const commonOptions = {
  part: Type.Enum(partNames, {
    default: 'train',
    description: 'Which part of a dataset that comes as several; one that comes as a whole is all train.',
  }),
  inputs: Type.Optional(
    Type.Array(Name, {
      minItems: 1,
      maxItems: 10_000,
      uniqueItems: true,
      description:
        'The arrays or columns of the inputs, in the order of the model. Default: x, X, images, ..., x_train, or x0, x1, ...; of tables all columns but the target.',
    }),
  ),
  target: Type.Optional(
    Type.Union([Name, Names, Type.Array(Names, { minItems: 1, maxItems: 100 })], {
      description:
        'The array or column of the targets, several for several values; a list of such lists: the targets of each output of a model with several. Default: the one that is called y, label, target, class, ...',
    }),
  ),
  normalize: Type.Union(
    [
      Type.Enum(['auto', 'per-channel', 'unit', 'none']),
      Type.Object(
        {
          mean: Type.Array(Type.Number(), {
            minItems: 1,
            maxItems: 65_536,
            description: 'One for all channels, or one for each.',
          }),
          std: Type.Array(Type.Number({ exclusiveMinimum: 0 }), {
            minItems: 1,
            maxItems: 65_536,
            description: 'As `mean`.',
          }),
        },
        { additionalProperties: false },
      ),
    ],
    {
      default: 'auto',
      description:
        'auto: per-channel for images (bytes, and samples with three axes) unless they are float numbers of a small range already, none otherwise. per-channel: mean 0 and standard deviation 1 over the training part (features: each column). unit: to 0..1. { mean, std }: (x - mean) / std, where x of 8-bit images is first brought to 0..1.',
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
  targets: Type.Union([TargetsAs, Type.Array(TargetsAs, { minItems: 1, maxItems: 100 })], {
    default: 'auto',
    description:
      'auto: names, whole numbers and exact one-hot rows are classes, other numbers are values to regress; whole numbers that hardly are classes are asked about. A list: one for each output.',
  }),
  classes: Type.Optional(
    Type.Integer({ minimum: 2, maximum: 1_000_000, description: 'Number of classes; default: those that occur.' }),
  ),
  ignoreLabel: Type.Optional(
    Type.Integer({
      minimum: -(2 ** 31),
      maximum: 2 ** 31 - 1,
      description:
        'The label of positions that have none and are left out of the loss. Default for labels per position: -100, and 255 in masks.',
    }),
  ),
  mask: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        'The array or column of lists of 0 and 1, in the shape of the labels: positions with 0 have no label and are left out of the loss.',
    }),
  ),
};

/** The options of all formats in one object; formats that share an option share its schema. */
type FormatOptions = UnionToIntersection<(typeof formats)[FormatName]['options']>;
type UnionToIntersection<U> = (U extends unknown ? (u: U) => void : never) extends (all: infer I) => void ? I : never;

// Object.assign of a list has no better type: the keys are exactly those of the registry.
const formatOptions = Object.assign({}, ...Object.values(formats).map(({ options }) => options)) as FormatOptions;

const allOptions = Type.Object(
  {
    format: Type.Optional(Type.Enum(fileFormatNames, { description: 'Skips the recognition of the format.' })),
    ...commonOptions,
    ...formatOptions,
  },
  { additionalProperties: false },
);

/** All options, strict; none is required of the caller. Options of another format than the file's are refused when it is opened. */
export const DatasetOptions = Type.Partial(allOptions, { additionalProperties: false });
/** What a caller may give. */
export type DatasetOptions = Static<typeof DatasetOptions>;
/** With every default filled in. */
export type CompleteOptions = Static<typeof allOptions>;

const place = { owner: 'dataset options', pointer: '', code: 'INVALID_INPUT' } as const;

/** Fills in the defaults. Throws INVALID_INPUT with a JSON pointer inside the options for every problem. */
export function parseDatasetOptions(input: unknown): CompleteOptions {
  const complete = completeOptions(allOptions, input, place);
  const { normalize } = complete;
  if (typeof normalize === 'object' && normalize.mean.length !== normalize.std.length) {
    const message = `needs ${normalize.mean.length} numbers, as mean has`;
    return refuseOptions([{ pointer: '/normalize/std', message }], place);
  }
  return complete;
}

/** Refuses options that differ from their default and belong to other formats only. Throws INVALID_INPUT. */
export function checkFormatOptions(options: CompleteOptions, format: FormatName): void {
  const own: TProperties = formats[format].options;
  const defaults: Readonly<Record<string, unknown>> = parseDatasetOptions({});
  const foreign = Object.entries(options)
    .filter(([name, value]) => name !== 'format' && value !== defaults[name])
    .map(([name]) => name)
    .filter((name) => !Object.hasOwn(commonOptions, name) && !Object.hasOwn(own, name));
  if (foreign.length > 0) {
    const message = `does not apply to a dataset of format ${format}`;
    refuseOptions(
      foreign.map((name) => ({ pointer: pointerTo(name), message })),
      place,
    );
  }
}
