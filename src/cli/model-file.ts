/** Reads models and tensors from files. */
import { AppError } from '../errors.ts';
import type { Json } from '../json.ts';
import { type ParsedModel, parseModel } from '../models/index.ts';
import { readModelText } from '../models/model-text.ts';
import { parseJson } from '../models/parse-json.ts';

/** The JSON of a model file (JSON, .keras, .h5), unchanged. Throws MODEL_MALFORMED, MODEL_TOO_LARGE. */
export const readModelJson = (file: string): Promise<Json> =>
  inFile(file, async () => parseJson(await readModelText(file)));

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
