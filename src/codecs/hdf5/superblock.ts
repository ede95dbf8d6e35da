/**
 * The superblock of an HDF5 file, which holds the address of the root group.
 *
 * Format: HDF5 File Format Specification 3.0, II.A "Disk Format: Level 0A".
 */
import type { Origin } from '../byte-source.ts';
import { type Context, createContext, createCursor, damaged, type RandomAccess, unsupported } from './context.ts';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** True for the first bytes of an HDF5 file without a user block. */
export function isHdf5(head: Uint8Array): boolean {
  return signature.every((byte, at) => head[at] === byte);
}

export interface Root {
  readonly context: Context;
  /** Address of the root group's object header. */
  readonly address: number;
}

/** Throws the origin's code when there is no superblock, or when the superblock refers to other files. */
export async function readSuperblock(file: RandomAccess, origin: Origin): Promise<Root> {
  const base = await findSignature(file, origin);
  const start = await file.readAt(base, Math.min(128, file.size - base));
  const version = start[8] ?? 0;
  if (version > 3) unsupported({ origin }, `has version ${version} of HDF5's superblock; read are 0 to 3`);
  const widthsAt = version < 2 ? 13 : 9;
  const [offsetBytes = 0, lengthBytes = 0] = start.subarray(widthsAt, widthsAt + 2);
  if (![2, 4, 8].includes(offsetBytes) || ![2, 4, 8].includes(lengthBytes))
    damaged({ origin }, `addresses of ${offsetBytes} and lengths of ${lengthBytes} bytes`);
  const context = createContext(file, base, { offsetBytes, lengthBytes }, origin);
  const cursor = createCursor(start, context, 'the superblock');
  return version < 2 ? readOld(cursor, version, base, context) : readNew(cursor, base, context);
}

/** Position of the signature: 0, 512, 1024, 2048, ..., because a user block may precede the superblock. */
async function findSignature(file: RandomAccess, origin: Origin): Promise<number> {
  for (let at = 0; at + signature.length <= file.size; at = at === 0 ? 512 : at * 2) {
    if (isHdf5(await file.readAt(at, signature.length))) return at;
  }
  return damaged({ origin }, 'no HDF5 signature was found');
}

type Fields = ReturnType<typeof createCursor>;

function readOld(cursor: Fields, version: number, base: number, context: Context): Root {
  cursor.skip(24 + (version === 1 ? 4 : 0));
  cursor.skip(2 * context.offsetBytes);
  checkEnd(cursor.address(), base + context.size, context);
  if (cursor.address() !== null)
    unsupported(context, 'is one of several files (a driver of HDF5); only whole files are read');
  cursor.skip(context.offsetBytes);
  return { context, address: cursor.address() ?? damaged(context, 'there is no root group') };
}

function readNew(cursor: Fields, base: number, context: Context): Root {
  cursor.skip(12);
  cursor.skip(2 * context.offsetBytes);
  checkEnd(cursor.address(), base + context.size, context);
  return { context, address: cursor.address() ?? damaged(context, 'there is no root group') };
}

/** Checks the end address, which is relative to the start of the file, unlike all other addresses. */
function checkEnd(end: number | null, size: number, context: Context): void {
  if (end !== null && end > size) damaged(context, `the superblock promises ${end} bytes, the file has ${size}`);
}
