/** The artifact for Keras 3: one .keras archive of the posted configuration and the weights, for `keras.saving.load_model` and `model.load_weights`. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isHdf5 } from '../codecs/hdf5/index.ts';
import { encodeHdf5 } from '../codecs/hdf5/writer.ts';
import { isZip } from '../codecs/zip.ts';
import { encodeZip } from '../codecs/zip-writer.ts';
import { AppError } from '../errors.ts';
import type { NDArray } from '../ndarray.ts';
import type { ArtifactContent, ArtifactFormat } from './format.ts';
import { readKerasWeights } from './keras-weights.ts';

const file = 'model.keras';

export const keras: ArtifactFormat = {
  name: 'keras',
  summary:
    'One model.keras with the posted topology and its weights; loads with keras.saving.load_model and, into a model that is there, model.load_weights.',
  entry: file,
  mediaTypes: { keras: 'application/zip' },
  form: 'keras',
  async write(folder, content) {
    const { keras: form } = content;
    if (form === undefined)
      throw new AppError(
        'ARTIFACT_UNSUPPORTED',
        'this network has no Keras 3 form; leave the artifact format keras out',
      );
    const { keras_version = '3' } = form.config;
    const entries = [
      { name: 'metadata.json', chunks: [encode({ keras_version })] },
      { name: 'config.json', chunks: [encode(form.config)] },
      { name: 'model.weights.h5', chunks: encodeHdf5(storedWeights(content, form.paths)) },
    ];
    await writeFile(path.join(folder, file), encodeZip(entries), { flag: 'wx' });
  },
  recognise: (start) => isZip(start) || isHdf5(start),
  read: readKerasWeights,
};

const encode = (json: object) => new TextEncoder().encode(JSON.stringify(json));

/** Weights by their paths in the weights file. The sample counter of a Normalization layer is an integer in Keras and is converted. */
function storedWeights({ weights }: ArtifactContent, paths: ReadonlyMap<string, string>) {
  const stored = new Map<string, NDArray<'float32' | 'int32'>>();
  for (const [name, array] of weights) {
    const place = paths.get(name);
    if (place === undefined)
      throw new AppError('ARTIFACT_UNSUPPORTED', `the parameter ${name} has no place in a weights file of Keras`);
    stored.set(
      place,
      name.endsWith('/count') ? { ...array, dtype: 'int32', data: Int32Array.from(array.data) } : array,
    );
  }
  return stored;
}
