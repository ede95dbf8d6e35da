/** Downloads that are kept, with a real server. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createDownloadCache } from '../../../src/storage/remote/download-cache.ts';
import { expandShards } from '../../../src/storage/remote/shards.ts';
import { refuses, temporaryFolder } from '../../support/data-files.ts';
import { httpServer } from '../../support/http-server.ts';
import { remotePolicy } from '../../support/remote-policy.ts';

const temporary = temporaryFolder();
const files = new Map<string, { content: string; etag?: string }>();
const sent: string[] = [];
const host = await httpServer((request, response) => {
  const file = files.get(request.url ?? '');
  if (file === undefined) return void response.writeHead(404).end();
  if (file.etag !== undefined && request.headers['if-none-match'] === file.etag) {
    sent.push(`${request.url} unchanged`);
    return void response.writeHead(304).end();
  }
  sent.push(`${request.url} sent`);
  response.writeHead(200, file.etag === undefined ? {} : { etag: file.etag }).end(file.content);
});
const policy = remotePolicy({ privateHosts: [host] });

let targets = 0;
function open(name: string, cacheBytes: number) {
  const folder = path.join(temporary.path, name);
  const cache = createDownloadCache({ folder, policy, cacheBytes });
  return {
    async fetch(url: string) {
      sent.length = 0;
      const target = path.join(temporary.path, `target-${targets++}`);
      const { fileName, bytes } = await cache.fetch(`http://${host}${url}`, target);
      const text = readFileSync(target, 'utf8');
      assert.equal(bytes, text.length);
      return { text, fileName, sent: [...sent] };
    },
    kept: () => readdirSync(folder).length,
  };
}

test('a file is sent once, and again when its ETag changes', async () => {
  const cache = open('once', 1000);
  files.set('/data.csv', { content: 'first', etag: '"1"' });
  assert.deepEqual(await cache.fetch('/data.csv'), { text: 'first', fileName: 'data.csv', sent: ['/data.csv sent'] });
  assert.deepEqual(await cache.fetch('/data.csv'), {
    text: 'first',
    fileName: 'data.csv',
    sent: ['/data.csv unchanged'],
  });
  files.set('/data.csv', { content: 'second', etag: '"2"' });
  assert.equal((await cache.fetch('/data.csv')).text, 'second');
  assert.deepEqual((await cache.fetch('/data.csv')).sent, ['/data.csv unchanged']);
  assert.equal(cache.kept(), 1);
});

test('without an ETag, and with a cache of nothing, it is sent every time', async () => {
  files.set('/plain.csv', { content: 'plain' });
  files.set('/tagged.csv', { content: 'tagged', etag: '"1"' });
  const kept = open('plain', 1000);
  const none = open('none', 0);
  for (let i = 0; i < 2; i++) {
    assert.deepEqual((await kept.fetch('/plain.csv')).sent, ['/plain.csv sent']);
    assert.deepEqual((await none.fetch('/tagged.csv')).sent, ['/tagged.csv sent']);
  }
});

test('what was used longest ago goes when there is more than the limit; what is being read stays', async () => {
  const cache = open('bounded', 250);
  for (const name of ['a', 'b', 'c']) files.set(`/${name}.csv`, { content: name.repeat(100), etag: `"${name}"` });
  const first = path.join(temporary.path, 'reader');
  await createDownloadCache({ folder: path.join(temporary.path, 'bounded'), policy, cacheBytes: 250 }).fetch(
    `http://${host}/a.csv`,
    first,
  );
  await cache.fetch('/b.csv');
  await cache.fetch('/c.csv');
  assert.equal(cache.kept(), 2);
  assert.equal(readFileSync(first, 'utf8'), 'a'.repeat(100));
  assert.deepEqual((await cache.fetch('/a.csv')).sent, ['/a.csv sent']);
});

test('a URL that is refused is refused with a cache, too', () =>
  refuses(
    () => createDownloadCache({ folder: temporary.path, policy, cacheBytes: 1 }).fetch('http://10.0.0.1/x', 'nowhere'),
    'REMOTE_REFUSED',
    /https/,
  ));

test('lists of shards', async () => {
  assert.deepEqual(expandShards('https://h/x.csv'), ['https://h/x.csv']);
  assert.deepEqual(expandShards('https://h/{train,test}-{08..10}.tar'), [
    'https://h/train-08.tar',
    'https://h/train-09.tar',
    'https://h/train-10.tar',
    'https://h/test-08.tar',
    'https://h/test-09.tar',
    'https://h/test-10.tar',
  ]);
  for (const [url, message] of [
    ['https://h/{5..1}.tar', /is empty/],
    ['https://h/{x}.tar', /neither a range/],
    ['https://h/{0..99999}.tar', /more than 1024 files/],
    ['https://h/{0..99}{0..99}.tar', /more than 1024 files/],
  ] as const)
    await refuses(async () => expandShards(url), 'REMOTE_REFUSED', message);
});
