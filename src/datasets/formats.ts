/** The registry of dataset formats, in the order in which they are asked whether a file is theirs. */
import { AppError } from '../errors.ts';
import { cifar10, cifar100 } from './cifar.ts';
import { csv } from './csv.ts';
import type { Candidate, DatasetFormat } from './dataset-format.ts';
import { digits } from './digits.ts';
import { idx } from './idx.ts';
import { npy } from './npy.ts';
import { npz } from './npz.ts';

/** Formats known by their first bytes come before those known by name. */
export const formats = {
  digits,
  npz,
  npy,
  idx,
  'cifar-100': cifar100,
  'cifar-10': cifar10,
  csv,
} as const satisfies Record<string, DatasetFormat>;

export type FormatName = keyof typeof formats;

/** The formats of files; built-in datasets have formats of their own. */
const { digits: _, ...fileFormats } = formats;
export type FileFormatName = keyof typeof fileFormats;
export const fileFormatNames = Object.keys(fileFormats).filter(isFileFormatName);

function isFileFormatName(name: string): name is FileFormatName {
  return Object.hasOwn(fileFormats, name);
}

/** True for the names of the registry. */
export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(formats, name);
}

/** The format of a file or folder by its content, then by its name. Throws DATASET_FORMAT_UNKNOWN. */
export function detectFormat(candidate: Candidate): FormatName {
  for (const [name, format] of Object.entries(formats)) {
    if (isFormatName(name) && format.detect(candidate)) return name;
  }
  const start = Buffer.from(candidate.head.subarray(0, 4)).toString('hex');
  const seen = candidate.isDirectory
    ? `a folder with ${candidate.entries.length} entries`
    : `first bytes ${start || 'none'}`;
  throw new AppError(
    'DATASET_FORMAT_UNKNOWN',
    `${candidate.label}: no dataset format was recognised (${seen}); known are ${fileFormatNames.join(', ')}`,
  );
}
