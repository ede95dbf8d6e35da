import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { AppError } from '../../src/errors.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type Answer, json, scriptedServer } from './scripted-server.ts';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const artifact = { name: 'tfjs/weights.bin', format: 'tfjs-layers', bytes: content.length, sha256, url: '' };
const listing = json(200, { artifacts: [artifact] });
const root = await temporaryFolder();

/** Serves ranges as a correct server does; `limit` breaks the connection after so many bytes. */
const serve =
  (limit = Number.POSITIVE_INFINITY, body = content): Answer =>
  (response, { headers }) => {
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    assert.ok(start === 0 || headers['if-range'] === `"${sha256}"`);
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': String(body.length - start) });
    const part = body.subarray(start, start + limit);
    response.write(part, () => (part.length < body.length - start ? response.destroy() : response.end()));
  };

async function folderOf(name: string): Promise<string> {
  const folder = path.join(root, name);
  await mkdir(folder);
  return folder;
}

test('a download that breaks off goes on where it was, and has the promised sha256', async () => {
  const folder = await folderOf('broken');
  const { client, seen } = await scriptedServer([listing, serve(100_000), serve(100_000), serve()]);
  await client.downloadAll('job_1', folder);
  assert.deepEqual(await readFile(path.join(folder, artifact.name)), content);
  assert.equal(seen[1]?.url, '/v1/jobs/job_1/artifacts/tfjs/weights.bin');
  assert.match(seen.at(-1)?.headers.range ?? '', /^bytes=[1-9]\d*-$/);
  assert.deepEqual(await readdir(path.join(folder, 'tfjs')), ['weights.bin']);
});

test('a part that an earlier call left is continued', async () => {
  const folder = await folderOf('earlier');
  await mkdir(path.join(folder, 'tfjs'));
  await writeFile(path.join(folder, 'tfjs/weights.bin.part'), content.subarray(0, 1000));
  const { client, seen } = await scriptedServer([listing, serve()]);
  await client.download('job_1', artifact.name, folder);
  assert.equal(seen[1]?.headers.range, 'bytes=1000-');
  assert.deepEqual(await readFile(path.join(folder, artifact.name)), content);
});

test('a server that sends everything again instead of the range is understood', async () => {
  const folder = await folderOf('whole');
  await mkdir(path.join(folder, 'tfjs'));
  await writeFile(path.join(folder, 'tfjs/weights.bin.part'), 'something else');
  const whole: Answer = (response) => response.writeHead(200).end(content);
  const { client } = await scriptedServer([listing, whole]);
  await client.downloadAll('job_1', folder);
  assert.deepEqual(await readFile(path.join(folder, artifact.name)), content);
});

test('an empty artifact is an empty file', async () => {
  const folder = await folderOf('empty');
  const empty = { ...artifact, name: 'empty', bytes: 0, sha256: createHash('sha256').digest('hex') };
  const { client } = await scriptedServer([
    json(200, { artifacts: [empty] }),
    (response) => response.writeHead(200).end(),
  ]);
  await client.downloadAll('job_1', folder);
  assert.equal((await readFile(path.join(folder, 'empty'))).length, 0);
});

const corrupt: { title: string; body: Buffer<ArrayBuffer> }[] = [
  { title: 'another content', body: Buffer.alloc(content.length) },
  { title: 'a longer content', body: Buffer.concat([content, content]) },
];
for (const { title, body } of corrupt) {
  test(`${title} is refused and leaves nothing behind`, async () => {
    const folder = await folderOf(title);
    const { client } = await scriptedServer([listing, serve(Number.POSITIVE_INFINITY, body)]);
    await assert.rejects(
      client.downloadAll('job_1', folder),
      (error) => error instanceof AppError && error.code === 'DOWNLOAD_CORRUPT',
    );
    assert.deepEqual(await readdir(path.join(folder, 'tfjs')), []);
  });
}

for (const name of ['../evil', 'a/../../evil', '/etc/evil', 'a//b', '.', '..\\evil']) {
  test(`the artifact name ${JSON.stringify(name)} is refused before anything is written`, async () => {
    const folder = await folderOf(`unsafe-${Buffer.from(name).toString('hex')}`);
    const { client, seen } = await scriptedServer([json(200, { artifacts: [{ ...artifact, name }] })]);
    await assert.rejects(
      client.downloadAll('job_1', folder),
      (error) => error instanceof AppError && error.code === 'SERVICE_ANSWER',
    );
    assert.deepEqual([await readdir(folder), seen.length], [[], 1]);
  });
}

test('a name that is not listed is not found, and the error lists what is', async () => {
  const { client } = await scriptedServer([listing]);
  await assert.rejects(
    client.download('job_1', 'weights.npz', root),
    (error) =>
      error instanceof AppError && error.code === 'ARTIFACT_NOT_FOUND' && error.message.includes('tfjs/weights.bin'),
  );
});
