/** What is known of each upload, one published folder for each: `ID-OWNER/record.json`. A record never changes; it is there or it is not. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { createTemporary } from '../../durable-files.ts';
import { AppError } from '../../errors.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { guardDisk } from '../../storage/disk-errors.ts';
import { Description } from '../inspect/describe.ts';

const strict = { additionalProperties: false } as const;

export const UploadRecord = Type.Object(
  {
    id: Type.String(),
    /** Name of the API key that uploaded it; '' without keys. */
    owner: Type.String(),
    name: Type.String({ description: 'Of the file, or of the first of several.' }),
    bytes: Type.Integer(),
    sha256: Type.String({ description: 'Of the bytes; of several files: of their `sha256sum` listing.' }),
    files: Type.Array(Type.Object({ name: Type.String(), bytes: Type.Integer(), sha256: Type.String() }, strict)),
    entry: Type.Union([Type.String(), Type.Null()], {
      description: 'Of several files, the one that is opened and finds the others beside it; null: all as a folder.',
    }),
    createdAt: Type.String(),
    description: Description,
  },
  strict,
);
export type UploadRecord = Static<typeof UploadRecord>;

export interface UploadRecords {
  /** Keeps the record; the one that is there already wins. */
  put(record: UploadRecord): Promise<void>;
  /** `owner` null: of any owner. */
  get(id: string, owner: string | null): Promise<UploadRecord | null>;
  /** Newest first. `owner` null: of all owners. */
  list(owner: string | null): Promise<UploadRecord[]>;
  remove(record: UploadRecord): Promise<void>;
}

export const uploadIdPattern = '^ds_[0-9a-f]{32}$';
const isUploadId = (id: string) => new RegExp(uploadIdPattern).test(id);

const file = 'record.json';
/** Owners may have any name; folders may not. */
const ownerTag = (owner: string) => createHash('sha256').update(owner).digest('hex').slice(0, 16);
const keyOf = (id: string, owner: string) => `${id}-${ownerTag(owner)}`;

export function createUploadRecords(store: BlobStore): UploadRecords {
  /** Records never change, so what was read once need not be read again as long as it is there. */
  const known = new Map<string, UploadRecord>();

  const read = async (key: string): Promise<UploadRecord | null> => {
    if ((await store.stat(key, file)) === null) {
      known.delete(key);
      return null;
    }
    const before = known.get(key);
    if (before !== undefined) return before;
    const chunks: Buffer[] = [];
    for await (const chunk of await store.open(key, file)) chunks.push(Buffer.from(chunk));
    // Only put() below writes these files.
    const record = JSON.parse(Buffer.concat(chunks).toString('utf8')) as UploadRecord;
    known.set(key, record);
    return record;
  };

  const keys = async (prefix: string, owner: string | null) => {
    const found: string[] = [];
    for await (const key of store.keys()) {
      if (key.startsWith(prefix) && (owner === null || key.endsWith(`-${ownerTag(owner)}`))) found.push(key);
    }
    return found;
  };

  return {
    async put(record) {
      const folder = await guardDisk('the temporary folder', () => createTemporary(tmpdir()));
      try {
        await guardDisk('the temporary folder', () => writeFile(path.join(folder, file), JSON.stringify(record)));
        await store.put(keyOf(record.id, record.owner), folder);
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'ARTIFACT_EXISTS')) throw error;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },

    async get(id, owner) {
      if (!isUploadId(id)) return null;
      const [key] = owner === null ? await keys(`${id}-`, null) : [keyOf(id, owner)];
      return key === undefined ? null : read(key);
    },

    async list(owner) {
      const found = await Promise.all((await keys('ds_', owner)).map(read));
      const records = found.filter((record) => record !== null);
      return records.sort((a, b) =>
        a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1,
      );
    },

    async remove({ id, owner }) {
      known.delete(keyOf(id, owner));
      await store.remove(keyOf(id, owner));
    },
  };
}
