/**
 * The members of a group: in a symbol table (old files), as messages of its header, or in a heap (large groups in newer files).
 *
 * Format: HDF5 File Format Specification 3.0, III.B "Group Symbol Table Nodes", IV.A.2.c "Link Info Message", IV.A.2.g "Link Message".
 */
import { walkVersion1, walkVersion2 } from './btree.ts';
import { type Context, type Cursor, createCursor, damaged } from './context.ts';
import { openFractalHeap, readLocalHeap } from './heaps.ts';
import { findMessage, type Message, messageTypes } from './object-header.ts';

/** A member: the address of its object header, or for a link, which is never followed, its description. */
export type Link = { readonly address: number } | { readonly refused: string };

/** The members by name; null when the object is not a group. */
export async function readLinks(context: Context, messages: readonly Message[]): Promise<Map<string, Link> | null> {
  const table = await findMessage(context, messages, messageTypes.symbolTable);
  if (table !== null) return readSymbolTable(context, table);
  const info = await findMessage(context, messages, messageTypes.linkInfo);
  const own = messages.filter(({ type }) => type === messageTypes.link);
  if (info === null && own.length === 0) return null;
  const links = new Map(own.map(({ bytes }) => parseLink(createCursor(bytes, context, 'a link'), context)));
  if (info !== null) for (const [name, link] of await readDense(context, info)) links.set(name, link);
  return links;
}

const soft: Link = { refused: 'a soft link, which is never followed' };

async function readSymbolTable(context: Context, table: Cursor): Promise<Map<string, Link>> {
  const tree = table.address();
  const heap = table.address();
  const links = new Map<string, Link>();
  if (tree === null || heap === null) return links;
  const nameAt = await readLocalHeap(context, heap);
  for await (const { child } of walkVersion1(context, tree, 0, context.lengthBytes, (cursor) => cursor.length())) {
    const head = await context.read(child, 8, 'a group');
    head.expect('SNOD');
    head.skip(2);
    const count = head.unsigned(2);
    const entryBytes = 2 * context.offsetBytes + 24;
    const entries = await context.read(child + 8, count * entryBytes, 'a group');
    for (let i = 0; i < count; i++) {
      const name = nameAt(entries.unsigned(context.offsetBytes));
      const address = entries.address();
      const isSoft = entries.unsigned(4) === 2;
      entries.skip(20);
      links.set(name, isSoft || address === null ? soft : { address });
    }
  }
  return links;
}

async function readDense(context: Context, info: Cursor): Promise<[string, Link][]> {
  info.version(0);
  if (info.unsigned(1) & 1) info.skip(8);
  const heapAddress = info.address();
  const treeAddress = info.address();
  if (heapAddress === null || treeAddress === null) return [];
  const heap = await openFractalHeap(context, heapAddress);
  const links: [string, Link][] = [];
  for await (const { record } of walkVersion2(context, treeAddress, [5])) {
    record.skip(4);
    links.push(parseLink(createCursor(await heap.object(record), context, 'a link'), context));
  }
  return links;
}

function parseLink(cursor: Cursor, context: Context): [string, Link] {
  cursor.version(1);
  const flags = cursor.unsigned(1);
  const type = flags & 8 ? cursor.unsigned(1) : 0;
  cursor.skip((flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
  const name = new TextDecoder().decode(cursor.take(cursor.unsigned(2 ** (flags & 3))));
  if (type === 0)
    return [name, { address: cursor.address() ?? damaged(context, `the link ${JSON.stringify(name)} leads nowhere`) }];
  if (type === 1) return [name, soft];
  return [
    name,
    {
      refused: type === 64 ? 'an external link, to another file, which is never followed' : 'a link of an unknown kind',
    },
  ];
}
