/** What is known of each upload, one published folder for each: `ID-OWNER/record.json`. A record never changes; it is there or it is not. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
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
  /** Keeps the record; the one that is there already wins, unless it is damaged. */
  put(record: UploadRecord): Promise<void>;
  /** `owner` null: of any owner. A damaged record is none. */
  get(id: string, owner: string | null): Promise<UploadRecord | null>;
  /** Newest first, without damaged ones. `owner` null: of all owners. */
  list(owner: string | null): Promise<UploadRecord[]>;
  /** Digests of the contents that records refer to; those that can still be read in damaged ones are among them. */
  digests(): Promise<Set<string>>;
  remove(record: UploadRecord): Promise<void>;
}

const uploadIdPattern = '^ds_[0-9a-f]{32}$';
const isUploadId = (id: string) => new RegExp(uploadIdPattern).test(id);

const file = 'record.json';
/** Owners may have any name; folders may not. */
const ownerTag = (owner: string) => createHash('sha256').update(owner).digest('hex').slice(0, 16);
const keyOf = (id: string, owner: string) => `${id}-${ownerTag(owner)}`;

/** What a record is read by: less than its schema, as earlier and later versions write other fields. */
const RecordCore = Type.Object({
  id: Type.String(),
  owner: Type.String(),
  name: Type.String(),
  createdAt: Type.String(),
  files: Type.Array(Type.Object({ name: Type.String(), sha256: Type.String() }), { minItems: 1 }),
  description: Type.Object({}),
});

/** Null for a text that is no record: a disk or a hand has damaged it. */
function parseRecord(text: string): UploadRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    // The description was checked when it was written; later versions may say more.
    return Value.Check(RecordCore, value) ? (value as UploadRecord) : null;
  } catch {
    return null;
  }
}

export function createUploadRecords(store: BlobStore): UploadRecords {
  /** Records never change, so what was read once need not be read again as long as it is there. */
  const known = new Map<string, UploadRecord>();

  /** What `look` gives; null where the store itself has lost track of what it published. */
  const unlessCorrupt = async <T>(look: () => Promise<T | null>): Promise<T | null> => {
    try {
      return await look();
    } catch (error) {
      if (error instanceof AppError && error.code === 'STORE_CORRUPT') return null;
      throw error;
    }
  };

  const readText = (key: string): Promise<string | null> =>
    unlessCorrupt(async () => {
      if ((await store.stat(key, file)) === null) return null;
      const chunks: Buffer[] = [];
      for await (const chunk of await store.open(key, file)) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    });

  const read = async (key: string): Promise<UploadRecord | null> => {
    const before = known.get(key);
    if (before !== undefined && (await unlessCorrupt(() => store.stat(key, file))) !== null) return before;
    known.delete(key);
    const text = await readText(key);
    const record = text === null ? null : parseRecord(text);
    if (record !== null) known.set(key, record);
    return record;
  };

  const keys = async (prefix: string, owner: string | null) => {
    const found: string[] = [];
    for await (const key of store.keys()) {
      if (key.startsWith(prefix) && (owner === null || key.endsWith(`-${ownerTag(owner)}`))) found.push(key);
    }
    return found;
  };

  const putOnce = async (key: string, folder: string) => {
    try {
      await store.put(key, folder);
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'ARTIFACT_EXISTS')) throw error;
      if ((await read(key)) !== null) return;
      await store.remove(key);
      await store.put(key, folder);
    }
  };

  return {
    async put(record) {
      const folder = await guardDisk('the temporary folder', () => createTemporary(tmpdir()));
      try {
        await guardDisk('the temporary folder', () => writeFile(path.join(folder, file), JSON.stringify(record)));
        await putOnce(keyOf(record.id, record.owner), folder);
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

    async digests() {
      const found = new Set<string>();
      for (const key of await keys('ds_', null)) {
        const record = await read(key);
        const named = record?.files.map(({ sha256 }) => sha256) ?? (await readText(key))?.match(/\b[0-9a-f]{64}\b/g);
        for (const digest of named ?? []) found.add(digest);
      }
      return found;
    },

    async remove({ id, owner }) {
      known.delete(keyOf(id, owner));
      await store.remove(keyOf(id, owner));
    },
  };
}
