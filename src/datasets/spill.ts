/**
 * Decoded data beyond the limit of memory: on disk in a file that has no name, so that it goes with the process whatever happens to it. It is read back at any
 * place, so that samples are drawn in the same order, and give the same numbers, as from memory.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { arrays, convertElements, type Elements, type Storage, storageOfElements } from '../codecs/elements.ts';
import { AppError } from '../errors.ts';

/** Elements that lie on disk. */
export interface StoredElements {
  readonly storage: Storage;
  readonly length: number;
  /** All of them; the elements that were read last are remembered. */
  read(): Elements;
  /** Some of them, read apart. */
  slice(from: number, to: number): Elements;
  /** The same numbers in another type, converted when they are read. */
  as(storage: Storage): StoredElements;
}

export interface SpillOptions {
  /** Made when something is stored. */
  readonly folder: string;
  readonly maxBytes: number;
}

export interface Spill {
  readonly maxBytes: number;
  left(): number;
  /** Writes them behind what was written before. Throws DATASET_TOO_LARGE beyond `maxBytes`, STORE_UNAVAILABLE for a full disk. */
  store(data: Elements, what: string): StoredElements;
}

const closeUnused = new FinalizationRegistry((file: number) => closeSync(file));

export function createSpill({ folder, maxBytes }: SpillOptions): Spill {
  let file: number | null = null;
  let used = 0;
  const places: Partial<Record<Storage, Place>> = {};
  const spill: Spill = {
    maxBytes,
    left: () => maxBytes - used,
    store(data, what) {
      if (used + data.byteLength > maxBytes)
        throw new AppError(
          'DATASET_TOO_LARGE',
          `${what} takes more than the ${maxBytes} bytes on disk that datasets beyond the limit of memory may have (MAX_DATASET_DISK_BYTES)`,
        );
      if (file === null) {
        file = openUnnamed(folder);
        closeUnused.register(spill, file);
      }
      const at = used;
      writeAll(file, data, at);
      used += data.byteLength;
      const storage = storageOfElements(data);
      if (places[storage] === undefined) places[storage] = { owner: spill, file, storage, readAs: storage };
      return new ElementsOnDisk(places[storage], at, data.length);
    },
  };
  return spill;
}

function openUnnamed(folder: string): number {
  return guarded(() => {
    mkdirSync(folder, { recursive: true });
    const name = path.join(folder, `dataset-${randomUUID()}`);
    const file = openSync(name, 'wx+', 0o600);
    rmSync(name);
    return file;
  });
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Elements) => new Uint8Array(buffer, byteOffset, byteLength);

function writeAll(file: number, data: Elements, position: number): void {
  const bytes = bytesOf(data);
  guarded(() => {
    for (let done = 0; done < bytes.length; )
      done += writeSync(file, bytes, done, bytes.length - done, position + done);
  });
}

function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error';
    throw new AppError('STORE_UNAVAILABLE', `the folder for large datasets cannot be written: ${reason}`, {
      cause,
      permanent: false,
    });
  }
}

interface Place {
  /** Kept alive, and with it the file, as long as its elements are. */
  readonly owner: Spill;
  readonly file: number;
  readonly storage: Storage;
  readonly readAs: Storage;
}

/** One a picture, perhaps: it has few members of its own. */
class ElementsOnDisk implements StoredElements {
  readonly #place: Place;
  readonly #at: number;
  readonly length: number;
  /** Samples in their order ask for the same elements again and again. */
  #last: WeakRef<Elements> | null = null;

  constructor(place: Place, at: number, length: number) {
    this.#place = place;
    this.#at = at;
    this.length = length;
  }

  get storage(): Storage {
    return this.#place.readAs;
  }

  read(): Elements {
    const known = this.#last?.deref();
    if (known !== undefined) return known;
    const data = this.slice(0, this.length);
    this.#last = new WeakRef(data);
    return data;
  }

  slice(from: number, to: number): Elements {
    const { file, storage, readAs } = this.#place;
    const data = new arrays[storage](to - from);
    readAll(file, data, this.#at + from * data.BYTES_PER_ELEMENT);
    return convertElements(data, readAs);
  }

  as(storage: Storage): StoredElements {
    return new ElementsOnDisk({ ...this.#place, readAs: storage }, this.#at, this.length);
  }
}

function readAll(file: number, data: Elements, position: number): void {
  const bytes = bytesOf(data);
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new AppError('INTERNAL', `the data on disk ends at byte ${position + done}`);
    done += read;
  }
}
