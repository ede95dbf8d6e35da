/** Really opens a file: what it is, and what is in it. Runs in a process of its own, because files lie and are large. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isKerasWeights } from '../../artifacts/keras-weights.ts';
import { readWeights, readWeightsAs } from '../../artifacts/read.ts';
import { isHdf5 } from '../../codecs/hdf5/index.ts';
import { isZip } from '../../codecs/zip.ts';
import {
  type Dataset,
  type DatasetOptions,
  holdsSamples,
  needsOption,
  type OpenContext,
  openDataset,
  recogniseDataset,
  type SpillOptions,
} from '../../datasets/index.ts';
import { AppError } from '../../errors.ts';
import { graphFormatOf } from '../../models/graph-files.ts';
import { parseModel } from '../../models/index.ts';
import { readModelText } from '../../models/model-text.ts';
import { parseJson } from '../../models/parse-json.ts';
import { graphOf } from '../../topology/operation-graph/build.ts';
import { describe } from '../../topology/summary.ts';
import type { Description, UploadKind, WeightsDescription } from './describe.ts';
import { describeDataset } from './describe-dataset.ts';

export interface InspectRequest {
  readonly path: string;
  /** As errors should call it. */
  readonly label: string;
  /** The name that the file had where it came from; formats without a magic number are known by it. */
  readonly fileName?: string;
  /** Links of a folder may not lead out of this one. */
  readonly confinedTo?: string;
  /** Null: whatever it is. */
  readonly kind: UploadKind | null;
  readonly options: DatasetOptions;
  /** True where options may come later: data that needs some is described as a container. */
  readonly mayLackOptions?: boolean;
  /** Cap on the decoded data. */
  readonly maxBytes: number;
  /** Where data beyond that goes; without it that is refused. */
  readonly spill?: SpillOptions;
}

/**
 * Opens the file to its end.
 *
 * @throws what the format throws, naming the place; DATASET_FORMAT_UNKNOWN
 */
export async function inspectFile(request: InspectRequest): Promise<Description> {
  const kind = request.kind ?? (await guessKind(request.path));
  if (kind === 'model') return inspectModel(request);
  if (kind === 'weights') return inspectWeights(request);
  return inspectDataset(request);
}

const contextOf = ({ maxBytes, spill, fileName, confinedTo }: InspectRequest): OpenContext => ({
  maxBytes,
  ...(spill === undefined ? {} : { spill }),
  ...(fileName === undefined ? {} : { fileName }),
  ...(confinedTo === undefined ? {} : { confinedTo }),
});

/** The dataset of a request. Throws what its format throws, with the name of the upload. */
export async function openRequested(request: InspectRequest): Promise<Dataset> {
  try {
    return await openDataset(request.path, request.options, contextOf(request));
  } catch (error) {
    throw named(error, request);
  }
}

async function inspectDataset(request: InspectRequest): Promise<Description> {
  try {
    return describeDataset(await openRequested(request));
  } catch (problem) {
    if (!request.mayLackOptions || !needsOption(problem) || !(problem instanceof AppError)) throw problem;
    const { format, reason } = await recogniseDataset(request.path, contextOf(request));
    return { kind: 'container', format, reason, problem: problem.message };
  }
}

async function inspectModel({ path }: InspectRequest): Promise<Description> {
  const { topology, format } = parseModel({ topology: parseJson(await readModelText(path)) });
  const start = await firstBytes(path);
  const isGraph = graphOf(topology) !== undefined;
  const weights = !isGraph && (isZip(start) || isHdf5(start)) ? { weights: await tensorsOf(path) } : {};
  const { totalParams } = describe(topology);
  return { kind: 'model', format, layers: topology.layers.length, parameters: totalParams, ...weights };
}

async function tensorsOf(path: string): Promise<WeightsDescription['tensors']> {
  const weights = await readWeights(path);
  return [...weights].map(([name, { shape, dtype }]) => ({ name, shape: [...shape], dtype }));
}

async function inspectWeights({ path, label }: InspectRequest): Promise<Description> {
  try {
    const { format, weights } = await readWeightsAs(path);
    const tensors = [...weights].map(([name, { shape, dtype }]) => ({ name, shape: [...shape], dtype }));
    return { kind: 'weights', format, tensors };
  } catch (error) {
    throw named(error, { path, label });
  }
}

/** The same error with the name of the upload in the place of its path on the disk of the service. */
export function named(error: unknown, { path, label }: Pick<InspectRequest, 'path' | 'label'>): unknown {
  const name = basename(path);
  if (!(error instanceof AppError) || !error.message.includes(name)) return error;
  const { code, message, problems, details, cause, permanent } = error;
  const text = message.replaceAll(path, label).replaceAll(name, label);
  return new AppError(code, text, { problems, details, cause, permanent });
}

async function firstBytes(path: string, length = 64): Promise<Buffer> {
  if ((await stat(path)).isDirectory()) return Buffer.alloc(0);
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

const maxGuessBytes = 2 ** 16;

/**
 * A JSON object is a topology unless it has arrays of samples or is one of many, safetensors are weights unless they have inputs and targets; all else is
 * data.
 */
async function guessKind(path: string): Promise<UploadKind> {
  if (await graphFormatOf(path)) return 'model';
  const start = (await firstBytes(path, maxGuessBytes)).toString('latin1');
  if (isZip(Buffer.from(start, 'latin1')) || isHdf5(Buffer.from(start, 'latin1'))) return kerasKind(path);
  const json = /^(?:\xef\xbb\xbf)?\s*(\{[^\0]*)$/.exec(start)?.[1];
  if (json !== undefined) return isTopology(json) ? 'model' : 'dataset';
  const isSafetensors = start.length > 9 && start[8] === '{' && start.slice(4, 8) === '\0\0\0\0';
  const names = isSafetensors
    ? [...start.matchAll(/"((?:[^"\\]|\\.)*)"\s*:\s*\{\s*"dtype"/g)].map(([, name = '']) => name)
    : [];
  return isSafetensors && !holdsSamples(names) ? 'weights' : 'dataset';
}

/** A .keras archive and an .h5 file of Keras are models, their weights alone are weights; every other zip or HDF5 file is data. */
async function kerasKind(path: string): Promise<UploadKind> {
  const isModel = await readModelText(path).then(
    () => true,
    (error: unknown) => {
      if (error instanceof AppError) return false;
      throw error;
    },
  );
  if (isModel) return 'model';
  return (await isKerasWeights(path)) ? 'weights' : 'dataset';
}

/** A topology is one object whose members describe a network. */
function isTopology(json: string): boolean {
  if (/"(class_name|config|modelTopology|layers|weightsManifest)"\s*:/.test(json)) return true;
  const isLines = /^\{[^\n]*\}\s*\n\s*\{/.test(json);
  return !isLines && !/"(x|y|x0|data|features|inputs|labels?|targets?)"\s*:\s*\[/i.test(json);
}
