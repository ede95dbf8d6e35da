/** Published folders as artifacts: which format each file is of. */
import { artifactFormats } from '../artifacts/index.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { ArtifactStore } from './ports.ts';

/** A format's file, or a file beside it in its folder; what is left is about the run. */
function formatOf(name: string): string {
  const folder = name.includes('/') ? name.slice(0, name.indexOf('/') + 1) : null;
  const format = Object.values(artifactFormats).find(
    ({ entry }) => entry === name || (folder !== null && entry.startsWith(folder)),
  );
  return format?.name ?? 'report';
}

export function createArtifactStore(blobs: BlobStore): ArtifactStore {
  return {
    async list(jobId) {
      const files = await blobs.list(jobId);
      return files?.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256, format: formatOf(name) })) ?? null;
    },
    open: (jobId, name, range) => blobs.open(jobId, name, range),
    remove: (jobId) => blobs.remove(jobId),
  };
}
