import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ndarray } from '../../src/ndarray.ts';
import { openStores } from '../../src/storage/index.ts';
import { createPublisher } from '../../workers/publisher.ts';
import { temporaryFolder } from '../support/temporary.ts';

const stateDir = await temporaryFolder();
const { artifacts } = await openStores({ stateDir });
const publish = createPublisher(artifacts, path.join(stateDir, 'work'));

function publication(jobId: string, value: number, admit: () => Promise<boolean>) {
  const content = { weights: new Map([['w', ndarray('float32', [1], Float32Array.of(value))]]), report: { value } };
  return { jobId, content, formats: ['safetensors'], signal: new AbortController().signal, admit };
}

const debris = () => readdir(path.join(stateDir, 'work'));
const digests = async (jobId: string) => (await artifacts.list(jobId))?.map(({ name, sha256 }) => `${name} ${sha256}`);

test('an attempt that no longer owns the job publishes nothing and leaves nothing behind', async () => {
  await assert.rejects(publish(publication('job_fenced', 1, async () => false)), { code: 'ATTEMPT_FENCED' });
  assert.equal(await artifacts.list('job_fenced'), null);
  assert.deepEqual(await debris(), []);
});

test('what is published stands: a later attempt does not replace it', async () => {
  await publish(publication('job_twice', 1, async () => true));
  const before = await digests('job_twice');
  await publish(publication('job_twice', 2, async () => true));
  assert.deepEqual(await digests('job_twice'), before);
  assert.deepEqual(await debris(), []);
});
