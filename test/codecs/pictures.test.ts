/** Pictures as PIL writes them, decoded and compared with what PIL reads. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import type { Origin } from '../../src/codecs/byte-source.ts';
import { decodeNpy } from '../../src/codecs/npy.ts';
import { decodePicture } from '../../src/codecs/pictures/decode.ts';
import { defaultLimits, type Picture } from '../../src/codecs/pictures/picture.ts';
import { decodePngIndices } from '../../src/codecs/pictures/png-indices.ts';
import { resizePicture } from '../../src/codecs/pictures/resize.ts';
import { refuses, temporaryFolder } from '../support/data-files.ts';
import { preparePython } from '../support/python.ts';

const folder = temporaryFolder().path;
const origin = (name: string): Origin => ({ name, code: 'DATASET_MALFORMED' });
const read = (name: string) => readFileSync(path.join(folder, name));
const python = await preparePython(['numpy>=1.26,<3', 'pillow==13.0.0']);
const skip = typeof python === 'string' ? python : false;
const decode = (name: string) => decodePicture(read(name), origin(name));

before(async () => {
  const script = readFileSync(path.resolve(import.meta.dirname, 'pictures-files.py'), 'utf8');
  if (typeof python !== 'string') await python.run(script, [folder]);
});

async function expectSame(picture: Picture, npy: string, tolerance: number): Promise<void> {
  const { shape, elements } = await decodeNpy(read(npy), origin(npy));
  assert.deepEqual([picture.height, picture.width, picture.channels], shape, npy);
  assert.equal(picture.data.length, elements.length);
  let worst = 0;
  for (const [i, value] of elements.entries()) worst = Math.max(worst, Math.abs(value - (picture.data[i] as number)));
  assert.ok(worst <= tolerance, `${npy}: differs by ${worst}`);
}

test('every kind of picture gives the numbers that PIL gives', { skip }, async () => {
  const names = readdirSync(folder).filter((name) => /\.(png|jpg|webp|gif|tif|avif|bmp|p.m)\.npy$/.test(name));
  assert.ok(names.length >= 40, String(names.length));
  for (const npy of names) await expectSame(await decode(npy.slice(0, -4)), npy, npy.startsWith('colour.avif') ? 2 : 0);
});

test('masks keep their indices, whatever the palette', { skip }, async () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.ids.npy'));
  assert.equal(names.length, 7);
  for (const npy of names) {
    const name = npy.replace('.ids.npy', '.png');
    await expectSame(await decodePngIndices(read(name), origin(name), defaultLimits), npy, 0);
  }
  await refuses(
    () => decodePngIndices(read('rgb.png'), origin('rgb.png'), defaultLimits),
    'DATASET_MALFORMED',
    /rgb\.png: is a mask in colours/,
  );
});

for (const [height, width] of [
  [16, 16],
  [40, 11],
  [29, 50],
] as const) {
  test(`resizing to ${height} x ${width} is that of PIL`, { skip }, async () => {
    await expectSame(resizePicture(await decode('noise.png'), height, width), `noise-${height}x${width}.npy`, 1);
  });
}

test('pictures beyond the limit are refused from their header', { skip }, async () => {
  await refuses(
    () => decode('bomb.png'),
    'DATASET_TOO_LARGE',
    /bomb\.png: 30000 x 30000 pixels are more than the limit/,
  );
  await refuses(() => decode('bomb.webp'), 'DATASET_TOO_LARGE', /bomb\.webp: has more pixels than the limit/);
});

test('numbers that are no pixels are refused', { skip }, () =>
  refuses(() => decode('float.tif'), 'DATASET_MALFORMED', /float\.tif: holds float numbers/),
);

test('cut, empty and foreign files are refused by name', { skip }, async () => {
  for (const name of [
    'rgb.png',
    'interlaced.png',
    's420.jpg',
    'progressive.jpg',
    'lossless.webp',
    'still.gif',
    'lzw.tif',
    'colour.avif',
    'rgb.bmp',
    'palette.bmp',
    'colour.ppm',
    'text.ppm',
    'bits.pbm',
    'wide.pgm',
  ]) {
    const bytes = read(name);
    for (const share of [0.1, 0.4, 0.6, 0.9]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      await refuses(
        () => decodePicture(cut, origin(name)),
        'DATASET_MALFORMED',
        new RegExp(`^${name.replace('.', '\\.')}: (is|cannot)`),
      );
    }
  }
  for (const share of [0.3, 0.7, 0.95]) {
    const bytes = read('mask_palette.png');
    await refuses(
      () => decodePngIndices(bytes.subarray(0, Math.floor(bytes.length * share)), origin('m.png'), defaultLimits),
      'DATASET_MALFORMED',
      /^m\.png: is/,
    );
  }
  await refuses(() => decodePicture(new Uint8Array(0), origin('a.png')), 'DATASET_MALFORMED', /a\.png: is empty/);
  await refuses(
    () => decodePicture(Buffer.from('no picture'), origin('a.png')),
    'DATASET_MALFORMED',
    /a\.png: is no picture/,
  );
});
