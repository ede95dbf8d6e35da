/** A process that writes checkpoints until it is killed. */
import path from 'node:path';
import { createCheckpoints } from '../../src/jobs/checkpoints/checkpoints.ts';
import { ndarray } from '../../src/ndarray.ts';
import { createLocalBlobStore } from '../../src/storage/local.ts';

const [folder = ''] = process.argv.slice(2);
const store = createLocalBlobStore({ root: path.join(folder, 'checkpoints') });
const checkpoints = createCheckpoints(store, path.join(folder, 'work'), { maxBytes: 1e9 });
for (let iteration = 0; ; iteration += 1) {
  const weights = ndarray('float32', [1_000_000], new Float32Array(1_000_000).fill(iteration));
  await checkpoints.write({ jobId: 'job_killed', attempt: 1 }, { iteration, weights });
  if (iteration === 0) process.stdout.write('writing\n');
}
