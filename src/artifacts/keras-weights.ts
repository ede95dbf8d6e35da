/**
 * Reads the weights from files that Keras writes.
 *
 *   .weights.h5 and .keras of Keras 3    layers/dense/vars/0, under that path
 *   .h5 of Keras 1 and 2, legacy .h5     dense/kernel:0, under the name that the layer's attribute weight_names lists
 */
import { malformed, type Origin, readBytes } from '../codecs/byte-source.ts';
import { arrayOfElements } from '../codecs/elements.ts';
import { type FileSource, openFileSource } from '../codecs/file-source.ts';
import {
  type Hdf5Dataset,
  type Hdf5Group,
  type Hdf5Node,
  isHdf5,
  openHdf5,
  type RandomAccess,
  walkHdf5,
} from '../codecs/hdf5/index.ts';
import { readZip, type ZipEntry } from '../codecs/zip.ts';
import type { NDArray } from '../ndarray.ts';
import { startBytes } from './format.ts';

const code = 'WEIGHTS_MALFORMED';
/** Largest tensor that is read, in bytes. */
const maxBytes = 2 ** 32;
/** Largest member of a .keras archive, in bytes; it is read into memory as a whole. */
const maxMemberBytes = 2 ** 32 - 1;
const member = 'model.weights.h5';

/** The weights of a .keras archive or an .h5 file; null for a zip file without Keras weights. Throws WEIGHTS_MALFORMED naming the tensor. */
export const readKerasWeights = (path: string): Promise<Map<string, NDArray> | null> =>
  withFile(path, (file, start, origin) => (isHdf5(start) ? readHdf5Weights(file, origin) : readArchive(file, origin)));

/** True for an .h5 file of weights that Keras wrote, false for an HDF5 file of data. Throws WEIGHTS_MALFORMED for a damaged file. */
export const isKerasWeights = (path: string): Promise<boolean> =>
  withFile(path, async (file, start, origin) => {
    if (!isHdf5(start)) return false;
    const { names, attributes } = await openHdf5(file, origin);
    return attributes.has('layer_names') || names.includes('model_weights') || names.includes('layers');
  });

async function withFile<T>(
  path: string,
  use: (file: FileSource, start: Uint8Array, origin: Origin) => Promise<T>,
): Promise<T> {
  const origin: Origin = { name: path, code };
  const file = await openFileSource(path, origin);
  try {
    return await use(file, await file.readAt(0, Math.min(file.size, startBytes)), origin);
  } finally {
    await file.close();
  }
}

async function readHdf5Weights(file: RandomAccess, origin: Origin): Promise<Map<string, NDArray>> {
  const root = await openHdf5(file, origin);
  const whole = root.names.includes('model_weights') ? await root.open('model_weights') : root;
  const layers = whole.kind === 'group' ? textsOf(whole, 'layer_names') : null;
  const tensors = whole.kind === 'group' && layers !== null ? await byLayer(whole, layers) : await byPath(root, origin);
  if (tensors.size === 0)
    malformed(origin, 'the HDF5 file holds no weights of Keras (no layer_names, no layers/.../vars)');
  const weights = new Map<string, NDArray>();
  for (const [name, dataset] of tensors)
    weights.set(name, await toNDArray(dataset, { ...origin, name: `${origin.name}: ${name}` }));
  return weights;
}

/** The weights of a .keras archive; null for another zip file. Throws the errors of readHdf5Weights. */
async function readArchive(file: FileSource, origin: Origin): Promise<Map<string, NDArray> | null> {
  let bytes: Uint8Array | null = null;
  await readZip(
    file,
    {
      maxBytes: maxMemberBytes,
      choose(entries) {
        refuseForeign(entries, origin);
        return entries.filter(({ name }) => name === member);
      },
      async visit({ size }, content) {
        bytes = await readBytes(content, size, member, origin);
      },
    },
    origin,
  );
  return bytes === null ? null : readHdf5Weights(inMemory(bytes), origin);
}

/** Throws for zip files of weights that this service does not read (archives of PyTorch, for example). */
function refuseForeign(entries: readonly ZipEntry[], origin: Origin): void {
  const has = (pattern: RegExp) => entries.some(({ name }) => pattern.test(name));
  if (has(/(^|\/)data\.pkl$/))
    malformed(
      origin,
      'is a file of torch.save, which runs code when it is read; save the tensors with safetensors.torch.save_file',
    );
  if (has(/^model\.weights\.(npz|json)$/))
    malformed(origin, 'the weights of this .keras archive are in parts; save the model again with model.save');
}

const inMemory = (bytes: Uint8Array): RandomAccess => ({
  size: bytes.byteLength,
  readAt: async (position, length) => Buffer.from(bytes.buffer, bytes.byteOffset + position, length),
});

/** An attribute that is a list of texts. Keras splits an attribute that is too large for HDF5 into several, numbered from 0. */
function textsOf({ attributes }: Hdf5Group, name: string): string[] | null {
  const texts = (key: string): string[] | null => {
    const attribute = attributes.get(key);
    return attribute === undefined ? null : Array.from(attribute.values as ArrayLike<unknown>, String);
  };
  const whole = texts(name);
  if (whole !== null) return whole;
  const parts: string[] = [];
  for (let part = texts(`${name}0`), next = 1; part !== null; part = texts(`${name}${next}`), next += 1)
    parts.push(...part);
  return parts.length === 0 ? null : parts;
}

/** Tensors by name, for files of Keras 1 and 2. Where several layers use one tensor name, the layer's name is put in front. */
async function byLayer(root: Hdf5Group, layers: readonly string[]): Promise<Map<string, Hdf5Dataset>> {
  const found: { layer: string; name: string; dataset: Hdf5Dataset }[] = [];
  for (const layer of layers) {
    const group = await root.open(layer);
    if (group.kind !== 'group') continue;
    for (const name of textsOf(group, 'weight_names') ?? []) {
      const dataset = await openPath(group, name);
      if (dataset?.kind === 'dataset') found.push({ layer, name, dataset });
    }
  }
  const isOnce = (name: string) => found.filter((other) => other.name === name).length === 1;
  return new Map(found.map(({ layer, name, dataset }) => [isOnce(name) ? name : `${layer}/${name}`, dataset]));
}

async function openPath(group: Hdf5Group, path: string): Promise<Hdf5Node | null> {
  let node: Hdf5Node = group;
  for (const part of path.split('/')) {
    if (node.kind !== 'group') return null;
    node = await node.open(part);
  }
  return node;
}

/** Tensors by path, for files of Keras 3: variables lie in groups named `vars`, those of the optimizer included. */
async function byPath(root: Hdf5Group, origin: Origin): Promise<Map<string, Hdf5Dataset>> {
  const found = new Map<string, Hdf5Dataset>();
  for await (const node of walkHdf5(root, origin))
    if (node.kind === 'dataset' && /(^|\/)vars\/\d+$/.test(node.path)) found.set(node.path, node);
  return found;
}

async function toNDArray({ shape, type, readNumbers }: Hdf5Dataset, origin: Origin): Promise<NDArray> {
  if (type.kind !== 'number') malformed(origin, 'its elements are no numbers; save the model in float32');
  return arrayOfElements(shape, await readNumbers(maxBytes));
}
