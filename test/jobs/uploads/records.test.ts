/** Records of uploads of which one was damaged on the disk: the others are served, and the damaged one can be replaced. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createUploadRecords, type UploadRecord } from '../../../src/jobs/uploads/records.ts';
import { testApi } from '../../support/api.ts';
import { csv } from '../../support/upload-files.ts';

const { app, config, stores } = await testApi();

async function upload(rows: number): Promise<{ id: string; status: number }> {
  const body = `--b\r\ncontent-disposition: form-data; name="file"; filename="${rows}.csv"\r\n\r\n${csv(rows)}\r\n--b--\r\n`;
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const response = await app.inject({ method: 'POST', url: '/v1/datasets', headers, payload: body });
  return { id: response.json().id, status: response.statusCode };
}
const listed = async () =>
  (await app.inject('/v1/datasets'))
    .json()
    .datasets.map(({ id }: { id: string }) => id)
    .sort();
const fileOf = async (id: string, name: RegExp) => {
  const root = path.join(config.stateDir, 'uploads');
  const names = await readdir(root, { recursive: true });
  return path.join(root, names.find((one) => one.includes(id) && name.test(one)) ?? 'none');
};

const digestOf = async (id: string) => (await createUploadRecords(stores.uploads).get(id, ''))?.files[0]?.sha256 ?? '';

for (const { title, name, bytes } of [
  { title: 'cut off', name: /record\.json$/, bytes: '{"id":"ds_' },
  { title: 'of another form', name: /record\.json$/, bytes: '{"id":7,"files":[]}' },
  { title: 'without a manifest that can be read', name: /blob\.json$/, bytes: '{"fi' },
]) {
  test(`a record ${title} is none, keeps nobody from the others, and comes back with the upload`, async () => {
    const rows = 20 + title.length;
    const [good, damaged] = [await upload(rows), await upload(rows + 100)];
    await writeFile(await fileOf(damaged.id, name), bytes);
    // A process that has not read the record before, and the one that has.
    const fresh = createUploadRecords(stores.uploads);
    assert.equal(await fresh.get(damaged.id, ''), null);
    assert.ok((await fresh.list(null)).some(({ id }) => id === good.id));
    assert.ok(!(await fresh.list(null)).some(({ id }) => id === damaged.id));
    const digests = await fresh.digests();
    assert.ok(digests.has(await digestOf(good.id)));
    assert.ok((await listed()).includes(good.id));
    await fresh.put({ ...((await fresh.get(good.id, '')) as UploadRecord), id: damaged.id });
    assert.equal((await fresh.get(damaged.id, ''))?.id, damaged.id);
  });
}

test('contents that a damaged record still names are kept', async () => {
  const { id } = await upload(77);
  const sha256 = await digestOf(id);
  await writeFile(await fileOf(id, /record\.json$/), `{"files":[{"sha256":"${sha256}"`);
  assert.ok((await createUploadRecords(stores.uploads).digests()).has(sha256));
});
