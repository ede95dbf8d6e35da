/**
 * Runs in its own mount namespace (`unshare -m`), where it can create full and read-only disks; prints the errors of the stores as JSON.
 *
 *   argv[2]   an empty folder
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { toAppError } from '../../src/errors.ts';
import { createCheckpoints } from '../../src/jobs/checkpoints/checkpoints.ts';
import { ndarray } from '../../src/ndarray.ts';
import { putStream } from '../../src/storage/content-store.ts';
import { createLocalBlobStore } from '../../src/storage/local.ts';
import { createLocalContentStore } from '../../src/storage/local-content.ts';
import { createPublisher } from '../../workers/publisher.ts';

const [root = ''] = process.argv.slice(2);
const disk = path.join(root, 'disk');
mkdirSync(disk);
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
const artifacts = createLocalBlobStore({ root: path.join(disk, 'artifacts') });
const contents = createLocalContentStore({ root: path.join(disk, 'contents') });
const weights = ndarray('float32', [40_000], new Float32Array(40_000));
const publish = createPublisher(artifacts, path.join(disk, 'work'));
const publication = {
  jobId: 'job_a',
  content: { weights: new Map([['w', weights]]), report: {} },
  formats: ['safetensors'],
  signal: new AbortController().signal,
  admit: async () => true,
};
const checkpoints = createCheckpoints(artifacts, path.join(disk, 'work'), { maxBytes: 1e9 });
const actions: Record<string, () => Promise<unknown>> = {
  check: () => artifacts.check(),
  'check of contents': () => contents.check(),
  publish: () => publish(publication),
  upload: () => putStream(contents, Readable.from([Buffer.alloc(300_000)]), { maxBytes: 1e6 }),
  checkpoint: () => checkpoints.write({ jobId: 'job_a', attempt: 1 }, { weights }),
};

async function outcomes() {
  const entries = Object.entries(actions).map(async ([name, action]) => {
    const outcome = await action().then(
      () => 'done',
      (thrown: unknown) => {
        const { code, message, permanent } = toAppError(thrown);
        return { code, message, permanent };
      },
    );
    return [name, outcome] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

await artifacts.check();
writeFileSync(path.join(disk, 'ballast'), Buffer.alloc(250_000));
const full = await outcomes();
execFileSync('mount', ['-o', 'remount,ro', disk]);
const readOnly = await outcomes();
console.log(JSON.stringify({ full, readOnly }));
