/** Whatever is accepted ends in weights or in a code; the longer half of the table is in test/slow/odd-jobs.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oddEnds } from '../support/odd-job-ends.ts';
import { oddJobs } from '../support/odd-jobs.ts';
import { runningService } from '../support/service.ts';

test('odd and hostile jobs end in finite weights or in an error with code, place and way out', async () => {
  const { url } = await runningService({ MAX_RUN_MEMORY_BYTES: String(4 * 2 ** 30) });
  assert.deepEqual(
    await oddEnds(
      url,
      oddJobs.filter(({ isSlow }) => isSlow !== true),
    ),
    [],
  );
});
