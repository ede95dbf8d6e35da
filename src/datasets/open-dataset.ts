/** From a reference to an open dataset: locate, recognise, read, check, split, measure. */
import path from 'node:path';
import { AppError } from '../errors.ts';
import { createRandom, shuffle } from '../random.ts';
import { arrangeInputs } from './arrange.ts';
import { missingPart, refuseOption } from './array-names.ts';
import { createBudget } from './budget.ts';
import { type Candidate, examine } from './candidate.ts';
import { createDataset, type Dataset, type DatasetParts } from './dataset.ts';
import type { DatasetFormat, RawDataset, Reading } from './dataset-format.ts';
import { formats, isFormatName, type Recognition, recogniseFormat } from './formats.ts';
import { applyMask } from './mask.ts';
import { normalizationOf } from './normalization.ts';
import { type CompleteOptions, checkFormatOptions, type DatasetOptions, parseDatasetOptions } from './options.ts';
import { locate } from './reference.ts';
import { joinTargets, resolveAll, targetWishes } from './several-targets.ts';
import { createSpill, type SpillOptions } from './spill.ts';
import { checkFinite } from './statistics.ts';

export interface OpenContext {
  /** Paths are confined to this folder, and relative ones start there. */
  readonly dataRoot?: string;
  /** Links of a folder may not lead out of this one; default: `dataRoot`. */
  readonly confinedTo?: string;
  /** Cap on the decoded data in memory; default 4 GiB. */
  readonly maxBytes?: number;
  /** Where decoded data beyond that goes; without it larger datasets are refused. */
  readonly spill?: SpillOptions;
  /** The name that the file had where it came from, when it is stored under another one. */
  readonly fileName?: string;
  /** What errors and reports call the dataset, when the reference is an inner path; default: the reference. */
  readonly label?: string;
}

const defaultMaxBytes = 4 * 2 ** 30;

/**
 * Opens `builtin:NAME`, `file:PATH` or a plain path. The file is read once, for a model with several outputs once for the targets of each; memory stays at one copy of the data, in the file's own types.
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
  const candidate = await examine(location.path, label, context.fileName, context.confinedTo ?? context.dataRoot);
  const { format: formatName, reason } = location.format
    ? { format: location.format, reason: 'comes with the installation' }
    : chooseFormat(complete.format, candidate);
  checkFormatOptions(complete, formatName);
  const format: DatasetFormat = formats[formatName];
  const budget = createBudget(
    context.maxBytes ?? defaultMaxBytes,
    context.spill === undefined ? null : createSpill(context.spill),
  );
  const wishes = targetWishes(complete);
  if (wishes.length > 1 && complete.mask !== undefined)
    refuseOption('mask', 'dataset options: mask is for targets of one output');
  const raws: RawDataset[] = [];
  const { target: _, ...common } = complete;
  for (const wish of wishes) {
    const own = await readRaw(format, candidate, complete, { ...common, ...wish, budget });
    if (!own.parts.some(({ name }) => name === complete.part))
      throw missingPart(
        complete.part,
        own.parts.map(({ name }) => name),
        label,
      );
    checkSamples(own, label);
    raws.push(own);
  }
  const [raw] = raws as [RawDataset];
  const masked = applyMask(raw, complete, budget, label);
  const name = location.format ?? context.fileName ?? path.basename(location.path);
  const all = [masked.raw, ...raws.slice(1)];
  return assemble(all, masked.wish, { ref: label, name, format: formatName, reason, sha256: raw.sha256 });
}

/** What a library throws is the fault of the file. */
async function readRaw(format: DatasetFormat, candidate: Candidate, options: CompleteOptions, reading: Reading) {
  try {
    return await format.read(candidate, options, reading);
  } catch (cause) {
    if (cause instanceof AppError || !format.mayCrash) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('DATASET_MALFORMED', `${candidate.label}: is damaged: ${reason.slice(0, 200)}`, { cause });
  }
}

/** The format of a file or folder and what showed it, without reading it. Throws DATASET_NOT_FOUND, DATASET_FORMAT_UNKNOWN. */
export async function recogniseDataset(ref: string, context: OpenContext = {}): Promise<Recognition> {
  const location = await locate(ref, context.dataRoot);
  const confinedTo = context.confinedTo ?? context.dataRoot;
  return recogniseFormat(await examine(location.path, context.label ?? ref, context.fileName, confinedTo));
}

/** True for errors of data that can be read once an option says how. */
export const needsOption = (error: unknown): boolean =>
  error instanceof AppError && (error.code === 'DATASET_AMBIGUOUS' || error.details.option !== undefined);

function chooseFormat(wanted: string | undefined, candidate: Candidate): Recognition {
  if (wanted === undefined) return recogniseFormat(candidate);
  if (isFormatName(wanted)) return { format: wanted, reason: 'named by the option "format"' };
  throw new AppError(
    'DATASET_FORMAT_UNKNOWN',
    `no dataset format is called ${wanted}; there are ${Object.keys(formats).join(', ')}`,
  );
}

function checkSamples({ inputs, targets, locate: locateSample }: RawDataset, label: string): void {
  if (targets.column.rows === 0) throw new AppError('DATASET_INVALID', `${label}: holds no samples`);
  for (const { name, column } of [...inputs, targets]) {
    if (column.rowSize === 0)
      throw new AppError(
        'DATASET_INVALID',
        `${label}: "${name}" has samples of shape [${column.rowShape}], without elements`,
      );
    checkFinite(column, `${label}: "${name}"`, locateSample);
  }
}

function assemble(
  raws: readonly RawDataset[],
  options: CompleteOptions,
  identity: Pick<DatasetParts, 'ref' | 'name' | 'format' | 'reason' | 'sha256'>,
): Dataset {
  const raw = joinTargets(raws);
  const targets = resolveAll(raws, options, identity.ref);
  const parts = split(raw.targets.column.rows, options);
  const inputs = arrangeInputs(raw.inputs, options).map((input) => ({
    ...input,
    normalization: normalizationOf(input, options.normalize, parts?.training ?? null),
  }));
  const { part, splitSeed } = options;
  return createDataset({ ...identity, store: { inputs, targets }, raw, part, splitSeed, parts });
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
