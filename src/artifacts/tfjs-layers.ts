/** The artifact for `tf.loadLayersModel`, from a folder or a URL: model.json with the topology, and the weights in shards beside it. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.ts';
import type { ArtifactContent, ArtifactFormat } from './format.ts';
import { readTfjsWeights } from './tfjs-weights.ts';

/** Bytes of one shard. TensorFlow.js uses the same size, which browsers cache. */
const shardBytes = 4 * 2 ** 20;

export const tfjsLayers: ArtifactFormat = {
  name: 'tfjs-layers',
  summary: 'tfjs/model.json and its weight shards; loads with tf.loadLayersModel from disk and over HTTP.',
  entry: 'tfjs/model.json',
  mediaTypes: { json: 'application/json', bin: 'application/octet-stream' },
  form: 'tfjs-layers',
  async write(folder, content) {
    if (content.topologyJson === undefined) {
      throw new AppError(
        'ARTIFACT_UNSUPPORTED',
        'this network has no tfjs-layers form; leave the artifact format tfjs-layers out',
      );
    }
    const target = path.join(folder, 'tfjs');
    await mkdir(target);
    const entries = manifestEntries(content);
    const paths = await writeShards(
      target,
      entries.map(({ data }) => data),
    );
    const model = {
      format: 'layers-model',
      generatedBy: 'gradinit-service',
      convertedBy: null,
      modelTopology: content.topologyJson,
      weightsManifest: [{ paths, weights: entries.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }],
    };
    await writeFile(path.join(target, 'model.json'), JSON.stringify(model), { flag: 'wx' });
  },
  // True for text that begins with `{`. A safetensors file, whose header is JSON too, begins with a length that contains zero bytes.
  recognise: (start) => /^\s*\{[^\0]*$/.test(Buffer.from(start).toString('latin1')),
  read: readTfjsWeights,
};

function manifestEntries({ weights, tfjsNames }: ArtifactContent) {
  const entries = [...weights].map(([name, { shape, data }]) => ({ name: tfjsNames?.get(name) ?? name, shape, data }));
  const names = new Set<string>();
  const twice = entries.find(({ name }) => names.size === names.add(name).size);
  if (twice)
    throw new AppError(
      'ARTIFACT_UNSUPPORTED',
      `two parameters would both be called "${twice.name}" in tfjs; rename their layers`,
    );
  return entries;
}

/** Concatenates all arrays and splits the bytes every 4 MiB; TensorFlow.js concatenates the shards before it looks for tensors. */
async function writeShards(folder: string, arrays: readonly Float32Array[]): Promise<string[]> {
  const total = arrays.reduce((bytes, array) => bytes + array.byteLength, 0);
  const count = Math.max(1, Math.ceil(total / shardBytes));
  const names = Array.from({ length: count }, (_, index) => `group1-shard${index + 1}of${count}.bin`);
  for (const name of names) await writeFile(path.join(folder, name), '', { flag: 'wx' });
  let position = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (let at = 0; at < byteLength; ) {
      const shard = Math.floor(position / shardBytes);
      const length = Math.min(byteLength - at, (shard + 1) * shardBytes - position);
      await appendFile(path.join(folder, names[shard] as string), new Uint8Array(buffer, byteOffset + at, length));
      at += length;
      position += length;
    }
  }
  return names;
}
