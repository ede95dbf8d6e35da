/** Models and tensors from files, for the commands. */
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import type { Json } from '../json.ts';
import { type ParsedModel, parseModel } from '../models/index.ts';
import { defaultJsonLimits, parseJson } from '../models/parse-json.ts';

/** The JSON of a model file, as posted. Throws MODEL_MALFORMED, MODEL_TOO_LARGE. */
export async function readModelJson(file: string): Promise<Json> {
  const stats = await stat(file).catch((cause) => {
    throw new AppError('MODEL_MALFORMED', `${file}: the model file does not exist`, { cause });
  });
  if (!stats.isFile()) throw new AppError('MODEL_MALFORMED', `${file}: is not a file; name the model.json itself`);
  if (stats.size > defaultJsonLimits.maxBytes) {
    throw new AppError(
      'MODEL_TOO_LARGE',
      `${file} has ${stats.size} bytes, at most ${defaultJsonLimits.maxBytes} are read`,
    );
  }
  return inFile(file, async () => parseJson(await readFile(file, 'utf8')));
}

/** Reads and parses a model file of any format. Errors name the file. */
export async function readModelFile(file: string): Promise<ParsedModel> {
  const topology = await readModelJson(file);
  return inFile(file, async () => parseModel({ topology }));
}

async function inFile<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `${file}: ${cause.message}`, {
      cause,
      details: cause.details,
      problems: cause.problems,
    });
  }
}
