/**
 * The zip file that torch.export.save writes: one graph as JSON, descriptions of tensors as JSON, and the bytes of storages.
 *
 *   ROOT/models/model.json, ROOT/data/weights/model_weights_config.json, weight_N, ROOT/data/constants/model_constants_config.json, tensor_N
 *
 * ROOT is whatever the file was called when it was saved. Pickles in the archive (sample inputs, custom objects) are never read.
 */
import { open } from 'node:fs/promises';
import { readBytes } from '../../codecs/byte-source.ts';
import { openFileSource } from '../../codecs/file-source.ts';
import { isZip, readZip, type ZipEntry } from '../../codecs/zip.ts';
import { AppError } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';

export const reexport =
  'export it again with ep = torch.export.export(model, (x,), dynamic_shapes=...) and torch.export.save(ep, "model.pt2") of torch 2.8 or later';

export const malformed = (problem: string): never => {
  throw new AppError('MODEL_MALFORMED', problem);
};

/** Bytes of the graph's JSON, of which most are traces of the source that are not read. */
const maxGraphBytes = 512 * 2 ** 20;
const maxConfigBytes = 64 * 2 ** 20;

/** The path of an entry behind the root folder. */
const innerPath = (name: string): string => name.slice(name.indexOf('/') + 1);

const isProgramPath = (path: string): boolean =>
  /^(models\/.*\.json|data\/weights\/|archive_format|serialized_exported_program\.json)/.test(path);

export const isProgram = (entries: readonly ZipEntry[]): boolean =>
  entries.some(({ name }) => isProgramPath(innerPath(name)));

/** Whether a file is such an archive; false for all that is no zip file, and for damaged ones. */
export async function isProgramFile(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (!isZip(buffer.subarray(0, bytesRead))) return false;
  } finally {
    await handle.close();
  }
  try {
    const { sizes } = await readEntries(file, () => false);
    return [...sizes.keys()].some(isProgramPath);
  } catch {
    return false;
  }
}

export interface Archive {
  /** Parses the graph, which is the larger part of the texts; values are read without it. Throws MODEL_MALFORMED. */
  readonly readGraph: () => JsonObject;
  readonly weights: JsonObject;
  readonly constants: JsonObject;
  /** Bytes of the entries, by the path behind the root. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** Reads chosen entries whole, by the path behind the root. */
export async function readEntries(
  file: string,
  choose: (path: string, size: number) => boolean,
): Promise<{ entries: Map<string, Uint8Array>; sizes: Map<string, number> }> {
  const origin = { name: file, code: 'MODEL_MALFORMED' } as const;
  const source = await openFileSource(file, origin);
  const entries = new Map<string, Uint8Array>();
  const sizes = new Map<string, number>();
  try {
    await readZip(
      source,
      {
        maxBytes: Number.MAX_SAFE_INTEGER,
        choose: (all) => {
          for (const { name, size } of all) sizes.set(innerPath(name), size);
          return all.filter(({ name, size }) => choose(innerPath(name), size));
        },
        async visit({ name, size }, content) {
          entries.set(innerPath(name), await readBytes(content, size, name, origin));
        },
      },
      origin,
    );
  } finally {
    await source.close();
  }
  return { entries, sizes };
}

function parseObject(bytes: Uint8Array, what: string): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw new AppError('MODEL_MALFORMED', `${what} is no JSON`, { cause });
  }
  return malformed(`${what} is no JSON object`);
}

const isText = (path: string) =>
  /^(models\/[^/]+\.json|data\/(weights|constants)\/[^/]+_config\.json|archive_format|archive_version|byteorder)$/.test(
    path,
  );

/** The texts of an archive. Throws MODEL_MALFORMED, MODEL_TOO_LARGE. */
export async function readArchive(file: string): Promise<Archive> {
  const { entries, sizes } = await readEntries(file, (path, size) => {
    const limit = path.startsWith('models/') ? maxGraphBytes : maxConfigBytes;
    if (isText(path) && size > limit)
      throw new AppError('MODEL_TOO_LARGE', `has ${path} of ${size} bytes, at most ${limit} are read`);
    return isText(path);
  });
  const text = (path: string) =>
    Buffer.from(entries.get(path) ?? [])
      .toString('utf8')
      .trim();
  if (sizes.has('serialized_exported_program.json'))
    malformed(`was written by torch 2.7 or earlier, whose archives are not read; ${reexport}`);
  const byteOrder = text('byteorder');
  if (byteOrder !== '' && byteOrder !== 'little') malformed(`holds ${byteOrder}-endian tensors, which are not read`);
  const models = [...entries.keys()].filter((path) => path.startsWith('models/'));
  const [model, ...others] = models;
  if (model === undefined)
    return malformed(`holds no graph (models/model.json): torch.export.save did not finish; ${reexport}`);
  if (others.length > 0)
    malformed(`holds ${models.length} graphs (${models.join(', ')}); save the one to initialise alone`);
  const config = (pattern: RegExp): JsonObject => {
    const path = [...entries.keys()].find((name) => pattern.test(name));
    const whole = path === undefined ? {} : parseObject(entries.get(path) as Uint8Array, path);
    return isJsonObject(whole.config) ? whole.config : {};
  };
  return {
    readGraph: () => parseObject(entries.get(model) as Uint8Array, model),
    weights: config(/^data\/weights\/.*_config\.json$/),
    constants: config(/^data\/constants\/.*_config\.json$/),
    sizes,
  };
}
