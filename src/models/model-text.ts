/**
 * Extracts the JSON text of a topology from a file: JSON, a .keras archive or an .h5 file of Keras. Other files are refused by a message that names
 * their kind.
 */
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { readBytes } from '../codecs/byte-source.ts';
import { openFileSource } from '../codecs/file-source.ts';
import { isHdf5, openHdf5 } from '../codecs/hdf5/index.ts';
import { isZip, readZip, type ZipEntry } from '../codecs/zip.ts';
import { AppError } from '../errors.ts';
import { graphFormats, graphText } from './graph-files.ts';
import { looksLikeOnnx } from './onnx/file.ts';
import { defaultJsonLimits } from './parse-json.ts';
import { isProgram } from './pt2/archive.ts';

const code = 'MODEL_MALFORMED';
const refuse = (problem: string): never => {
  throw new AppError(code, problem);
};

const { maxBytes } = defaultJsonLimits;

const keep = 'keras_model.save("model.keras") or model.to_json()';

/** Kinds of files without a readable topology, by their first bytes, with advice on how to get one. */
const foreign: readonly [starts: (head: Buffer) => boolean, advice: string][] = [
  [
    (head) => head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5,
    `a Python pickle, which runs code when it is read; save the model with ${keep}`,
  ],
  [(head) => head.subarray(0, 4).toString('latin1') === 'PAR1', 'a Parquet file: data, no model'],
  [
    (head) => head.subarray(0, 4).toString('latin1') === 'GGUF',
    'a GGUF file, which holds weights of a language model and no layers',
  ],
  [
    (head) => head.length > 9 && head[8] === 0x7b && head.readUInt32LE(4) === 0,
    'a safetensors file: weights without a topology; give it as weights',
  ],
  [
    (head) => head[0] === 0x93 && head.subarray(1, 6).toString('latin1') === 'NUMPY',
    'a numpy array: data or weights, no model',
  ],
  [
    (head) => head[0] === 0x0a || head[0] === 0x08,
    `a protocol buffer, such as a SavedModel or an ONNX model; load it with its tool and save it with ${keep}`,
  ],
];

function nameForeign(head: Buffer): never {
  const found = foreign.find(([starts]) => starts(head));
  return refuse(
    found
      ? `is ${found[1]}`
      : `is no topology: neither JSON, nor a .keras archive, nor an .h5 file of Keras; save the model with ${keep}`,
  );
}

function nameArchive(entries: readonly ZipEntry[]): never {
  const names = entries.map(({ name }) => name);
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (has(/(^|\/)data\.pkl$/))
    return refuse(
      `is a file of torch.save, which holds weights and runs code when it is read; give the model as Keras JSON`,
    );
  if (has(/\.npy$/)) return refuse('is an npz file: weights or data, no model; give it as weights');
  if (has(/saved_model\.pb$/))
    return refuse(`is a SavedModel in a zip file; load it with tf.keras and save it with ${keep}`);
  return refuse(`is a zip file without config.json, so no .keras archive; it holds ${names.slice(0, 5).join(', ')}`);
}

/** The text of config.json in a .keras archive, or the graph of a torch.export archive converted to the project's JSON. */
async function readArchive(path: string): Promise<string> {
  const origin = { name: path, code } as const;
  const file = await openFileSource(path, origin);
  let text: string | undefined;
  let isTorchExport = false;
  try {
    await readZip(
      file,
      {
        maxBytes,
        choose: (entries) => {
          if (isProgram(entries)) {
            isTorchExport = true;
            return [];
          }
          const config = entries.filter(({ name }) => name === 'config.json');
          return config.length > 0 ? config : nameArchive(entries);
        },
        async visit({ size }, content) {
          if (size > maxBytes) refuse(`has a config.json of ${size} bytes, at most ${maxBytes} are read`);
          text = Buffer.from(await readBytes(content, size, 'config.json', origin)).toString('utf8');
        },
      },
      origin,
    );
  } finally {
    await file.close();
  }
  if (isTorchExport) return graphText(await graphFormats.pt2.read(path));
  return text ?? refuse('has no config.json');
}

/** The attribute model_config, which Keras writes into .h5 files of whole models. */
async function readHdf5(handle: FileHandle, path: string, size: number): Promise<string> {
  const readAt = async (position: number, length: number) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  };
  const root = await openHdf5({ size, readAt }, { name: path, code });
  const [config] = root.attributes.get('model_config')?.values ?? [];
  const [version] = root.attributes.get('keras_version')?.values ?? [];
  if (typeof config !== 'string')
    return refuse(
      'is an .h5 file of weights alone, without model_config; give the topology as JSON, and this file as weights',
    );
  // The version, which determines the dialect, is an attribute beside the configuration.
  const isStated = typeof version !== 'string' || config.includes('"keras_version"');
  return isStated ? config : config.replace('{', `{"keras_version": ${JSON.stringify(version)}, `);
}

/** Throws MODEL_MALFORMED and MODEL_TOO_LARGE. Messages begin with a verb, because the caller puts the file name in front. */
export async function readModelText(path: string): Promise<string> {
  const stats = await stat(path).catch((cause) => {
    throw new AppError(code, 'does not exist', { cause });
  });
  if (stats.isDirectory()) {
    const isSavedModel = await stat(`${path}/saved_model.pb`).then(
      () => true,
      () => false,
    );
    return refuse(
      isSavedModel
        ? `is a SavedModel; load it with tf.keras and save it with ${keep}`
        : 'is a folder; name the model.json itself',
    );
  }
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    const head = buffer.subarray(0, bytesRead);
    if (isZip(head)) return await readArchive(path);
    if (isHdf5(head)) return await readHdf5(handle, path, stats.size);
    if (looksLikeOnnx(head)) return graphText(await graphFormats.onnx.read(path));
    if (!/^(\xef\xbb\xbf)?\s*["{]/.test(head.toString('latin1'))) nameForeign(head);
  } finally {
    await handle.close();
  }
  if (stats.size > maxBytes)
    throw new AppError('MODEL_TOO_LARGE', `has ${stats.size} bytes, at most ${maxBytes} are read`);
  return readFile(path, 'utf8');
}
