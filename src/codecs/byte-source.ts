/** A sequential source of bytes that fills memory of the reader: the interface of files, archives and decompressors. */
import { AppError } from '../errors.ts';

/** The file that is read and the error code for its format, for error messages. */
export interface Origin {
  /** The name by which the user referred to the file. */
  readonly name: string;
  readonly code: 'DATASET_MALFORMED' | 'WEIGHTS_MALFORMED' | 'MODEL_MALFORMED';
}

export interface ByteSource {
  /** Writes the next bytes to the start of `target`, which is not empty; returns their number, 0 only at the end. */
  pull(target: Uint8Array): Promise<number>;
  /** An upper bound of the remaining bytes. Sizes in headers are checked against it before memory is allocated. */
  bound(): number;
  /** Releases the source's resources. May be called twice. */
  close(): Promise<void>;
}

/** Throws the origin's code with the file's name. */
export function malformed(origin: Origin, problem: string, cause?: unknown): never {
  throw new AppError(origin.code, `${origin.name}: ${problem}`, { details: { file: origin.name }, cause });
}

/** Reads into `target` until it is full or the source ends; returns the number of bytes. */
export async function fill(source: ByteSource, target: Uint8Array): Promise<number> {
  let at = 0;
  while (at < target.byteLength) {
    const pulled = await source.pull(target.subarray(at));
    if (pulled === 0) break;
    at += pulled;
  }
  return at;
}

/** Fills all of `target`; throws when the source ends early. `what` names the part in the error. */
export async function fillExactly(source: ByteSource, target: Uint8Array, what: string, origin: Origin): Promise<void> {
  const filled = await fill(source, target);
  if (filled < target.byteLength) {
    malformed(origin, `truncated: ${what} needs ${target.byteLength} bytes, the file has ${filled}`);
  }
}

/** The next `length` bytes in newly allocated memory. Throws before the allocation when the source is known to be shorter. */
export async function readBytes(
  source: ByteSource,
  length: number,
  what: string,
  origin: Origin,
): Promise<Uint8Array<ArrayBuffer>> {
  if (length > source.bound()) {
    malformed(origin, `truncated: ${what} needs ${length} bytes, the file has at most ${source.bound()} left`);
  }
  const bytes = new Uint8Array(length);
  await fillExactly(source, bytes, what, origin);
  return bytes;
}

const scratchBytes = 2 ** 18;

/** Skips up to `length` bytes; returns the number of bytes skipped. */
export async function skip(source: ByteSource, length: number): Promise<number> {
  const scratch = new Uint8Array(Math.min(length, scratchBytes));
  let left = length;
  while (left > 0) {
    const pulled = await source.pull(scratch.subarray(0, Math.min(left, scratch.byteLength)));
    if (pulled === 0) break;
    left -= pulled;
  }
  return length - left;
}

/** Throws when the source has more bytes. */
export async function expectEnd(source: ByteSource, after: string, origin: Origin): Promise<void> {
  const probe = new Uint8Array(1);
  if ((await source.pull(probe)) > 0) malformed(origin, `holds more bytes than ${after} accounts for`);
}

export interface LimitedSource extends ByteSource {
  /** Number of bytes within the limit that have not been read. */
  left(): number;
}

/** The next `length` bytes of `source` as a source; closing it leaves `source` open. */
export function limit(source: ByteSource, length: number): LimitedSource {
  let left = length;
  return {
    left: () => left,
    async pull(target) {
      if (left === 0) return 0;
      const pulled = await source.pull(target.subarray(0, Math.min(left, target.byteLength)));
      left -= pulled;
      return pulled;
    },
    bound: () => Math.min(left, source.bound()),
    close: async () => undefined,
  };
}

/** A source of bytes that are in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    async pull(target) {
      const chunk = bytes.subarray(at, at + target.byteLength);
      target.set(chunk);
      at += chunk.byteLength;
      return chunk.byteLength;
    },
    bound: () => bytes.byteLength - at,
    close: async () => undefined,
  };
}
