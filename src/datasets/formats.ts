/** The registry of dataset formats, in the order in which they are asked whether a file is theirs. */
import { AppError } from '../errors.ts';
import type { Candidate } from './candidate.ts';
import type { DatasetFormat } from './dataset-format.ts';
import { arrow } from './readers/arrow.ts';
import { cifar10, cifar100 } from './readers/cifar.ts';
import { csv } from './readers/csv.ts';
import { digits } from './readers/digits.ts';
import { hdf5 } from './readers/hdf5.ts';
import { idx } from './readers/idx.ts';
import { json } from './readers/json.ts';
import { libsvm } from './readers/libsvm.ts';
import { matlab } from './readers/matlab.ts';
import { npy } from './readers/npy.ts';
import { npz } from './readers/npz.ts';
import { parquet } from './readers/parquet.ts';
import { pictures } from './readers/pictures.ts';
import { safetensors } from './readers/safetensors.ts';
import { tfrecord } from './readers/tfrecord.ts';
import { webdataset } from './readers/webdataset.ts';
import { refuseKnown } from './refused.ts';

/** Formats known by their first bytes come before those known by names, and text comes last. */
export const formats = {
  digits,
  npz,
  npy,
  parquet,
  safetensors,
  arrow,
  tfrecord,
  matlab,
  hdf5,
  idx,
  'cifar-100': cifar100,
  'cifar-10': cifar10,
  json,
  libsvm,
  webdataset,
  pictures,
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

export interface Recognition {
  readonly format: FormatName;
  /** What showed it, as the end of a sentence: 'begins with PAR1'. */
  readonly reason: string;
}

/** The format of a file or folder by its content, then by its name. Throws DATASET_FORMAT_UNKNOWN. */
export function recogniseFormat(candidate: Candidate): Recognition {
  refuseKnown(candidate);
  for (const format of fileFormatNames) {
    const reason = formats[format].recognise(candidate);
    if (reason !== null) return { format, reason };
  }
  throw new AppError(
    'DATASET_FORMAT_UNKNOWN',
    `${candidate.label}: no dataset format was recognised (${describeContent(candidate)}); known are ${fileFormatNames.join(', ')}`,
  );
}

function describeContent({ kind, members, head }: Candidate): string {
  const shown = members.slice(0, 5).join(', ');
  const more = members.length > 5 ? ', ...' : '';
  if (kind === 'folder') return `a folder with ${members.length} files${shown === '' ? '' : `: ${shown}${more}`}`;
  if (kind !== 'file') return `a ${kind} archive with ${shown === '' ? 'no files' : `${shown}${more}`}`;
  return `first bytes ${Buffer.from(head.subarray(0, 4)).toString('hex') || 'none'}`;
}
