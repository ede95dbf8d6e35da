/** Every row of test/support/odd-jobs.ts through API, worker and child. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oddEnds } from '../support/odd-job-ends.ts';
import { oddJobs } from '../support/odd-jobs.ts';
import { runningService } from '../support/service.ts';

test('every odd job ends in finite weights or in an error with code, place and way out', {
  timeout: 3_600_000,
}, async () => {
  const { url } = await runningService({ MAX_RUN_MEMORY_BYTES: String(4 * 2 ** 30) });
  assert.deepEqual(await oddEnds(url, oddJobs), []);
});
