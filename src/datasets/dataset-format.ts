/** What a dataset format is. One reader a file in ./readers; ./formats.ts is the registry. */
import { type Static, type TObject, type TProperties, Type } from 'typebox';
import type { Budget } from './budget.ts';
import type { Candidate } from './candidate.ts';
import type { Column } from './column.ts';
import type { PartName } from './parts.ts';

/** What the numbers of an input are, and so how they are normalised by default. */
export type Role =
  /** Pixels, [h, w], [h, w, c] or flat: per channel. */
  | 'image'
  /** Features: taken as they are. */
  | 'values'
  /** Integer ids (tokens): int32, never normalised. */
  | 'ids';

export interface RawInput {
  readonly name: string;
  readonly column: Column;
  readonly role: Role;
  /** The range that the type or format can express (0 to 255); null where only the data show it. */
  readonly range: readonly [number, number] | null;
  /** True when rows are [c, h, w]; samples come out as [h, w, c]. */
  readonly channelsFirst: boolean;
}

export interface RawTargets {
  /** The column, array or feature that they were read from, for errors and reports. */
  readonly name: string;
  /** Rows of shape [] hold one number for each sample; [h, w] or [t] one for each position. */
  readonly column: Column;
  /** True when the file stores integers: class ids unless the options say otherwise. */
  readonly integer: boolean;
  /** Labels that are text: the distinct names in any order, of which `column` holds positions; null for numbers. */
  readonly names: readonly string[] | null;
  /** Names by id where the file fixes both (ClassLabel, batches.meta.txt): the numbers are ids and stay as they are. */
  readonly classNames: readonly string[] | null;
  /** Number of classes where the format fixes it. */
  readonly classes: number | null;
  /** Names of the numbers of one row, where each comes from a column: the classes of one-hot rows. */
  readonly elementNames?: readonly string[];
  /** True when nothing but its position says that this is the label: then it must look like one. */
  readonly isGuess: boolean;
  /** The number that marks positions without a label (255 in masks), where the format has one. */
  readonly ignored: number | null;
}

/** The usual case: numbers of an array that the file calls a label. */
export const plainTargets = (name: string, column: Column, integer: boolean): RawTargets => ({
  name,
  column,
  integer,
  names: null,
  classNames: null,
  classes: null,
  isGuess: false,
  ignored: null,
});

/** A dataset as its file has it: one part in full, and the labels of the others. Memory is one copy, in the file's own compact types. */
export interface RawDataset {
  readonly inputs: readonly RawInput[];
  readonly targets: RawTargets;
  /** All parts that the file has, the one that was read included. */
  readonly parts: readonly { readonly name: PartName; readonly samples: number }[];
  /** Labels of the parts that were not read: ids come from the labels of all parts. */
  readonly otherTargets: readonly RawTargets[];
  /** What was left out, taken for granted or decided, in whole sentences for reports. */
  readonly notes: readonly string[];
  /** SHA-256 of the file; of several files: of the `sha256sum` listing of their base names. */
  readonly sha256: string;
  /** The place of a sample in the file, for errors: 'row 17' or 'sample 16'. */
  locate(sample: number): string;
}

export interface DatasetFormat<P extends TProperties = TProperties> {
  readonly name: string;
  readonly summary: string;
  /** Options beyond those that every dataset has, each with a default or optional. Readers that share an option share its schema. */
  readonly options: P;
  /** The conventions that it reads, a line each with the options that an example needs: the table of docs/datasets.md. */
  readonly conventions: readonly Convention[];
  /** A library reads it, which may end the process or never return on damaged bytes. */
  readonly mayCrash?: true;
  /** A file of it is opened with others that lie beside it: images with their labels. */
  readonly readsBeside?: true;
  /** Why the file is of this format ('begins with PAR1'), null when it is not. */
  recognise(candidate: Candidate): string | null;
  /**
   * Reads every file of the wanted part once, from start to end, and the labels of the other parts.
   *
   * @throws DATASET_MALFORMED, DATASET_INVALID, DATASET_AMBIGUOUS, DATASET_TOO_LARGE, DATASET_NOT_FOUND naming the file and the place
   */
  read(candidate: Candidate, options: Static<TObject<P>>, reading: Reading): Promise<RawDataset>;
}

/** The options of every dataset that readers look at. */
export interface CommonWish {
  readonly part: PartName;
  /** Arrays or columns of the inputs, in the order of the model. */
  readonly inputs?: readonly string[];
  /** Arrays or columns of the targets. */
  readonly target?: string | readonly string[];
  /** The label of positions that have none. */
  readonly ignoreLabel?: number;
  /** The array or column that says which positions have a label; readers give it as the last input. */
  readonly mask?: string;
  /** Arrays or columns of the targets of other outputs: no inputs. */
  readonly otherTargetNames?: readonly string[];
}

/** What every reader is given beside its own options. */
export interface Reading extends CommonWish {
  readonly budget: Budget;
}

export interface Convention {
  /** What people have, in their words: 'MNIST as published: images and labels, gzip'. */
  readonly what: string;
  /** The end of a reference: 'mnist/' or 'iris.csv'. */
  readonly example: string;
  /** Options that the example needs; left out where it needs none. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Keeps the option types of a format while the registry sees the general type. */
export function defineFormat<const P extends TProperties>(format: DatasetFormat<P>): DatasetFormat<P> {
  return format;
}

export const sampleName = (sample: number) => `sample ${sample}`;

/** The names that `target` gives; null when it is left out. */
export const targetNames = ({ target }: Pick<CommonWish, 'target'>): readonly string[] | null =>
  target === undefined ? null : typeof target === 'string' ? [target] : target;

/** For readers of token lists: Parquet, JSON lines, TFRecord. */
export const raggedOptions = {
  padTo: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2 ** 20,
      description: 'Lists of ids of different lengths: every list is padded on the right, or cut, to this length.',
    }),
  ),
  padValue: Type.Integer({
    minimum: -(2 ** 31),
    maximum: 2 ** 31 - 1,
    default: 0,
    description: 'With padTo: the id that fills up.',
  }),
};
