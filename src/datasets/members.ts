/** The files of a folder or an archive, by relative path, whichever it is: listed whole, then read once in the order in which they lie. */
import { type ByteSource, fill, malformed, type Origin } from '../codecs/byte-source.ts';
import { readTar } from '../codecs/tar.ts';
import { readZip, type ZipEntry, type ZipReading } from '../codecs/zip.ts';
import { AppError } from '../errors.ts';
import { type Candidate, isData, memberLabel, memberPath } from './candidate.ts';
import { combineDigests, type Hashed, readDataFile } from './data-file.ts';

export interface MemberReading {
  wants(name: string): boolean;
  /** A larger member is refused. */
  readonly maxMemberBytes: number;
  /** The bytes are the visitor's own. */
  visit(name: string, bytes: Uint8Array): Promise<void>;
}

/** Text, and whatever else is small. */
export const maxTableBytes = 2 ** 28;

/** An archive holds no more than this, decompressed: what is kept of it is limited by the budget. */
const maxArchiveBytes = 2 ** 44;

/** As archives write names: with './' in front or backslashes, by programs of Windows. */
const normalized = (name: string) => name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');

/** Paths of all files that are data, in the order of the archive; of a folder by code point. Throws DATASET_MALFORMED for paths that leave it. */
export async function listMembers(candidate: Candidate): Promise<string[]> {
  if (candidate.kind === 'folder') return [...candidate.members];
  const names: string[] = [];
  await walkArchive(
    candidate,
    () => false,
    async (name) => void names.push(name),
  );
  return names.filter(isData);
}

/** Reads those that are wanted. Returns the SHA-256 of the archive, of a folder that of the `sha256sum` listing of what was read. */
export async function readMembers(candidate: Candidate, reading: MemberReading): Promise<string> {
  if (candidate.kind === 'folder') return readFolder(candidate, reading);
  return walkArchive(
    candidate,
    (name) => isData(name) && reading.wants(name),
    async (name, content) => {
      if (content !== null)
        await reading.visit(
          name,
          await readWhole(content.source, content.size, reading.maxMemberBytes, content.origin),
        );
    },
  );
}

async function readFolder(candidate: Candidate, { wants, maxMemberBytes, visit }: MemberReading): Promise<string> {
  const files: Hashed<null>[] = [];
  for (const name of candidate.members) {
    if (!wants(name)) continue;
    const label = memberLabel(candidate, name);
    let bytes: Uint8Array = new Uint8Array(0);
    const { sha256 } = await readDataFile(
      memberPath(candidate, name),
      label,
      maxMemberBytes,
      async ({ content, file, origin, isGzip }) => {
        bytes = await readWhole(content, isGzip ? null : file.size, maxMemberBytes, origin);
      },
    );
    await visit(name, bytes);
    files.push({ value: null, name, sha256 });
  }
  return combineDigests(files);
}

interface MemberContent {
  readonly source: ByteSource;
  /** As promised. */
  readonly size: number;
  readonly origin: Origin;
}

/** Visits every file; the content only of those that are wanted. */
async function walkArchive(
  candidate: Candidate,
  wants: (name: string) => boolean,
  visit: (name: string, content: MemberContent | null) => Promise<void>,
): Promise<string> {
  const { sha256 } = await readDataFile(
    candidate.path,
    candidate.label,
    maxArchiveBytes,
    async ({ content, file, origin }) => {
      const inside = (name: string): Origin => ({ ...origin, name: `${origin.name}: ${name}` });
      if (candidate.kind === 'tar') {
        for await (const entry of readTar(content, origin)) {
          const name = normalized(entry.name);
          await visit(name, wants(name) ? { source: entry.content, size: entry.size, origin: inside(name) } : null);
        }
        return;
      }
      const listed: string[] = [];
      const reading: ZipReading = {
        maxBytes: maxArchiveBytes,
        choose: (entries) =>
          entries.filter((entry) => {
            const name = normalized(entry.name);
            checkInside(name, origin);
            if (name.endsWith('/')) return false;
            if (!wants(name)) listed.push(name);
            return wants(name);
          }),
        visit: ({ name: stored, size }: ZipEntry, source) => {
          const name = normalized(stored);
          return visit(name, { source, size, origin: inside(name) });
        },
      };
      await readZip(file, reading, origin);
      for (const name of listed) await visit(name, null);
    },
  );
  return sha256;
}

function checkInside(name: string, origin: Origin): void {
  if (name.startsWith('/') || /^[a-zA-Z]:/.test(name) || name.split('/').includes('..') || name.includes('\0'))
    malformed(origin, `entry ${JSON.stringify(name)} leaves the folder of the archive`);
}

/** Bytes of a member whose size may be a lie: memory grows with what there is. */
async function readWhole(
  source: ByteSource,
  size: number | null,
  maxBytes: number,
  origin: Origin,
): Promise<Uint8Array> {
  const refuse = (): never => {
    throw new AppError(
      'DATASET_TOO_LARGE',
      `${origin.name}: holds more than ${maxBytes} bytes; remove it if it is no data`,
    );
  };
  if (size !== null && size > maxBytes) refuse();
  let bytes = new Uint8Array(Math.min(size ?? 2 ** 16, 2 ** 24));
  let length = 0;
  while (true) {
    length += await fill(source, bytes.subarray(length));
    if (length < bytes.length) break;
    const probe = new Uint8Array(1);
    if ((await source.pull(probe)) === 0) break;
    if (length >= maxBytes) refuse();
    const grown = new Uint8Array(Math.min(maxBytes, Math.max(64, bytes.length * 2)));
    grown.set(bytes);
    grown.set(probe, length++);
    bytes = grown;
  }
  return bytes.subarray(0, length);
}
