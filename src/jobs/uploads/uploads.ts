/** Uploads: streamed to the content-addressed store, opened to see that they are what they should be, known by an id of their content. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { JobSpec } from '../../contract/job-spec.ts';
import { AppError } from '../../errors.ts';
import { isPlainName } from '../../storage/blob-store.ts';
import type { ContentStore, StoredContent } from '../../storage/content-store.ts';
import type { UploadKind } from '../inspect/describe.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { JobStore } from '../ports.ts';
import { withUpload } from './open-upload.ts';
import type { UploadRecord, UploadRecords } from './records.ts';

export interface UploadsDependencies {
  readonly contents: ContentStore;
  readonly records: UploadRecords;
  readonly inspector: Inspector;
  readonly jobs: Pick<JobStore, 'list' | 'spec'>;
  readonly maxUploadBytes: number;
  /** Of the data once decoded. */
  readonly maxDatasetBytes: number;
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
  /** `owner` null: of anybody. Throws DATASET_NOT_FOUND. */
  get(id: string, owner: string | null): Promise<UploadRecord>;
  list(owner: string | null): Promise<UploadRecord[]>;
  /** Throws DATASET_NOT_FOUND; DATASET_IN_USE while a job that is not finished needs it. */
  remove(id: string, owner: string | null): Promise<void>;
}

/** Formats of several files have a few. */
const maxFiles = 64;
const pageOfJobs = 200;

export function createUploads(dependencies: UploadsDependencies): Uploads {
  const { contents, records, inspector, jobs, maxUploadBytes, maxDatasetBytes } = dependencies;
  /** Digests that uploads under way rely on. */
  const busy = new Map<string, number>();
  const hold = (sha256: string, by: 1 | -1) => {
    const count = (busy.get(sha256) ?? 0) + by;
    if (count > 0) busy.set(sha256, count);
    else busy.delete(sha256);
  };

  /** Removes contents that nobody refers to. */
  const drop = async (digests: readonly string[]) => {
    const kept = new Set((await records.list(null)).flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
    for (const sha256 of digests) if (!kept.has(sha256) && !busy.has(sha256)) await contents.remove(sha256);
  };

  const receive = async (files: AsyncIterable<IncomingFile>, stored: (StoredContent & { name: string })[]) => {
    let left = maxUploadBytes;
    for await (const { name, stream } of files) {
      checkName(name, stored, stream);
      const content = await contents.putStream(stream, { maxBytes: left });
      hold(content.sha256, 1);
      left -= content.bytes;
      stored.push({ ...content, name });
    }
    if (stored.length === 0) throw refuse('the upload holds no file; send multipart/form-data with a part "file"');
  };

  /** Of several files some formats are a folder, and some are one file that finds the others beside it. */
  const inspect = async (files: UploadRecord['files'], kind: UploadKind | null) => {
    const label = files.map(({ name }) => name).join(', ');
    const open = (entry: string | null) =>
      withUpload(contents, { id: '', files, entry }, (opened) =>
        inspector.inspect({ ...opened, label: entry ?? label, kind, options: {}, maxBytes: maxDatasetBytes }),
      );
    const candidates = files.length > 1 ? [null, ...files.map(({ name }) => name)] : [null];
    const errors: unknown[] = [];
    for (const entry of candidates) {
      try {
        return { description: await open(entry), entry };
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

  return {
    get,
    list: (owner) => records.list(owner),

    async add(files, owner, kind) {
      const stored: (StoredContent & { name: string })[] = [];
      let isKept = false;
      try {
        await receive(files, stored);
        const sha256 = digestOf(stored);
        const plain = stored.map(({ name, bytes, sha256: digest }) => ({ name, bytes, sha256: digest }));
        const { description, entry } = await inspect(plain, kind);
        const id = `ds_${createHash('sha256').update(`${description.kind} ${sha256}`).digest('hex').slice(0, 32)}`;
        const before = await records.get(id, owner);
        isKept = true;
        if (before !== null) return { record: before, existed: true };
        const bytes = plain.reduce((sum, file) => sum + file.bytes, 0);
        const name = plain[0]?.name ?? '';
        const record = {
          id,
          entry,
          owner,
          name,
          bytes,
          sha256,
          files: plain,
          createdAt: new Date().toISOString(),
          description,
        };
        await records.put(record);
        return { record, existed: false };
      } finally {
        for (const { sha256 } of stored) hold(sha256, -1);
        if (!isKept) await drop(stored.map(({ sha256 }) => sha256));
      }
    },

    async remove(id, owner) {
      const record = await get(id, owner);
      const user = await findUser(jobs, `dataset:${id}`);
      if (user !== null)
        throw new AppError(
          'DATASET_IN_USE',
          `dataset ${id} is needed by job ${user}, which is not finished; cancel it or wait`,
        );
      await records.remove(record);
      await drop(record.files.map(({ sha256 }) => sha256));
    },
  };
}

/** Errors after which another of the files may be the one to open. */
const isOtherwise = (code: string) => code === 'DATASET_FORMAT_UNKNOWN' || code === 'DATASET_NOT_FOUND';

const refuse = (message: string) => new AppError('INVALID_INPUT', message);

function checkName(name: string, before: readonly { name: string }[], stream: Readable): void {
  const problem = nameProblem(name, before);
  if (problem === null) return;
  stream.destroy();
  throw refuse(problem);
}

function nameProblem(name: string, before: readonly { name: string }[]): string | null {
  const shown = JSON.stringify(name.slice(0, 100));
  if (!isPlainName(name) || /[/\p{Cc}]/u.test(name) || Buffer.byteLength(name) > 255)
    return `${shown} is no file name; give a plain name without folders, 255 bytes at most`;
  if (before.some((other) => other.name === name)) return `the upload holds two files named ${shown}`;
  if (before.length >= maxFiles) return `the upload holds more than ${maxFiles} files`;
  return null;
}

/** Of one file: its own; of several: of the lines that `sha256sum` prints for them. */
function digestOf(files: readonly { name: string; sha256: string }[]): string {
  const [first] = files;
  if (files.length === 1 && first !== undefined) return first.sha256;
  const lines = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** A job that is not finished and whose specification names the reference. */
async function findUser(jobs: UploadsDependencies['jobs'], ref: string): Promise<string | null> {
  for (const status of ['queued', 'running', 'cancelling'] as const) {
    let after: string | undefined;
    do {
      const page = await jobs.list({
        owner: null,
        status,
        limit: pageOfJobs,
        ...(after === undefined ? {} : { after }),
      });
      const specs = await Promise.all(page.records.map(async ({ id }) => ({ id, spec: await jobs.spec(id) })));
      const user = specs.find(({ spec }) => spec !== null && referencesOf(spec).includes(ref));
      if (user !== undefined) return user.id;
      after = page.hasMore ? page.records.at(-1)?.id : undefined;
    } while (after !== undefined);
  }
  return null;
}

/** Everything that a specification refers to. */
function referencesOf({
  dataset,
  weights,
  model,
  training,
}: Pick<JobSpec, 'dataset' | 'weights' | 'model' | 'training'>): string[] {
  const modelRef = 'ref' in model ? model.ref : undefined;
  return [dataset?.ref, training?.test?.ref, weights?.ref, modelRef].filter((ref) => ref !== undefined);
}
