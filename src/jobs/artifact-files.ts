/** Published folders as artifacts: which format each file is of. */
import { formatOf } from '../artifacts/index.ts';
import type { BlobStore } from '../storage/blob-store.ts';
import type { ArtifactStore } from './ports.ts';

export function createArtifactStore(blobs: BlobStore): ArtifactStore {
  return {
    async list(jobId) {
      const files = await blobs.list(jobId);
      return (
        files?.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256, format: formatOf(name) ?? 'report' })) ?? null
      );
    },
    open: (jobId, name, range) => blobs.open(jobId, name, range),
    remove: (jobId) => blobs.remove(jobId),
  };
}
