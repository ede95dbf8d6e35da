/** An open HDF5 file: reads at addresses relative to the superblock, and a cursor over the bytes read. */
import { malformed, type Origin } from '../byte-source.ts';

/** Reads at any position, of a file or of memory. */
export interface RandomAccess {
  readonly size: number;
  readAt(position: number, length: number): Promise<Uint8Array>;
}

export interface Context {
  readonly origin: Origin;
  /** Bytes of an address and of a length field in this file: 2, 4 or 8. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Number of bytes from the beginning of the superblock to the end of the file. */
  readonly size: number;
  /** Throws the origin's code when the range is outside of the file. `what` names its content. */
  read(address: number, length: number, what: string): Promise<Cursor>;
}

/** Most bytes of one metadata structure; real files have far smaller ones. */
export const maxMetadataBytes = 2 ** 26;

/** Most bytes that are read, as a multiple of the file size. Nodes of a malicious file that point to each other would otherwise be read without end. */
const maxReadings = 64;
const minReadBytes = 2 ** 28;

/** Addresses are relative to `base`, the position of the superblock. */
export function createContext(
  file: RandomAccess,
  base: number,
  widths: { readonly offsetBytes: number; readonly lengthBytes: number },
  origin: Origin,
): Context {
  let left = maxReadings * file.size + minReadBytes;
  const context: Context = {
    ...widths,
    origin,
    size: file.size - base,
    async read(address, length, what) {
      if (!(address >= 0 && length >= 0 && address + length <= file.size - base))
        damaged(context, `${what} (${length} bytes at ${address}) does not lie in the file of ${file.size} bytes`);
      left -= length + 1;
      if (left < 0) damaged(context, 'its parts lead to one another without end');
      return createCursor(await file.readAt(base + address, length), context, what);
    },
  };
  return context;
}

/** Throws the origin's code for an inconsistent file. */
export function damaged(context: Pick<Context, 'origin'>, problem: string): never {
  return malformed(context.origin, `the HDF5 file is damaged or truncated: ${problem}`);
}

/** Throws the origin's code for a valid feature of the format that this reader does not support. */
export function unsupported(context: Pick<Context, 'origin'>, problem: string): never {
  return malformed(context.origin, problem);
}

/** Little-endian fields, in order. Reading past the end throws the origin's code. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at(): number;
  left(): number;
  skip(length: number): void;
  take(length: number): Uint8Array;
  /** An unsigned integer of 1 to 8 bytes; values above 2^53 are rounded, but no address or size inside a file is that large. */
  unsigned(length: number): number;
  /** Null for the undefined address, in which all bytes are 0xff. */
  address(): number | null;
  length(): number;
  /** Throws unless the next four bytes are this signature. */
  expect(signature: string): void;
  /** Reads one byte; throws unless it is one of the known versions. */
  version(...known: number[]): number;
  /** Text up to a zero byte, which is consumed. */
  text(): string;
}

/** A cursor at the beginning of `bytes`; `what` names their content in errors. */
export function createCursor(bytes: Uint8Array, context: Context, what: string): Cursor {
  let at = 0;
  const take = (length: number) => {
    if (at + length > bytes.byteLength) damaged(context, `${what} ends early`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const unsigned = (length: number) => {
    let value = 0;
    for (const [i, byte] of take(length).entries()) value += byte * 2 ** (8 * i);
    return value;
  };
  return {
    bytes,
    at: () => at,
    left: () => bytes.byteLength - at,
    skip: (length) => void take(length),
    take,
    unsigned,
    address: () => {
      const raw = take(context.offsetBytes);
      at -= context.offsetBytes;
      const value = unsigned(context.offsetBytes);
      return raw.every((byte) => byte === 0xff) ? null : value;
    },
    length: () => unsigned(context.lengthBytes),
    expect(signature) {
      const found = String.fromCharCode(...take(4));
      if (found !== signature) damaged(context, `${what} begins with ${JSON.stringify(found)} instead of ${signature}`);
    },
    version(...known) {
      const version = unsigned(1);
      if (!known.includes(version))
        unsupported(context, `${what} has version ${version} of HDF5's format; read are ${known.join(', ')}`);
      return version;
    },
    text() {
      const end = bytes.indexOf(0, at);
      if (end < 0) damaged(context, `a name in ${what} has no end`);
      const text = new TextDecoder().decode(take(end - at));
      at++;
      return text;
    },
  };
}
