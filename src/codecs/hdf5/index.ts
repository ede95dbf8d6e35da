/**
 * Reads HDF5 files from untrusted sources: groups, attributes and datasets that are stored in the file itself. Links, external storage and virtual
 * datasets, which refer to other files of the machine, are refused; so are unknown filters, for which libraries may return uninitialised memory.
 *
 * Format: HDF5 File Format Specification 3.0, https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
 */
import { malformed, type Origin } from '../byte-source.ts';
import type { Elements } from '../elements.ts';
import { type Hdf5Attribute, readAttributes } from './attributes.ts';
import type { Context, RandomAccess } from './context.ts';
import { readDatasetHeader, readNumbers, readStrings } from './dataset.ts';
import type { Hdf5Type } from './datatype.ts';
import { type Link, readLinks } from './links.ts';
import { readObjectHeader } from './object-header.ts';
import { readSuperblock } from './superblock.ts';

export type { Hdf5Attribute } from './attributes.ts';
export type { RandomAccess } from './context.ts';
export type { Hdf5Type } from './datatype.ts';
export { isHdf5 } from './superblock.ts';

interface Hdf5Object {
  /** Path from the root, without a leading slash; '' for the root. */
  readonly path: string;
  /** Address of the object header, which is the same for all names of one object. */
  readonly address: number;
  readonly attributes: ReadonlyMap<string, Hdf5Attribute>;
}

export interface Hdf5Group extends Hdf5Object {
  readonly kind: 'group';
  /** Names of the members, sorted by code point, as libraries list them. */
  readonly names: readonly string[];
  /** Descriptions of the members that are links, by name. */
  readonly links: ReadonlyMap<string, string>;
  /** Opens a member. Throws the origin's code for links and for missing names. */
  open(name: string): Promise<Hdf5Node>;
}

export interface Hdf5Dataset extends Hdf5Object {
  readonly kind: 'dataset';
  readonly shape: readonly number[];
  readonly type: Hdf5Type;
  /** All numbers, row-major. Throws the origin's code; DATASET_TOO_LARGE beyond `maxBytes`, before the allocation. */
  readNumbers(maxBytes: number): Promise<Elements>;
  /** All texts, row-major. Throws the errors of `readNumbers`. */
  readStrings(maxBytes: number): Promise<string[]>;
}

/** A named datatype, or an object of a kind that this reader does not know. */
export interface Hdf5Other extends Hdf5Object {
  readonly kind: 'other';
}

/** A link, which is never followed. */
export interface Hdf5Link {
  readonly kind: 'link';
  readonly path: string;
  /** A description, for example 'an external link, to another file, ...'. */
  readonly what: string;
}

export type Hdf5Node = Hdf5Group | Hdf5Dataset | Hdf5Other;

/** Opens the root group. Objects are read only when they are requested. Throws the origin's code. */
export async function openHdf5(file: RandomAccess, origin: Origin): Promise<Hdf5Group> {
  const { context, address } = await readSuperblock(file, origin);
  const root = await openObject(context, address, '');
  return root.kind === 'group'
    ? root
    : malformed(origin, 'the HDF5 file is damaged or truncated: its root is no group');
}

async function openObject(file: Context, address: number, path: string): Promise<Hdf5Node> {
  const name = path === '' ? file.origin.name : `${file.origin.name}: ${JSON.stringify(path)}`;
  const context: Context = { ...file, origin: { ...file.origin, name } };
  const messages = await readObjectHeader(context, address);
  const common = { path, address, attributes: await readAttributes(context, messages) };
  const header = await readDatasetHeader(context, messages);
  if (header !== null) {
    return {
      ...common,
      kind: 'dataset',
      shape: header.shape,
      type: header.type,
      readNumbers: (maxBytes) => readNumbers(context, header, maxBytes),
      readStrings: (maxBytes) => readStrings(context, header, maxBytes),
    };
  }
  const links = await readLinks(context, messages);
  if (links === null) return { ...common, kind: 'other' };
  return {
    ...common,
    kind: 'group',
    names: [...links.keys()].sort(),
    links: new Map(
      [...links].flatMap(([member, link]) => ('refused' in link ? [[member, link.refused] as const] : [])),
    ),
    open: (member) => openMember(file, links.get(member), path === '' ? member : `${path}/${member}`),
  };
}

async function openMember(file: Context, link: Link | undefined, path: string): Promise<Hdf5Node> {
  if (link === undefined) return malformed(file.origin, `holds no ${JSON.stringify(path)}`);
  if ('refused' in link) return malformed(file.origin, `${JSON.stringify(path)} is ${link.refused}`);
  return openObject(file, link.address, path);
}

/** Limits for the number of objects and the nesting of groups; datasets have far fewer. */
const maxObjects = 100_000;
const maxDepth = 64;

/** All objects below a group, each once, ordered by path; links are yielded without being followed. */
export async function* walkHdf5(group: Hdf5Group, origin: Origin): AsyncGenerator<Hdf5Node | Hdf5Link> {
  const seen = new Set([group.address]);
  async function* walk(parent: Hdf5Group, depth: number): AsyncGenerator<Hdf5Node | Hdf5Link> {
    for (const name of parent.names) {
      const link = parent.links.get(name);
      if (link !== undefined) {
        yield { kind: 'link', path: parent.path === '' ? name : `${parent.path}/${name}`, what: link };
        continue;
      }
      const node = await parent.open(name);
      if (seen.has(node.address)) continue;
      seen.add(node.address);
      if (seen.size > maxObjects || depth > maxDepth)
        malformed(origin, `holds more than ${maxObjects} objects, or groups deeper than ${maxDepth}`);
      yield node;
      if (node.kind === 'group') yield* walk(node, depth + 1);
    }
  }
  yield* walk(group, 1);
}
