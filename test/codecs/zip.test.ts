/** Directories of zip files: many entries, names in other encodings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { readBytes } from '../../src/codecs/byte-source.ts';
import { openFileSource } from '../../src/codecs/file-source.ts';
import { readZip } from '../../src/codecs/zip.ts';
import { readDirectory } from '../../src/codecs/zip-directory.ts';
import { encodeZip } from '../../src/codecs/zip-writer.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';
import { preparePython } from '../support/python.ts';

const folder = temporaryFolder();
const origin = { name: 'case.zip', code: 'DATASET_MALFORMED' } as const;

async function directoryOf(bytes: Uint8Array) {
  const file = await openFileSource(folder.write('case.zip', bytes), origin);
  try {
    return await readDirectory(file, origin);
  } finally {
    await file.close();
  }
}

/** A zip of one empty file, its name replaced by other bytes of the same length, its flag for UTF-8 by others. */
function named(bytes: Uint8Array, flags: number): Buffer {
  const zip = Buffer.concat([...encodeZip([{ name: 'x'.repeat(bytes.length), chunks: [] }])]);
  const entry = zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  zip.set(bytes, 30);
  zip.set(bytes, entry + 46);
  zip.writeUInt16LE(flags, entry + 8);
  return zip;
}

for (const [title, bytes, flags, expected] of [
  ['UTF-8 that is announced', Buffer.from('größe.png'), 1 << 11, 'größe.png'],
  ['UTF-8 that is not announced, as macOS writes it', Buffer.from('größe.png'), 0, 'größe.png'],
  ['code page 437, as Windows writes it', Buffer.from('gr\x94\xe1e.png', 'latin1'), 0, 'größe.png'],
  ['code page 437 that is announced as UTF-8', Buffer.from('gr\x94\xe1e.png', 'latin1'), 1 << 11, 'größe.png'],
] as const) {
  test(`a name in ${title}`, async () => {
    assert.deepEqual(
      (await directoryOf(named(bytes, flags))).map(({ name }) => name),
      [expected],
    );
  });
}

const many = Array.from({ length: 70_000 }, (_, at) => ({ name: `${at}`, chunks: [] }));

test('more than 65,535 entries are written as zip64 and read back, by Python too', async (t) => {
  const bytes = Buffer.concat([...encodeZip(many)]);
  const entries = await directoryOf(bytes);
  assert.deepEqual([entries.length, entries.at(-1)?.name], [70_000, '69999']);
  const python = await preparePython();
  if (typeof python === 'string') return t.skip(python);
  const script = 'import sys, zipfile\nprint(len(zipfile.ZipFile(sys.argv[1]).infolist()))';
  assert.equal(await python.run(script, [folder.write('many.zip', bytes)]), '70000');
});

test('a directory beyond all reason is refused before it is read', async () => {
  const large = many.map(({ name, chunks }) => ({ name: name.padStart(300, '0'), chunks }));
  const bytes = Buffer.concat([...encodeZip(large)]);
  await refuses(() => directoryOf(bytes), 'DATASET_MALFORMED', /directory is larger than 16777216 bytes/);
});

/** A zip of one deflated entry `x`. */
function deflated(content: Uint8Array): Buffer {
  const packed = deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(1, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from('x'), packed]);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), common, Buffer.alloc(14), Buffer.from('x')]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}

for (const content of ['', 'some bytes']) {
  test(`a deflated entry of ${content.length} bytes is read to its end`, async () => {
    const file = await openFileSource(folder.write('deflated.zip', deflated(Buffer.from(content))), origin);
    const read: string[] = [];
    const visit = async ({ name, size }: { name: string; size: number }, source: Parameters<typeof readBytes>[0]) => {
      read.push(name, Buffer.from(await readBytes(source, size, name, origin)).toString());
    };
    try {
      await readZip(file, { maxBytes: 1e6, choose: (all) => all, visit }, origin);
    } finally {
      await file.close();
    }
    assert.deepEqual(read, ['x', content]);
  });
}
