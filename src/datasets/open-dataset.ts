/** From a reference to an open dataset: locate, detect, read, check, split, measure. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Origin } from '../codecs/byte-source.ts';
import { fill } from '../codecs/byte-source.ts';
import { openFileSource } from '../codecs/file-source.ts';
import { gunzip, isGzip } from '../codecs/inflate.ts';
import { AppError } from '../errors.ts';
import { createRandom, shuffle } from '../random.ts';
import { arrangeInputs } from './arrange.ts';
import { createDataset, type Dataset, type DatasetParts } from './dataset.ts';
import { type Candidate, createBudget, type DatasetFormat, type RawDataset } from './dataset-format.ts';
import { detectFormat, type FormatName, formats, isFormatName } from './formats.ts';
import { normalizationOf } from './normalization.ts';
import { type CompleteOptions, checkFormatOptions, type DatasetOptions, parseDatasetOptions } from './options.ts';
import { locate } from './reference.ts';
import { checkFinite } from './statistics.ts';
import { resolveTargets } from './targets.ts';

export interface OpenContext {
  /** Paths are confined to this folder, and relative ones start there. */
  readonly dataRoot?: string;
  /** Cap on the decoded data; default 4 GiB. */
  readonly maxBytes?: number;
  /** The name that the file had where it came from, when it is stored under another one. */
  readonly fileName?: string;
  /** What errors and reports call the dataset, when the reference is an inner path; default: the reference. */
  readonly label?: string;
}

const defaultMaxBytes = 4 * 2 ** 30;
const headBytes = 1024;
const maxFolderEntries = 100_000;

/**
 * Opens `builtin:NAME`, `file:PATH` or a plain path. The file is read once; memory stays at one copy of the data, in the file's own types.
 *
 * @throws INVALID_INPUT for options, and the DATASET_ codes naming the file, the row and the fix
 */
export async function openDataset(
  ref: string,
  options: DatasetOptions = {},
  context: OpenContext = {},
): Promise<Dataset> {
  const complete = parseDatasetOptions(options);
  const location = await locate(ref, context.dataRoot);
  const label = context.label ?? ref;
  const candidate = await examine(location.path, label, context.fileName);
  const formatName = location.format ?? chooseFormat(complete.format, candidate);
  checkFormatOptions(complete, formatName);
  const format: DatasetFormat = formats[formatName];
  const raw = await format.read(candidate, complete, createBudget(context.maxBytes ?? defaultMaxBytes));
  checkSamples(raw, label);
  const name = location.format ?? context.fileName ?? path.basename(location.path);
  return assemble(raw, complete, { ref: label, name, format: formatName, sha256: raw.sha256 });
}

function chooseFormat(wanted: string | undefined, candidate: Candidate): FormatName {
  if (wanted === undefined) return detectFormat(candidate);
  if (isFormatName(wanted)) return wanted;
  throw new AppError(
    'DATASET_FORMAT_UNKNOWN',
    `no dataset format is called ${wanted}; there are ${Object.keys(formats).join(', ')}`,
  );
}

/** Collects what format detection looks at. */
async function examine(filePath: string, label: string, fileName = path.basename(filePath)): Promise<Candidate> {
  const isDirectory = (await stat(filePath)).isDirectory();
  const entries = isDirectory ? await readdir(filePath) : [];
  if (entries.length > maxFolderEntries) {
    throw new AppError('DATASET_FORMAT_UNKNOWN', `${label}: a folder of ${entries.length} entries is no dataset`);
  }
  const name = fileName
    .toLowerCase()
    .replace(/\.gz$/, '')
    .replace(/\.tgz$/, '.tar');
  return {
    path: filePath,
    label,
    name,
    isDirectory,
    entries,
    head: isDirectory ? new Uint8Array(0) : await readHead(filePath, label),
  };
}

async function readHead(filePath: string, label: string): Promise<Uint8Array> {
  const origin: Origin = { name: label, code: 'DATASET_MALFORMED' };
  const file = await openFileSource(filePath, origin);
  const start = await file.readAt(0, Math.min(headBytes, file.size));
  const source = isGzip(start) ? gunzip(file, Number.MAX_SAFE_INTEGER, origin) : file;
  try {
    const head = new Uint8Array(headBytes);
    return head.subarray(0, await fill(source, head));
  } finally {
    await source.close();
  }
}

function checkSamples({ inputs, targets, locate: locateSample }: RawDataset, label: string): void {
  if (targets.column.rows === 0) throw new AppError('DATASET_INVALID', `${label}: holds no samples`);
  for (const { name, column } of [...inputs, { name: 'targets', column: targets.column }]) {
    if (column.rowSize === 0)
      throw new AppError(
        'DATASET_INVALID',
        `${label}: "${name}" has samples of shape [${column.rowShape}], without elements`,
      );
    checkFinite(column, `${label}: "${name}"`, locateSample);
  }
}

function assemble(
  raw: RawDataset,
  options: CompleteOptions,
  identity: Pick<DatasetParts, 'ref' | 'name' | 'format' | 'sha256'>,
): Dataset {
  const targets = resolveTargets(raw, options, identity.ref);
  const parts = split(raw.targets.column.rows, options);
  const inputs = arrangeInputs(raw.inputs, options).map((input) => ({
    ...input,
    normalization: normalizationOf(input, options.normalize, parts?.training ?? null),
  }));
  return createDataset({ ...identity, store: { inputs, targets }, splitSeed: options.splitSeed, parts });
}

/** A seeded draw without replacement; both parts keep the order of the file. */
function split(size: number, { validationSplit, splitSeed }: CompleteOptions): DatasetParts['parts'] {
  if (validationSplit === 0) return null;
  const count = Math.max(1, Math.round(size * validationSplit));
  if (count >= size) {
    throw new AppError(
      'DATASET_INVALID',
      `validationSplit ${validationSplit} of ${size} samples leaves none for training`,
    );
  }
  const order = Int32Array.from({ length: size }, (_, row) => row);
  shuffle(order, createRandom(splitSeed, 'validation-split'));
  return { validation: order.slice(0, count).sort(), training: order.slice(count).sort() };
}
