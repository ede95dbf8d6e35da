/**
 * The messages of an object header, which describe a group or dataset.
 *
 * Format: HDF5 File Format Specification 3.0, IV.A.1 "Disk Format: Level 2A1 - Data Object Headers".
 */
import { type Context, type Cursor, createCursor, damaged, maxMetadataBytes, unsupported } from './context.ts';

export const messageTypes = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFill: 0x04,
  fill: 0x05,
  link: 0x06,
  external: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const newestKnown = 0x18;

export interface Message {
  readonly type: number;
  readonly isShared: boolean;
  readonly bytes: Uint8Array;
}

interface Extent {
  readonly address: number;
  readonly length: number;
}

/** Most continuation blocks of a header; more than this indicate a cycle. */
const maxBlocks = 4096;

/** All messages of a header in order. Throws the origin's code. */
export async function readObjectHeader(context: Context, address: number): Promise<Message[]> {
  const start = await context.read(address, Math.min(64, context.size - address), 'an object header');
  const isNew = String.fromCharCode(...start.bytes.subarray(0, 4)) === 'OHDR';
  const header = isNew ? openNew(start, address) : openOld(start, address);
  const messages: Message[] = [];
  const blocks: Extent[] = [header.first];
  for (let block = blocks.shift(), count = 1; block !== undefined; block = blocks.shift(), count++) {
    if (count > maxBlocks) damaged(context, 'an object header has no end');
    if (block.length > maxMetadataBytes) damaged(context, `an object header of ${block.length} bytes`);
    const cursor = await context.read(block.address, block.length, 'an object header');
    for (const message of header.parse(cursor, context)) {
      if (message.type === messageTypes.continuation)
        blocks.push(header.next(createCursor(message.bytes, context, 'a continuation'), context));
      else messages.push(message);
    }
  }
  return messages;
}

interface HeaderKind {
  readonly first: Extent;
  parse(block: Cursor, context: Context): Message[];
  next(continuation: Cursor, context: Context): Extent;
}

function openOld(start: Cursor, address: number): HeaderKind {
  start.version(1);
  start.skip(7);
  const length = start.unsigned(4);
  return {
    first: { address: address + 16, length },
    parse(block, context) {
      const messages: Message[] = [];
      while (block.left() >= 8) {
        const [type, size, flags] = [block.unsigned(2), block.unsigned(2), block.unsigned(1)];
        block.skip(3);
        messages.push(messageOf(type, flags, block.take(size), context));
      }
      return messages;
    },
    next: extentOf,
  };
}

function openNew(start: Cursor, address: number): HeaderKind {
  start.expect('OHDR');
  start.version(2);
  const flags = start.unsigned(1);
  start.skip((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
  const length = start.unsigned(2 ** (flags & 3));
  const headBytes = flags & 4 ? 6 : 4;
  return {
    first: { address: address + start.at(), length },
    parse(block, within) {
      const messages: Message[] = [];
      while (block.left() >= headBytes) {
        const [type, size, messageFlags] = [block.unsigned(1), block.unsigned(2), block.unsigned(1)];
        block.skip(headBytes - 4);
        messages.push(messageOf(type, messageFlags, block.take(size), within));
      }
      return messages;
    },
    /** Reads a block between its signature and its checksum. */
    next(continuation, within) {
      const extent = extentOf(continuation, within);
      if (extent.length < 8) damaged(within, 'a continuation of an object header is too short');
      return { address: extent.address + 4, length: extent.length - 8 };
    },
  };
}

const extentOf = (cursor: Cursor, context: Context): Extent => ({
  address: cursor.address() ?? damaged(context, 'a continuation leads nowhere'),
  length: cursor.length(),
});

function messageOf(type: number, flags: number, bytes: Uint8Array, context: Context): Message {
  const mustBeKnown = (flags & 0x80) !== 0;
  if (type > newestKnown && mustBeKnown)
    unsupported(context, `holds an object with message type ${type} of HDF5, which is not known here`);
  return { type, isShared: (flags & 2) !== 0, bytes };
}

/** The content of the only message of a type; null without one. A shared message is read from the object that holds it. */
export async function findMessage(
  context: Context,
  messages: readonly Message[],
  type: number,
): Promise<Cursor | null> {
  const message = messages.find((other) => other.type === type);
  return message === undefined
    ? null
    : createCursor(await resolveShared(context, message), context, `message type ${type}`);
}

/** Reads a shared message, which is stored in the header of another object: a named datatype. */
export async function resolveShared(context: Context, { type, isShared, bytes }: Message): Promise<Uint8Array> {
  if (!isShared) return bytes;
  const address = sharedAddress(context, createCursor(bytes, context, 'a shared message'));
  const found = (await readObjectHeader(context, address)).find((other) => other.type === type && !other.isShared);
  return found?.bytes ?? damaged(context, 'a shared message leads nowhere');
}

/** The address of the object header that holds a shared message. */
export function sharedAddress(context: Context, cursor: Cursor): number {
  const version = cursor.version(1, 2, 3);
  const kind = cursor.unsigned(1);
  if (version === 1) cursor.skip(6);
  if (version === 3 && kind === 1) unsupported(context, 'keeps messages in a shared heap, which is not read');
  return cursor.address() ?? damaged(context, 'a shared message leads nowhere');
}
