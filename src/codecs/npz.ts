/** npz: named numpy arrays in a zip file. */
import type { NDArray } from '../ndarray.ts';
import { malformed, type Origin } from './byte-source.ts';
import { type FileSource, openFileSource } from './file-source.ts';
import { encodeNpy, type NpyArray, readNpy } from './npy.ts';
import { readZip } from './zip.ts';
import { encodeZip } from './zip-writer.ts';

const suffix = '.npy';

/**
 * Reads the arrays that `choose` selects among all names, each directly into its memory. `maxBytes` bounds their total size. Throws the errors of
 * `readNpy` and `readZip`, naming the array.
 */
export async function readNpz(
  file: FileSource,
  choose: (names: readonly string[]) => readonly string[],
  maxBytes: number,
  origin: Origin,
): Promise<Map<string, NpyArray>> {
  const arrays = new Map<string, NpyArray>();
  let left = maxBytes;
  await readZip(
    file,
    {
      maxBytes,
      choose(entries) {
        const npy = entries.filter(({ name }) => name.endsWith(suffix));
        if (npy.length === 0)
          malformed(origin, 'is a zip file without numpy arrays; an npz file holds NAME.npy entries');
        const chosen = new Set(choose(npy.map(({ name }) => name.slice(0, -suffix.length))));
        return npy.filter(({ name }) => chosen.has(name.slice(0, -suffix.length)));
      },
      async visit({ name }, content) {
        const array = await readNpy(content, left, {
          ...origin,
          name: `${origin.name}: array ${JSON.stringify(name)}`,
        });
        left -= array.elements.byteLength;
        arrays.set(name.slice(0, -suffix.length), array);
      },
    },
    origin,
  );
  return arrays;
}

/** Reads all arrays of a weights file. Throws WEIGHTS_MALFORMED or WEIGHTS_NOT_FOUND. */
export async function readNpzFile(path: string): Promise<Map<string, NpyArray>> {
  const origin: Origin = { name: path, code: 'WEIGHTS_MALFORMED' };
  const file = await openFileSource(path, origin);
  try {
    return await readNpz(file, (names) => names, Number.MAX_SAFE_INTEGER, origin);
  } finally {
    await file.close();
  }
}

/** The file as chunks, arrays in the given order; their memory is not copied. */
export function encodeNpz(arrays: ReadonlyMap<string, NDArray>): Generator<Uint8Array> {
  return encodeZip([...arrays].map(([name, array]) => ({ name: `${name}${suffix}`, chunks: encodeNpy(array) })));
}
