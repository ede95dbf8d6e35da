/**
 * Reads tar archives (ustar and pax) entry by entry, without writing to disk. Links, and names that lead outside of the folder, are refused.
 *
 * Format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header".
 */
import { type ByteSource, fill, limit, malformed, type Origin, readBytes, skip } from './byte-source.ts';

const blockBytes = 512;
const maxPaxBytes = 2 ** 20;

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** Valid until the next entry is requested. */
  readonly content: ByteSource;
}

/** True for the first bytes of a ustar or pax archive. */
export function isTar(head: Uint8Array): boolean {
  return latin1(head.subarray(257, 262)) === 'ustar';
}

/** The regular files of the archive, in order. Throws the origin's code. */
export async function* readTar(source: ByteSource, origin: Origin): AsyncGenerator<TarEntry> {
  let pax: Pax = {};
  while (true) {
    const header = await readHeader(source, origin);
    if (header === null) return;
    const size =
      header.type === 'x' || header.type === 'g' || header.type === 'L' ? header.size : (pax.size ?? header.size);
    const name = pax.path ?? header.name;
    if (size > source.bound()) malformed(origin, `truncated: entry ${JSON.stringify(name)} promises ${size} bytes`);
    const content = limit(source, size);
    if (header.type === 'x' || header.type === 'L') pax = { ...pax, ...(await readExtension(content, header, origin)) };
    else if (header.type !== 'g') {
      checkEntry(header.type, name, origin);
      if (header.type !== '5') yield { name, size, content };
      pax = {};
    }
    const unread = content.left();
    if ((await skip(source, unread)) < unread)
      malformed(origin, `truncated: the tar archive ends inside ${JSON.stringify(name)}`);
    await skip(source, (blockBytes - (size % blockBytes)) % blockBytes);
  }
}

interface Header {
  name: string;
  size: number;
  type: string;
}

/** The next header; null at the end of the archive, which is a zero block or the end of the file at a block boundary. */
async function readHeader(source: ByteSource, origin: Origin): Promise<Header | null> {
  const block = new Uint8Array(blockBytes);
  const length = await fill(source, block);
  if (length === 0 || (length === blockBytes && block.every((byte) => byte === 0))) return null;
  if (length < blockBytes) malformed(origin, 'truncated: the tar archive ends inside a header');
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (!isTar(block) || octal(block, 148, 8) !== sum)
    malformed(origin, 'the tar archive is damaged: a header has a wrong checksum');
  const size = octal(block, 124, 12);
  if (size === null) malformed(origin, 'the tar archive is damaged: an entry has no readable size');
  const isUstar = latin1(block.subarray(257, 265)) === 'ustar\u000000';
  const prefix = isUstar ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type: String.fromCharCode(block[156] || 0x30) };
}

interface Pax {
  path?: string;
  size?: number;
}

async function readExtension(content: ByteSource, { type, size }: Header, origin: Origin): Promise<Pax> {
  if (size > maxPaxBytes) malformed(origin, `a tar extension of ${size} bytes is beyond reason`);
  const bytes = await readBytes(content, size, 'a tar extension', origin);
  return type === 'L' ? { path: text(bytes, 0, size) } : parsePax(bytes, origin);
}

/** Records of the form "LENGTH KEY=VALUE\n", where LENGTH is that of the whole record. */
function parsePax(bytes: Uint8Array, origin: Origin): Pax {
  const pax: Pax = {};
  for (let at = 0; at < bytes.byteLength; ) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 || space > at + 8 ? Number.NaN : Number(latin1(bytes.subarray(at, space)));
    if (!Number.isInteger(length) || length < 5 || at + length > bytes.byteLength) {
      malformed(origin, 'the tar archive is damaged: a pax record cannot be read');
    }
    const [, key, value = ''] =
      /^([^=]*)=(.*)\n$/s.exec(new TextDecoder().decode(bytes.subarray(space + 1, at + length))) ?? [];
    if (key === 'path') pax.path = value;
    if (key === 'size')
      pax.size = /^\d{1,15}$/.test(value) ? Number(value) : malformed(origin, `pax size ${JSON.stringify(value)}`);
    at += length;
  }
  return pax;
}

function checkEntry(type: string, name: string, origin: Origin): void {
  const shown = JSON.stringify(name);
  if (type === '1' || type === '2')
    malformed(origin, `entry ${shown} is a link; links are refused, pack the files themselves`);
  if (type !== '0' && type !== '5' && type !== '7') malformed(origin, `entry ${shown} is neither a file nor a folder`);
  const parts = name.split(/[/\\]/);
  if (name.startsWith('/') || /^[a-zA-Z]:/.test(name) || parts.includes('..') || name.includes('\0')) {
    malformed(origin, `entry ${shown} leaves the folder of the archive`);
  }
}

const latin1 = (bytes: Uint8Array) => String.fromCharCode(...bytes);

function text(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function octal(bytes: Uint8Array, at: number, length: number): number | null {
  const digits = latin1(bytes.subarray(at, at + length))
    .replace(/[\0 ]+$/, '')
    .trimStart();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}
