/** Topologies out of every file that holds one; other files are named, with the way out. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { encodeZip } from '../../src/codecs/zip-writer.ts';
import { readModelText } from '../../src/models/model-text.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = await temporaryFolder();
const stored = async (name: string, bytes: Uint8Array | string) => {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
};
const archive = (entries: Record<string, string>) =>
  Buffer.concat([...encodeZip(Object.entries(entries).map(([name, text]) => ({ name, chunks: [Buffer.from(text)] })))]);

describe('the topology of a file', () => {
  test('is the text of JSON', async () => {
    assert.equal(await readModelText(await stored('m.json', ' {"a":1}')), ' {"a":1}');
  });

  test('is config.json of a .keras archive', async () => {
    const file = await stored('m.keras', archive({ 'metadata.json': '{}', 'config.json': '{"a":1}' }));
    assert.equal(await readModelText(file), '{"a":1}');
  });

  const others: [name: string, bytes: Uint8Array | string, message: RegExp][] = [
    ['a pickle', Uint8Array.of(0x80, 4, 0x95), /is a Python pickle/],
    ['torch.save', archive({ 'archive/data.pkl': '' }), /is a file of torch.save/],
    ['torch.export', archive({ 'm/models/model.json': '{}' }), /schema_version is missing/],
    ['npz', archive({ 'x.npy': '' }), /is an npz file/],
    ['another zip', archive({ 'readme.txt': '' }), /is a zip file without config.json.*readme.txt/],
    ['a cut ONNX file', Uint8Array.of(0x08, 0x08, 0x12, 0x07), /is no sound ONNX file: it is cut off or damaged/],
    ['Parquet', 'PAR1....', /is a Parquet file/],
    ['text', 'import keras', /is no topology/],
  ];
  for (const [name, bytes, message] of others)
    test(`${name} is refused by name`, async () => {
      await assert.rejects(readModelText(await stored(name.replaceAll(/\W/g, '-'), bytes)), {
        code: 'MODEL_MALFORMED',
        message,
      });
    });

  test('a SavedModel is refused by name', async () => {
    const saved = path.join(folder, 'saved');
    await mkdir(saved);
    await writeFile(path.join(saved, 'saved_model.pb'), '');
    await assert.rejects(readModelText(saved), { code: 'MODEL_MALFORMED', message: /is a SavedModel/ });
  });
});
