/**
 * The artifact for `model.load_state_dict` and `from_pretrained`: every name of the state_dict with its shape and dtype, a tied tensor under each of
 * its names, buffers included.
 *
 * Up to 5 GB are one file, model.safetensors. Beyond that, the layout of Hugging Face is used: model-00001-of-00002.safetensors ... and
 * model.safetensors.index.json, which maps each tensor to its file.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeStored } from '../codecs/encode-stored.ts';
import { bytesOfEntry, encodeStoredSafetensors, readSafetensors, type StoredEntry } from '../codecs/safetensors.ts';
import type { StoredDtype } from '../codecs/safetensors-dtypes.ts';
import { AppError } from '../errors.ts';
import type { ArtifactContent, ArtifactFormat } from './format.ts';

/** Most bytes of tensors in one file. */
export const maxShardBytes = 5e9;

function entriesOf({ state, weights }: ArtifactContent): StoredEntry[] {
  if (state === undefined)
    throw new AppError('ARTIFACT_UNSUPPORTED', 'the model has no state_dict; ask for safetensors instead');
  return state.flatMap(({ name, aliases, dtype }) => {
    const weight = weights.get(name);
    if (!weight) throw new AppError('INTERNAL', `the weights have no tensor named ${name}`);
    return [name, ...aliases].map((each): StoredEntry => {
      const stored = dtype as StoredDtype;
      return { name: each, dtype: stored, shape: weight.shape, bytes: () => encodeStored(weight.data, stored) };
    });
  });
}

/** Splits the tensors, in the order of the state_dict, into files of at most `limit` bytes. */
function shardsOf(entries: readonly StoredEntry[], limit: number): StoredEntry[][] {
  const shards: StoredEntry[][] = [[]];
  let size = 0;
  for (const entry of entries) {
    const bytes = bytesOfEntry(entry);
    if (size > 0 && size + bytes > limit) {
      shards.push([]);
      size = 0;
    }
    (shards.at(-1) as StoredEntry[]).push(entry);
    size += bytes;
  }
  return shards;
}

/** Writes the files of a state_dict into `folder`, which exists. `limit` is the most bytes of tensors in one file. */
export async function writeStateDict(folder: string, content: ArtifactContent, limit = maxShardBytes): Promise<void> {
  const entries = entriesOf(content);
  const shards = shardsOf(entries, limit);
  const digits = (value: number) => String(value).padStart(5, '0');
  const nameOf = (index: number) =>
    shards.length === 1 ? 'model.safetensors' : `model-${digits(index + 1)}-of-${digits(shards.length)}.safetensors`;
  for (const [index, shard] of shards.entries())
    await writeFile(path.join(folder, nameOf(index)), encodeStoredSafetensors(shard, { format: 'pt' }), { flag: 'wx' });
  if (shards.length === 1) return;
  const weightMap = Object.fromEntries(
    shards.flatMap((shard, index) => shard.map(({ name }) => [name, nameOf(index)])),
  );
  const total = entries.reduce((sum, entry) => sum + bytesOfEntry(entry), 0);
  const document = { metadata: { total_size: total }, weight_map: weightMap };
  await writeFile(path.join(folder, 'model.safetensors.index.json'), `${JSON.stringify(document, null, 2)}\n`, {
    flag: 'wx',
  });
}

export const stateDict: ArtifactFormat = {
  name: 'state-dict',
  summary:
    'For models of torch.export: state-dict/model.safetensors with the names, shapes and types of the state_dict; loads with load_state_dict(strict=True).',
  entry: 'state-dict/model.safetensors',
  mediaTypes: { safetensors: 'application/octet-stream', json: 'application/json' },
  form: 'state-dict',
  async write(folder, content) {
    const own = path.join(folder, 'state-dict');
    await mkdir(own);
    await writeStateDict(own, content);
  },
  // The files are safetensors files, which the format `safetensors` recognises and reads.
  recognise: () => false,
  read: async (file) => new Map((await readSafetensors(file)).tensors),
};
