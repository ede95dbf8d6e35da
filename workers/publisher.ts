/** Writes the artifact of a run and publishes it under the job's id: once, whole, and only while the attempt still owns the job. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type ArtifactContent, artifactFormat } from '../src/artifacts/index.ts';
import { publishArtifacts } from '../src/artifacts/publish.ts';
import { createTemporary, ensureFolder, sweepTemporary } from '../src/durable-files.ts';
import { AppError } from '../src/errors.ts';
import type { Stores } from '../src/storage/index.ts';

export interface Publication {
  readonly jobId: string;
  readonly content: ArtifactContent;
  readonly formats: readonly string[];
  readonly signal: AbortSignal;
  /** Asks whether the attempt still owns the job. */
  admit(): Promise<boolean>;
}

/** `workDir` is where files are written first; on the disk of a local store publishing is then a rename. */
export function createPublisher(artifacts: Stores['artifacts'], workDir: string) {
  return async ({ jobId, content, formats, signal, admit }: Publication): Promise<void> => {
    await ensureFolder(workDir);
    await sweepTemporary(workDir);
    const folder = await createTemporary(workDir);
    try {
      const target = path.join(folder, 'artifact');
      await publishArtifacts(target, formats.map(artifactFormat), content, { signal });
      await artifacts.put(jobId, target, admit);
    } catch (error) {
      // An attempt that died between publishing and saying so has left the same weights: they stand.
      if (!(error instanceof AppError) || error.code !== 'ARTIFACT_EXISTS') throw error;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
