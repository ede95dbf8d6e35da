/** Removes contents that no upload refers to: those of deleted uploads, and what crashed processes left. */
import type { ContentStore } from '../../storage/content-store.ts';
import type { ContentHolds } from '../ports.ts';
import type { UploadRecords } from './records.ts';

/** No content is removed within this time after it was stored. */
export const contentGraceMs = 3600 * 1000;

/**
 * A content is removed when no record refers to it, it was stored long ago and nobody holds it; while it is being removed nobody can. Fetches nothing.
 *
 * @returns how many were removed
 */
export async function sweepContents(
  contents: Pick<ContentStore, 'entries' | 'remove'>,
  records: Pick<UploadRecords, 'digests'>,
  holds: Pick<ContentHolds, 'claim' | 'release'>,
  now = Date.now(),
): Promise<number> {
  const old: string[] = [];
  for await (const { sha256, modifiedAt } of contents.entries())
    if (now - modifiedAt.getTime() >= contentGraceMs) old.push(sha256);
  // After the listing: an upload that comes later holds its contents for longer than this takes.
  const kept = await records.digests();
  let removed = 0;
  for (const sha256 of old) {
    if (kept.has(sha256) || !(await holds.claim(sha256))) continue;
    try {
      await contents.remove(sha256);
      removed += 1;
    } finally {
      await holds.release(sha256);
    }
  }
  return removed;
}
