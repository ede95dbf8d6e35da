/**
 * Writes HDF5 files of groups and float32 or int32 arrays: superblock 2, object headers 2 with their links inside, contiguous data. No times are stored,
 * so that equal content gives equal bytes.
 *
 * Format: HDF5 File Format Specification 3.0, https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html; read by HDF5 1.8 and later.
 */
import type { NDArray } from '../../ndarray.ts';
import { hdf5Checksum } from './checksum.ts';

type Numbers = NDArray<'float32' | 'int32'>;

interface Group {
  readonly members: Map<string, Group | Numbers>;
}

const isGroup = (node: Group | Numbers): node is Group => 'members' in node;

const superblockBytes = 48;
const undefinedAddress = 0xffff_ffff_ffff_ffffn;

/** Numbers as little-endian bytes: [value, width in bytes]. */
function bytesOf(...fields: readonly (readonly [value: number | bigint, bytes: 1 | 2 | 4 | 8])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, bytes] of fields) {
    if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(Number(value), at, bytes);
    at += bytes;
  }
  return buffer;
}

function withChecksum(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([body, bytesOf([hdf5Checksum(body), 4])]);
}

const message = (type: number, body: Buffer) => Buffer.concat([bytesOf([type, 1], [body.length, 2], [0, 1]), body]);

/** Version 2; flags 2: the size of the messages takes four bytes, no times. */
function objectHeader(messages: readonly Buffer[]): Buffer {
  const body = Buffer.concat(messages);
  return withChecksum(Buffer.from('OHDR'), bytesOf([2, 1], [2, 1], [body.length, 4]), body);
}

/** A hard link with its name in UTF-8. Flags: bit 4 the character set, bits 0 and 1 the bytes of the length (1: two). */
function link(name: string, address: number): Buffer {
  const text = Buffer.from(name);
  return message(
    0x06,
    Buffer.concat([bytesOf([1, 1], [0x11, 1], [1, 1], [text.length, 2]), text, bytesOf([address, 8])]),
  );
}

function groupHeader(members: Iterable<readonly [string, number]>): Buffer {
  const linkInfo = message(0x02, bytesOf([0, 1], [0, 1], [undefinedAddress, 8], [undefinedAddress, 8]));
  const groupInfo = message(0x0a, bytesOf([0, 1], [0, 1]));
  return objectHeader([linkInfo, groupInfo, ...Array.from(members, ([name, address]) => link(name, address))]);
}

/** IEEE single precision: sign at bit 31, exponent of 8 bits at bit 23 with bias 127, mantissa of 23 bits without its leading 1. */
const float32Type = bytesOf(
  [0x11, 1],
  [0x20, 1],
  [31, 1],
  [0, 1],
  [4, 4],
  [0, 2],
  [32, 2],
  [23, 1],
  [8, 1],
  [0, 1],
  [23, 1],
  [127, 4],
);
/** Two's complement. */
const int32Type = bytesOf([0x10, 1], [0x08, 1], [0, 1], [0, 1], [4, 4], [0, 2], [32, 2]);

function datasetHeader({ dtype, shape, data }: Numbers, address: number): Buffer {
  const extents = shape.map((extent) => [extent, 8] as const);
  const dataspace = bytesOf([2, 1], [shape.length, 1], [0, 1], [shape.length === 0 ? 0 : 1, 1], ...extents);
  const fillValue = bytesOf([3, 1], [0x0a, 1]);
  const layout = bytesOf([3, 1], [1, 1], [address, 8], [data.byteLength, 8]);
  return objectHeader([
    message(0x01, dataspace),
    message(0x03, dtype === 'float32' ? float32Type : int32Type),
    message(0x05, fillValue),
    message(0x08, layout),
  ]);
}

/** Builds the tree of groups from paths such as 'layers/dense/vars/0'. */
function treeOf(arrays: ReadonlyMap<string, Numbers>): Group {
  const root: Group = { members: new Map() };
  for (const [path, array] of arrays) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let group = root;
    for (const part of parts) {
      const inner = group.members.get(part) ?? { members: new Map() };
      if (!isGroup(inner)) throw new TypeError(`${path} lies below an array`);
      group.members.set(part, inner);
      group = inner;
    }
    if (group.members.has(name)) throw new TypeError(`${path} is a group and an array`);
    group.members.set(name, array);
  }
  return root;
}

const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;

/**
 * The file as chunks: the headers of all objects, then the memory of the arrays (not copied, and not to be changed until it is written).
 *
 * @param arrays by path; slashes separate groups
 */
export function encodeHdf5(arrays: ReadonlyMap<string, Numbers>): Uint8Array[] {
  const places = new Map<Group | Numbers, number>();
  let end = superblockBytes;
  const reserve = (node: Group | Numbers): void => {
    if (isGroup(node)) for (const member of node.members.values()) reserve(member);
    places.set(node, end);
    const size = isGroup(node)
      ? groupHeader([...node.members.keys()].map((name) => [name, 0])).length
      : datasetHeader(node, 0).length;
    end = aligned(end + size);
  };
  const root = treeOf(arrays);
  reserve(root);
  const headers = Buffer.alloc(end);
  const chunks: Uint8Array[] = [headers];
  for (const [node, at] of places) {
    if (isGroup(node)) {
      const members = [...node.members].map(([name, member]) => [name, places.get(member) ?? 0] as const);
      groupHeader(members).copy(headers, at);
    } else {
      const { buffer, byteOffset, byteLength } = node.data;
      datasetHeader(node, end).copy(headers, at);
      chunks.push(new Uint8Array(buffer, byteOffset, byteLength), new Uint8Array(aligned(byteLength) - byteLength));
      end += aligned(byteLength);
    }
  }
  superblock(end, places.get(root) ?? 0).copy(headers);
  return chunks;
}

/** Version 2, eight bytes for addresses and lengths, no extension. */
function superblock(fileBytes: number, root: number): Buffer {
  const fields = bytesOf([2, 1], [8, 1], [8, 1], [0, 1], [0, 8], [undefinedAddress, 8], [fileBytes, 8], [root, 8]);
  return withChecksum(Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), fields);
}
