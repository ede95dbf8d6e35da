/**
 * Checkpoints of running jobs, each a published folder in the store of artifacts: what a run needs to go on elsewhere, however large.
 *
 *   <job>-<attempt>-<time><random>/state.json.gz          the state without its arrays
 *                                 /arrays.safetensors     its arrays, if it has any
 *
 * Every attempt writes under names of its own and nothing is overwritten. Which checkpoint counts is a pointer in Redis, which only the attempt that owns
 * the job can set: what a stale attempt writes is never pointed to, and the sweep takes it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { decodeSafetensors, encodeSafetensors } from '../../codecs/safetensors.ts';
import type { JobPhase } from '../../contract/job-status.ts';
import { createTemporary, ensureFolder } from '../../durable-files.ts';
import { AppError } from '../../errors.ts';
import type { NDArray } from '../../ndarray.ts';
import type { BlobStore } from '../../storage/blob-store.ts';
import { guardDisk } from '../../storage/disk-errors.ts';
import { packState, unpackState } from './pack.ts';

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** What Redis holds of a checkpoint. */
export interface CheckpointPointer {
  /** In the store. */
  readonly key: string;
  readonly phase: JobPhase;
  /** Iterations of the phase that are done. */
  readonly iteration: number;
  readonly bytes: number;
}

export interface CheckpointOwner {
  readonly jobId: string;
  readonly attempt: number;
}

export interface Checkpoints {
  /**
   * Stores a state; it counts once its pointer is set.
   *
   * @throws CHECKPOINT_TOO_LARGE, STORE_UNAVAILABLE
   */
  write(owner: CheckpointOwner, state: unknown): Promise<{ key: string; bytes: number }>;
  /** Throws CHECKPOINT_MISMATCH when it is missing or damaged, STORE_UNAVAILABLE. */
  read(key: string): Promise<unknown>;
}

const stateName = 'state.json.gz';
const arraysName = 'arrays.safetensors';

const newKey = ({ jobId, attempt }: CheckpointOwner) =>
  `${jobId}-${attempt}-${Date.now().toString(36).padStart(9, '0')}${randomBytes(6).toString('hex')}`;

/** Whose checkpoint it is and when it was begun; null for a key that is none. */
export function parseCheckpointKey(key: string): { jobId: string; writtenAtMs: number } | null {
  const [, jobId, time] = /^(.+)-\d+-([0-9a-z]{9})[0-9a-f]{12}$/.exec(key) ?? [];
  return jobId === undefined || time === undefined ? null : { jobId, writtenAtMs: Number.parseInt(time, 36) };
}

const damaged = (key: string, problem: string, cause?: unknown) =>
  new AppError('CHECKPOINT_MISMATCH', `checkpoint ${key} ${problem}`, { cause });

/** @param workDir where files are written first; on the disk of a local store publishing is then a rename */
export function createCheckpoints(
  blobs: BlobStore,
  workDir: string,
  { maxBytes }: { readonly maxBytes: number },
): Checkpoints {
  /** Throws CHECKPOINT_MISMATCH unless the bytes are those that were published. */
  const readFile = async (key: string, name: string, sha256: string): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await blobs.open(key, name)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
    throw damaged(key, `is damaged: ${name} has other bytes than were written`);
  };

  const load = async (key: string): Promise<unknown> => {
    const files = await blobs.list(key);
    if (files === null) throw damaged(key, 'is missing');
    const read = async (name: string) => {
      const file = files.find((candidate) => candidate.name === name);
      return file === undefined ? null : readFile(key, name, file.sha256);
    };
    const json = await read(stateName);
    if (json === null) throw damaged(key, `has no ${stateName}`);
    const packed = await read(arraysName);
    const arrays = packed === null ? new Map<string, NDArray>() : decodeSafetensors(packed, arraysName).tensors;
    return unpackState({ json: (await unzip(json)).toString('utf8'), arrays });
  };

  return {
    async write(owner, state) {
      const { json, arrays } = packState(state);
      const text = await zip(json, { level: 1 });
      const bytes = [...arrays.values()].reduce((sum, { data }) => sum + data.byteLength, text.byteLength);
      if (bytes > maxBytes) {
        const message = `the checkpoint has ${bytes} bytes, more than the ${maxBytes} of MAX_CHECKPOINT_BYTES`;
        throw new AppError('CHECKPOINT_TOO_LARGE', message);
      }
      const key = newKey(owner);
      await guardDisk('the work folder of the worker', async () => {
        await ensureFolder(workDir);
        const folder = await createTemporary(workDir);
        try {
          await writeFile(path.join(folder, stateName), text);
          if (arrays.size > 0) await writeFile(path.join(folder, arraysName), encodeSafetensors(arrays));
          await blobs.put(key, folder);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      });
      return { key, bytes };
    },

    async read(key) {
      try {
        return await load(key);
      } catch (error) {
        if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE') throw error;
        if (error instanceof AppError && error.code === 'CHECKPOINT_MISMATCH') throw error;
        throw damaged(key, `cannot be read: ${error instanceof Error ? error.message : error}`, error);
      }
    },
  };
}
