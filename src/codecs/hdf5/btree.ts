/**
 * The two kinds of B-trees: version 1 (groups by name, chunks by place) and version 2 (links, attributes and chunks of newer files).
 *
 * Format: HDF5 File Format Specification 3.0, III.A.1 "Version 1 B-trees" and III.A.2 "Version 2 B-trees".
 */
import { type Context, type Cursor, createCursor, damaged } from './context.ts';

/** The entries of the leaves, in order. `readKey` reads a key; a node has one key more than children. */
export async function* walkVersion1<K>(
  context: Context,
  address: number,
  type: 0 | 1,
  keyBytes: number,
  readKey: (cursor: Cursor) => K,
  level?: number,
): AsyncGenerator<{ key: K; child: number }> {
  const headBytes = 8 + 2 * context.offsetBytes;
  const head = await context.read(address, headBytes, 'a B-tree');
  head.expect('TREE');
  const [foundType, foundLevel, count] = [head.unsigned(1), head.unsigned(1), head.unsigned(2)];
  if (foundType !== type || (level !== undefined && foundLevel !== level))
    damaged(context, 'a B-tree has a wrong node');
  const body = await context.read(address + headBytes, count * (keyBytes + context.offsetBytes), 'a B-tree');
  for (let i = 0; i < count; i++) {
    const key = readKey(body);
    const child = body.address() ?? damaged(context, 'a B-tree leads nowhere');
    if (foundLevel === 0) yield { key, child };
    else yield* walkVersion1(context, child, type, keyBytes, readKey, foundLevel - 1);
  }
}

interface Tree {
  readonly context: Context;
  readonly type: number;
  readonly nodeBytes: number;
  readonly recordBytes: number;
  /** Bytes of the field that counts records, by the depth of the child. */
  countBytes(depth: number): number;
  totalBytes(depth: number): number;
}

const bytesFor = (value: number) => Math.max(1, Math.ceil(Math.log2(value + 1) / 8));

/** The records of a tree whose type is one of `types`. */
export async function* walkVersion2(
  context: Context,
  address: number,
  types: readonly number[],
): AsyncGenerator<{ type: number; record: Cursor }> {
  const head = await context.read(address, 22 + context.offsetBytes + context.lengthBytes, 'a B-tree');
  head.expect('BTHD');
  head.version(0);
  const [type, nodeBytes, recordBytes, depth] = [
    head.unsigned(1),
    head.unsigned(4),
    head.unsigned(2),
    head.unsigned(2),
  ];
  if (!types.includes(type) || recordBytes === 0 || nodeBytes <= recordBytes || depth > 64)
    damaged(context, 'a B-tree has a wrong header');
  head.skip(2);
  const root = head.address();
  const count = head.unsigned(2);
  if (root === null || count === 0) return;
  yield* walkNode(
    { context, type, nodeBytes, recordBytes, ...widthsOf(context, nodeBytes, recordBytes, depth) },
    root,
    count,
    depth,
  );
}

/** Widths of the counts in a node's pointers: as many bytes as the largest possible number of records below the node needs. */
function widthsOf(
  context: Context,
  nodeBytes: number,
  recordBytes: number,
  depth: number,
): Pick<Tree, 'countBytes' | 'totalBytes'> {
  const overhead = 10;
  const leafMost = Math.floor((nodeBytes - overhead) / recordBytes);
  const most = [leafMost];
  const total = [leafMost];
  const countBytes = bytesFor(leafMost);
  for (let d = 1; d <= depth; d++) {
    const pointer = context.offsetBytes + countBytes + (d > 1 ? bytesFor(total[d - 1] ?? 0) : 0);
    const own = Math.floor((nodeBytes - overhead - pointer) / (recordBytes + pointer));
    most.push(own);
    total.push((own + 1) * (total[d - 1] ?? 0) + own);
  }
  return { countBytes: () => countBytes, totalBytes: (d) => (d > 1 ? bytesFor(total[d - 1] ?? 0) : 0) };
}

async function* walkNode(
  tree: Tree,
  address: number,
  count: number,
  depth: number,
): AsyncGenerator<{ type: number; record: Cursor }> {
  const { context, type, recordBytes } = tree;
  const node = await context.read(address, Math.min(tree.nodeBytes, context.size - address), 'a B-tree');
  node.expect(depth === 0 ? 'BTLF' : 'BTIN');
  node.version(0);
  if (node.unsigned(1) !== type) damaged(context, 'a B-tree has a wrong node');
  const records = Array.from({ length: count }, () => node.take(recordBytes));
  const children =
    depth === 0
      ? []
      : Array.from({ length: count + 1 }, () => {
          const child = node.address() ?? damaged(context, 'a B-tree leads nowhere');
          const childCount = node.unsigned(tree.countBytes(depth));
          node.skip(tree.totalBytes(depth));
          return { child, childCount };
        });
  for (let i = 0; i <= count; i++) {
    const next = children[i];
    if (next !== undefined) yield* walkNode(tree, next.child, next.childCount, depth - 1);
    const record = records[i];
    if (record !== undefined) yield { type, record: createCursor(record, context, 'a record of a B-tree') };
  }
}
