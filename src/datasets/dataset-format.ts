/** What a dataset format is. One format per file in this folder; ./index.ts is the registry. */
import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { AppError } from '../errors.ts';
import type { Column } from './column.ts';

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
  /** The range that the type or format can express (0 to 255); null where only the data tells. */
  readonly range: readonly [number, number] | null;
  /** True when rows are [c, h, w]; samples come out as [h, w, c]. */
  readonly channelsFirst: boolean;
}

export interface RawTargets {
  readonly column: Column;
  /** True when the file stores integers: class ids unless the options say otherwise. */
  readonly integer: boolean;
  /** Where the format fixes it. */
  readonly classes: number | null;
}

/** A dataset as its file has it. Memory is one copy, in the file's own compact types. */
export interface RawDataset {
  readonly inputs: readonly RawInput[];
  readonly targets: RawTargets;
  /** SHA-256 of the file; of several files: of the `sha256sum` listing of their base names. */
  readonly sha256: string;
  /** Where a sample stands, for errors: 'row 17' or 'sample 16'. */
  locate(sample: number): string;
}

/** A file or folder as format detection sees it. */
export interface Candidate {
  readonly path: string;
  /** As shown in errors. */
  readonly label: string;
  /** Base name in lower case, without '.gz'. */
  readonly name: string;
  readonly isDirectory: boolean;
  /** Names in the folder; empty for a file. */
  readonly entries: readonly string[];
  /** The first bytes, decompressed if the file is gzip; empty for a folder. */
  readonly head: Uint8Array;
}

/** Counts what is kept in memory and refuses past the limit. */
export interface Budget {
  /** Throws DATASET_TOO_LARGE. */
  take(bytes: number, what: string): void;
  left(): number;
}

export interface DatasetFormat<P extends TProperties = TProperties> {
  readonly name: string;
  readonly summary: string;
  /** Options beyond those that every dataset has, each with a default or optional. */
  readonly options: P;
  detect(candidate: Candidate): boolean;
  /**
   * Reads every file once, from start to end.
   *
   * @throws DATASET_MALFORMED, DATASET_INVALID, DATASET_TOO_LARGE, DATASET_NOT_FOUND naming the file and the place
   */
  read(candidate: Candidate, options: Static<TObject<P>>, budget: Budget): Promise<RawDataset>;
}

/** Keeps the option types of a format while the registry sees the general type. */
export function defineFormat<const P extends TProperties>(format: DatasetFormat<P>): DatasetFormat<P> {
  return format;
}

/** For formats that come as a training and a test set. */
export const partOption = Type.Enum(['train', 'test'], {
  default: 'train',
  description: 'Which set of a dataset that comes as two: idx folders, CIFAR, npz with x_train and x_test.',
});

export function createBudget(maxBytes: number): Budget {
  let left = maxBytes;
  return {
    take(bytes, what) {
      if (bytes > left) {
        const message = `${what} takes ${bytes} bytes in memory; of the limit of ${maxBytes} bytes ${left} are left`;
        throw new AppError('DATASET_TOO_LARGE', message);
      }
      left -= bytes;
    },
    left: () => left,
  };
}

export const sampleName = (sample: number) => `sample ${sample}`;
