/** Uploads: streamed to this machine, opened to see that they are what they should be, then kept in the content-addressed store and recorded. */
import path from 'node:path';
import type { Readable } from 'node:stream';
import { type DatasetFormat, formats, type SpillOptions } from '../../datasets/index.ts';
import { AppError } from '../../errors.ts';
import type { ContentStore, ReceivedContent } from '../../storage/content-store.ts';
import { type Description, kindOf, type UploadKind } from '../inspect/describe.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { ContentHolds, UploadUses } from '../ports.ts';
import { digestOf, nameProblem, uploadIdOf } from './identity.ts';
import { withFiles } from './open-upload.ts';
import type { UploadRecord, UploadRecords } from './records.ts';
import { contentGraceMs } from './sweep.ts';

export interface UploadsDependencies {
  readonly contents: ContentStore;
  readonly records: UploadRecords;
  readonly inspector: Inspector;
  readonly uses: UploadUses;
  readonly holds: Pick<ContentHolds, 'hold'>;
  readonly maxUploadBytes: number;
  /** Of the data once decoded. */
  readonly maxDatasetBytes: number;
  /** Of larger data. */
  readonly spill?: SpillOptions;
}

export interface IncomingFile {
  readonly name: string;
  readonly stream: Readable;
}

export interface Uploads {
  /**
   * Stores the files of one upload.
   *
   * @param files read one after the other; the next is asked for when the one before has been stored
   * @returns the record, and whether the same owner had uploaded the same before
   * @throws UPLOAD_TOO_LARGE, INVALID_INPUT for names, what the format throws; nothing stays then
   */
  add(
    files: AsyncIterable<IncomingFile>,
    owner: string,
    kind: UploadKind | null,
  ): Promise<{ record: UploadRecord; existed: boolean }>;
  /** `owner` null: uploads of every owner. Throws DATASET_NOT_FOUND. */
  get(id: string, owner: string | null): Promise<UploadRecord>;
  list(owner: string | null): Promise<UploadRecord[]>;
  /** Throws DATASET_NOT_FOUND; DATASET_IN_USE while a job that is not finished needs it. */
  remove(id: string, owner: string | null): Promise<void>;
}

type ReceivedFile = ReceivedContent & { readonly name: string };

export function createUploads(dependencies: UploadsDependencies): Uploads {
  const { contents, records, inspector, uses, holds, maxUploadBytes, maxDatasetBytes, spill } = dependencies;

  const receive = async (files: AsyncIterable<IncomingFile>, received: ReceivedFile[]) => {
    let left = maxUploadBytes;
    for await (const { name, stream } of files) {
      checkName(name, received, stream);
      const content = await contents.receive(stream, { maxBytes: left });
      left -= content.bytes;
      received.push({ ...content, name });
    }
    if (received.length === 0) throw refuse('the upload holds no file; send multipart/form-data with a part "file"');
  };

  /** Of several files some formats are a folder, and some are one file that finds the others beside it. */
  const inspect = async (files: readonly ReceivedFile[], kind: UploadKind | null, owner: string | null) => {
    const label = files.map(({ name }) => name).join(', ');
    const open = (entry: string | null) =>
      withFiles(files, entry, (opened) =>
        inspector.inspect(
          {
            ...opened,
            label: entry ?? label,
            kind,
            options: {},
            mayLackOptions: true,
            maxBytes: maxDatasetBytes,
            ...(spill === undefined ? {} : { spill }),
          },
          `uploads of ${owner ?? 'anybody'}`,
        ),
      );
    const candidates = files.length > 1 ? [null, ...files.map(({ name }) => name)] : [null];
    const errors: unknown[] = [];
    for (const entry of candidates) {
      try {
        const description = await open(entry);
        if (entry !== null) refuseUnread(description, entry, files);
        return { description, entry };
      } catch (error) {
        if (!(error instanceof AppError) || !isOtherwise(error.code)) throw error;
        errors.push(error);
      }
    }
    // What is wrong with the first file says more than that the folder is none.
    throw errors[1] ?? errors[0];
  };

  const get: Uploads['get'] = async (id, owner) => {
    const record = await records.get(id, owner);
    if (record === null) throw new AppError('DATASET_NOT_FOUND', `there is no dataset ${id.slice(0, 100)}`);
    return record;
  };

  /** Throws DATASET_IN_USE. The id of a job is told to those who may see the job. */
  const assertUnused = async (id: string, owner: string | null) => {
    const user = await uses.find(id);
    if (user === null) return;
    const who = owner === null || user.owner === owner ? `job ${user.id}, which` : 'a job that';
    throw new AppError('DATASET_IN_USE', `dataset ${id} is needed by ${who} is not finished; cancel it or wait`);
  };

  return {
    get,
    list: (owner) => records.list(owner),

    async add(incoming, owner, kind) {
      const received: ReceivedFile[] = [];
      try {
        await receive(incoming, received);
        const files = received.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }));
        const { description, entry } = await inspect(received, kind, owner);
        const id = uploadIdOf(owner, kindOf(description), files);
        const before = await records.get(id, owner);
        if (before !== null) return { record: before, existed: true };
        const digests = files.map(({ sha256 }) => sha256);
        await holds.hold(digests, contentGraceMs);
        for (const { keep } of received) await keep();
        const record = {
          id,
          entry,
          owner,
          name: files[0]?.name ?? '',
          bytes: files.reduce((sum, file) => sum + file.bytes, 0),
          sha256: digestOf(files),
          files,
          createdAt: new Date().toISOString(),
          description,
        };
        await records.put(record);
        return { record, existed: false };
      } finally {
        // What was not kept belongs to this upload alone: equal bytes of other uploads are other files.
        for (const { discard } of received) await discard();
      }
    },

    async remove(id, owner) {
      const record = await get(id, owner);
      await assertUnused(id, owner);
      await records.remove(record);
      try {
        await assertUnused(id, owner);
      } catch (error) {
        // A job was made with it in the meantime.
        await records.put(record);
        throw error;
      }
    },
  };
}

/** Throws DATASET_AMBIGUOUS where one table of several would be read, and the others not. */
function refuseUnread(description: Description, entry: string, files: readonly { readonly name: string }[]): void {
  if (kindOf(description) !== 'dataset') return;
  const format = Object.values<DatasetFormat>(formats).find(({ name }) => name === description.format);
  const extension = path.extname(entry);
  const unread = files.filter(({ name }) => name !== entry && path.extname(name) === extension);
  if (format?.readsBeside || unread.length === 0) return;
  const others = `${unread[0]?.name}${unread.length > 1 ? ` and ${unread.length - 1} more` : ''}`;
  const message = `the files are no dataset together: ${entry} could be read, ${others} not with it; upload them one by one, or parts of one table with the same columns`;
  throw new AppError('DATASET_AMBIGUOUS', message, { problems: [{ pointer: '/file', message }] });
}

/** Errors after which another of the files may be the one to open. */
const isOtherwise = (code: string) => code === 'DATASET_FORMAT_UNKNOWN' || code === 'DATASET_NOT_FOUND';

/** The parts of the body are named "file". */
const refuse = (message: string) =>
  new AppError('INVALID_INPUT', message, { problems: [{ pointer: '/file', message }] });

function checkName(name: string, before: readonly { name: string }[], stream: Readable): void {
  const problem = nameProblem(name, before);
  if (problem === null) return;
  stream.destroy();
  throw refuse(problem);
}
