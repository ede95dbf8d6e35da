import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memorySource, type Origin, readBytes } from '../../src/codecs/byte-source.ts';
import { isTar, readTar } from '../../src/codecs/tar.ts';
import { refuses, type TarFixture, tarFile } from '../support/data-files.ts';

const origin: Origin = { name: 'case.tar', code: 'DATASET_MALFORMED' };
const pax = (record: string): TarFixture => ({ name: 'pax', type: 'x', content: Buffer.from(record) });

async function list(bytes: Uint8Array): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const { name, size, content } of readTar(memorySource(bytes), origin)) {
    found.push([name, Buffer.from(await readBytes(content, size, name, origin)).toString()]);
  }
  return found;
}

test('files come out with their names and contents, folders do not', async () => {
  const bytes = tarFile([
    { name: 'folder/', type: '5' },
    { name: 'folder/a.txt', content: Buffer.from('first') },
    { name: 'b.txt', content: Buffer.alloc(1024, 'x') },
  ]);
  assert.ok(isTar(bytes));
  assert.deepEqual(await list(bytes), [
    ['folder/a.txt', 'first'],
    ['b.txt', 'x'.repeat(1024)],
  ]);
});

test('an entry that nobody reads is passed over', async () => {
  const bytes = tarFile([{ name: 'a', content: Buffer.alloc(700) }, { name: 'b' }]);
  const names: string[] = [];
  for await (const { name } of readTar(memorySource(bytes), origin)) names.push(name);
  assert.deepEqual(names, ['a', 'b']);
});

test('pax headers give long names', async () => {
  const name = `${'long/'.repeat(30)}file`;
  const body = ` path=${name}\n`;
  const record = `${body.length + 3}${body}`;
  assert.deepEqual(await list(tarFile([pax(record), { name: 'short', content: Buffer.from('!') }])), [[name, '!']]);
});

const damaged = tarFile([{ name: 'a' }]);
damaged[0] = 0x62;

for (const [title, bytes, message] of [
  ['a symbolic link', tarFile([{ name: 'data', type: '2' }]), /"data" is a link/],
  ['a hard link', tarFile([{ name: 'data', type: '1' }]), /is a link/],
  ['a device', tarFile([{ name: 'null', type: '3' }]), /neither a file nor a folder/],
  ['a name that climbs', tarFile([{ name: 'a/../../etc/passwd' }]), /leaves the folder/],
  ['an absolute name', tarFile([{ name: '/etc/passwd' }]), /leaves the folder/],
  ['a pax name that climbs', tarFile([pax('19 path=../passwd1\n'), { name: 'harmless' }]), /leaves the folder/],
  ['a pax record of wrong length', tarFile([pax('99 path=x\n'), { name: 'a' }]), /pax record/],
  ['an entry that ends early', tarFile([{ name: 'a', size: 5000, content: Buffer.from('x') }]), /promises 5000 bytes/],
  ['a header with a wrong checksum', damaged, /wrong checksum/],
  ['an archive cut inside a header', tarFile([{ name: 'a' }]).subarray(0, 300), /inside a header/],
  [
    'an archive cut inside an entry',
    tarFile([{ name: 'a', content: Buffer.alloc(2000) }]).subarray(0, 1000),
    /promises 2000/,
  ],
] as const) {
  test(`${title} is refused`, () => refuses(() => list(bytes), 'DATASET_MALFORMED', message));
}
