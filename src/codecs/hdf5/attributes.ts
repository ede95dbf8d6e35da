/**
 * The attributes of an object: they are stored in its header, or in a heap where there are many.
 *
 * Format: HDF5 File Format Specification 3.0, IV.A.2.m "Attribute Message", IV.A.2.v "Attribute Info Message".
 */
import { memorySource } from '../byte-source.ts';
import { type Elements, elementTypes, readElements } from '../elements.ts';
import { walkVersion2 } from './btree.ts';
import { type Context, createCursor, damaged } from './context.ts';
import { type Hdf5Type, parseDataspace, parseDatatype } from './datatype.ts';
import { createGlobalHeap, openFractalHeap } from './heaps.ts';
import { findMessage, type Message, messageTypes, resolveShared } from './object-header.ts';
import { readTexts } from './texts.ts';

export interface Hdf5Attribute {
  readonly type: Hdf5Type;
  /** [] for a scalar; null for an attribute without a value. */
  readonly shape: readonly number[] | null;
  /** Row-major; null for types other than numbers and text. */
  readonly values: readonly string[] | Elements | null;
}

/** The attributes of an object by name, from the messages of its header. Throws the origin's code. */
export async function readAttributes(
  context: Context,
  messages: readonly Message[],
): Promise<Map<string, Hdf5Attribute>> {
  const attributes = new Map<string, Hdf5Attribute>();
  for (const { type, bytes } of messages) {
    if (type !== messageTypes.attribute) continue;
    const [name, attribute] = await parseAttribute(context, bytes);
    attributes.set(name, attribute);
  }
  const info = await findMessage(context, messages, messageTypes.attributeInfo);
  if (info === null) return attributes;
  info.version(0);
  if (info.unsigned(1) & 1) info.skip(2);
  const [heapAddress, treeAddress] = [info.address(), info.address()];
  if (heapAddress === null || treeAddress === null) return attributes;
  const heap = await openFractalHeap(context, heapAddress);
  for await (const { record } of walkVersion2(context, treeAddress, [8])) {
    const id = createCursor(record.take(8), context, 'an attribute');
    const [name, attribute] = await parseAttribute(context, await heap.object(id));
    attributes.set(name, attribute);
  }
  return attributes;
}

async function parseAttribute(context: Context, bytes: Uint8Array): Promise<[string, Hdf5Attribute]> {
  const cursor = createCursor(bytes, context, 'an attribute');
  const version = cursor.version(1, 2, 3);
  const flags = cursor.unsigned(1);
  const sizes = [cursor.unsigned(2), cursor.unsigned(2), cursor.unsigned(2)];
  if (version === 3) cursor.skip(1);
  const [nameBytes, typeBytes, spaceBytes] = sizes.map((size) => {
    const part = cursor.take(size);
    if (version === 1) cursor.skip((8 - (size % 8)) % 8);
    return part;
  }) as [Uint8Array, Uint8Array, Uint8Array];
  const name = createCursor(nameBytes, context, 'an attribute').text();
  const resolve = (type: number, part: Uint8Array, flag: number) =>
    resolveShared(context, { type, bytes: part, isShared: version > 1 && (flags & flag) !== 0 });
  const typeMessage = await resolve(messageTypes.datatype, typeBytes, 1);
  const type = parseDatatype(createCursor(typeMessage, context, 'a datatype'), context);
  const spaceMessage = await resolve(messageTypes.dataspace, spaceBytes, 2);
  const { shape } = parseDataspace(createCursor(spaceMessage, context, 'a dataspace'), context);
  if (shape === null || type.kind === 'other') return [name, { type, shape, values: null }];
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count * type.bytes > cursor.left()) damaged(context, `the attribute ${JSON.stringify(name)} ends early`);
  const data = cursor.take(count * type.bytes);
  if (type.kind !== 'number')
    return [name, { type, shape, values: await readTexts(data, type, context, createGlobalHeap(context)) }];
  const values = await readElements(
    memorySource(data),
    elementTypes[type.code],
    type.littleEndian,
    count,
    context.origin,
  );
  return [name, { type, shape, values }];
}
