/** An npz file beyond 4 GiB: sizes and places that need zip64. */
import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { openFileSource } from '../../src/codecs/file-source.ts';
import { encodeNpy } from '../../src/codecs/npy.ts';
import { readDirectory } from '../../src/codecs/zip-directory.ts';
import { encodeZip } from '../../src/codecs/zip-writer.ts';
import { ndarray } from '../../src/ndarray.ts';
import { preparePython } from '../support/python.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('numpy and the own reader find what lies behind an entry of more than 4 GiB', async (t) => {
  const file = path.join(await temporaryFolder(), 'large.npz');
  const part = new Uint8Array(2 ** 26);
  const [header] = encodeNpy(ndarray('uint8', [1], new Uint8Array(1)));
  const shape = `(${part.length * 65},)`;
  const text = Buffer.from(header as Uint8Array)
    .toString('latin1')
    .replace(/\(1,\)( *)\n$/, (_, spaces: string) => `${shape}${spaces.slice(shape.length - 4)}\n`);
  const large = [Buffer.from(text, 'latin1'), ...Array.from({ length: 65 }, () => part)];
  const small = encodeNpy(ndarray('float32', [2], Float32Array.of(1.5, 2.5)));
  const contents = [
    { name: 'large.npy', chunks: large },
    { name: 'small.npy', chunks: small },
  ];
  await pipeline(Readable.from(encodeZip(contents)), createWriteStream(file));

  const origin = { name: 'large.npz', code: 'WEIGHTS_MALFORMED' } as const;
  const source = await openFileSource(file, origin);
  const entries = await readDirectory(source, origin);
  await source.close();
  assert.deepEqual(
    entries.map(({ name, size }) => [name, size > 2 ** 32]),
    [
      ['large.npy', true],
      ['small.npy', false],
    ],
  );
  assert.ok((entries[1]?.offset ?? 0) > 2 ** 32);

  const python = await preparePython();
  if (typeof python === 'string') return t.skip(python);
  const script =
    'import sys, zipfile, numpy\nz = numpy.load(sys.argv[1])\nprint(z["small"].tolist(), zipfile.ZipFile(sys.argv[1]).getinfo("large.npy").file_size)';
  assert.equal(
    await python.run(script, [file]),
    `[1.5, 2.5] ${large.reduce((sum, { byteLength }) => sum + byteLength, 0)}`,
  );
});
