/** Lists of shards behind URLs become a folder, with a real server. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openDataset } from '../../../src/datasets/index.ts';
import { createResolver } from '../../../src/jobs/uploads/resolve.ts';
import type { RemotePolicy } from '../../../src/storage/remote/policy.ts';
import { refuses, temporaryFolder } from '../../support/data-files.ts';
import { httpServer } from '../../support/http-server.ts';
import { remotePolicy } from '../../support/remote-policy.ts';

const temporary = temporaryFolder();
const host = await httpServer((request, response) => {
  const shard = /^\/(train|test)-0000(\d)-of-00002\.csv$/.exec(request.url ?? '');
  const rows = Array.from({ length: 3 }, (_, i) => `${shard?.[2]}${i},${i % 2}`).join('\n');
  if (shard === null) response.writeHead(404).end();
  else response.end(`a,label\n${rows}\n`);
});

const resolverOf = (rest: Partial<RemotePolicy> = {}) =>
  createResolver({
    contents: { locate: () => assert.fail('no content is stored') },
    records: {
      get: () => assert.fail('no upload is referred to'),
      add: () => assert.fail(),
      all: () => assert.fail(),
      remove: () => assert.fail(),
    } as never,
    remote: remotePolicy({ privateHosts: [host], ...rest }),
    workDir: path.join(temporary.path, 'work'),
    cacheBytes: 10_000,
  });

test('shards of all parts are one dataset, and are gone afterwards', async () => {
  const url = `http://${host}/{train,test}-{00000..00001}-of-00002.csv`;
  let folder = '';
  const dataset = await resolverOf()(url, ({ path: place }) => {
    folder = place;
    return openDataset(place, {}, { label: url });
  });
  assert.equal(dataset.size, 6);
  assert.deepEqual(dataset.found.parts, [
    { name: 'test', samples: 6 },
    { name: 'train', samples: 6 },
  ]);
  assert.deepEqual([...(dataset.gather([0, 1, 2, 3, 4, 5]).inputs[0]?.data ?? [])], [0, 1, 2, 10, 11, 12]);
  assert.ok(!readdirSync(path.join(temporary.path, 'work')).includes(path.basename(folder)));
});

test('a shard that is not there is named', () =>
  refuses(
    () => resolverOf()(`http://${host}/train-{00000..00002}-of-00003.csv`, async () => {}),
    'REMOTE_FAILED',
    /train-00000-of-00003\.csv: the server answered 404/,
  ));

test('all shards together are limited', () =>
  refuses(
    () => resolverOf({ maxBytes: 40 })(`http://${host}/train-{00000..00001}-of-00002.csv`, async () => {}),
    'DATASET_TOO_LARGE',
    /more than the 40 bytes/,
  ));
