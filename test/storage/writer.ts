/** Started by local.test.ts: begins a publication of argv[4] to argv[2] and an upload to argv[3], says so on standard output and ends neither. */
import { readdir } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLocalBlobStore } from '../../src/storage/local.ts';
import { createLocalContentStore } from '../../src/storage/local-content.ts';

const [blobs = '', uploads = '', folder = ''] = process.argv.slice(2);
const endless = new PassThrough();
endless.write('half an upload');
const upload = createLocalContentStore({ root: uploads }).receive(endless, { maxBytes: 1000 });
while ((await readdir(uploads).catch(() => [])).length === 0) await sleep(10);
const publication = createLocalBlobStore({ root: blobs }).put('job', folder, async () => {
  process.stdout.write('writing\n');
  await sleep(600_000);
  return true;
});
await Promise.all([upload, publication]);
