/** Writes the artifact of a run and publishes it under the job's id: once, completely, and only while the attempt owns the job. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type ArtifactContent, artifactFormat } from '../src/artifacts/index.ts';
import { publishArtifacts } from '../src/artifacts/publish.ts';
import { createTemporary, ensureFolder, sweepTemporary } from '../src/durable-files.ts';
import { AppError } from '../src/errors.ts';
import { unavailable } from '../src/storage/blob-store.ts';
import { diskRefusal, guardDisk } from '../src/storage/disk-errors.ts';
import type { Stores } from '../src/storage/index.ts';

export interface Publication {
  readonly jobId: string;
  readonly content: ArtifactContent;
  readonly formats: readonly string[];
  readonly signal: AbortSignal;
  /** Asks whether the attempt still owns the job. */
  admit(): Promise<boolean>;
}

/** The name of the folder in messages, which clients can read. */
const workName = 'the work folder of the worker';

/** Errors of the disk are retryable, because a later attempt may succeed; the message does not contain the path. */
function asUnavailable(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'OUTPUT_UNWRITABLE') return error;
  return diskRefusal(workName, error.cause) ?? unavailable(workName, 'files cannot be written to it', error);
}

/**
 * @param workDir folder in which files are first written; on the disk of a local store, publishing is a rename
 * @throws STORE_UNAVAILABLE, ATTEMPT_FENCED, CANCELLED, the errors of a format
 */
export function createPublisher(artifacts: Stores['artifacts'], workDir: string) {
  return async ({ jobId, content, formats, signal, admit }: Publication): Promise<void> => {
    let folder = '';
    try {
      folder = await guardDisk(workName, async () => {
        await ensureFolder(workDir);
        await sweepTemporary(workDir);
        return createTemporary(workDir);
      });
      const target = path.join(folder, 'artifact');
      await publishArtifacts(target, formats.map(artifactFormat), content, { signal });
      await artifacts.put(jobId, target, admit);
    } catch (error) {
      // An earlier attempt that died between publishing and reporting has left the same weights, which are kept.
      if (!(error instanceof AppError) || error.code !== 'ARTIFACT_EXISTS') throw asUnavailable(error);
    } finally {
      if (folder !== '') await rm(folder, { recursive: true, force: true }).catch(() => {});
    }
  };
}
