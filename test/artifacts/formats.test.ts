import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type ArtifactFormatName,
  artifactFormat,
  artifactFormats,
  formatOf,
  mediaTypeOf,
} from '../../src/artifacts/index.ts';
import { readWeights } from '../../src/artifacts/read.ts';
import { listFiles } from '../../src/durable-files.ts';
import { tf } from '../../src/engine/tf.ts';
import { httpServer } from '../support/http-server.ts';
import { numericPackages, preparePython } from '../support/python.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { sampleContent } from './content.ts';

const root = await temporaryFolder();
const { content, input, output } = sampleContent();

async function written(name: ArtifactFormatName, as: string): Promise<string> {
  const folder = path.join(root, as);
  await mkdir(folder);
  await artifactFormats[name].write(folder, content);
  return folder;
}

async function assertPredicts(url: string): Promise<void> {
  const model = await tf.loadLayersModel(url);
  const x = tf.tensor(input.data, [...input.shape]);
  const y = model.predict(x) as typeof x;
  assert.deepEqual(y.dataSync(), output);
  tf.dispose([x, y]);
  model.dispose();
}

/** Checks every weight in Python: sys.argv[1] is the file to load, sys.argv[2] a folder of raw float32 files. */
async function assertPythonReads(t: TestContext, file: string, load: string): Promise<void> {
  const python = await preparePython([...numericPackages, 'h5py==3.16.0']);
  if (typeof python === 'string') return t.skip(python);
  const sums = Object.fromEntries(
    [...content.weights].map(([name, { shape, data }]) => [name, [shape, [...data.slice(0, 50)], data.at(-1)]]),
  );
  const script = `
import json, sys, numpy
${load}
expected = json.loads(sys.argv[2])
assert sorted(weights) == sorted(expected), sorted(weights)
for name, (shape, start, last) in expected.items():
    array = weights[name]
    assert array.dtype == numpy.float32 and list(array.shape) == shape, (name, array.dtype, array.shape)
    flat = array.reshape(-1)
    assert (flat[:50] == numpy.array(start, dtype=numpy.float32)).all() and flat[-1] == numpy.float32(last), name
print(len(weights))
`;
  const paths = JSON.stringify(Object.fromEntries(content.keras.paths));
  assert.equal(await python.run(script, [file, JSON.stringify(sums), paths]), String(content.weights.size));
}

/** One row for each format: how the framework that it is for reads it back. */
const readers: Record<ArtifactFormatName, (t: TestContext, folder: string) => Promise<void>> = {
  safetensors: (t, folder) =>
    assertPythonReads(
      t,
      path.join(folder, 'weights.safetensors'),
      'from safetensors.numpy import load_file\nweights = load_file(sys.argv[1])',
    ),
  npz: (t, folder) => assertPythonReads(t, path.join(folder, 'weights.npz'), 'weights = dict(numpy.load(sys.argv[1]))'),
  keras: (t, folder) =>
    assertPythonReads(
      t,
      path.join(folder, 'model.keras'),
      `import io, zipfile, h5py
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
assert json.loads(archive.read('config.json'))['class_name'] == 'Sequential'
assert json.loads(archive.read('metadata.json'))['keras_version'] == '3.15.0'
file = h5py.File(io.BytesIO(archive.read('model.weights.h5')))
weights = {name: file[path][()] for name, path in json.loads(sys.argv[3]).items()}`,
    ),
  'state-dict': (t, folder) =>
    assertPythonReads(
      t,
      path.join(folder, 'state-dict/model.safetensors'),
      'from safetensors.numpy import load_file\nweights = load_file(sys.argv[1])',
    ),
  'tfjs-layers': (_, folder) => assertPredicts(`file://${folder}/tfjs/model.json`),
};

for (const [name, readBack] of Object.entries(readers)) {
  const format = artifactFormat(name);

  test(`${name}: the framework that it is for reads it back`, async (t) => {
    await readBack(t, await written(name as ArtifactFormatName, `${name}-back`));
  });

  test(`${name}: every weight comes back through readWeights, bit for bit`, async () => {
    const folder = await written(name as ArtifactFormatName, `${name}-own`);
    assert.ok((await stat(path.join(folder, format.entry))).isFile());
    const weights = await readWeights(path.join(folder, format.entry));
    const stored = (own: string) => (name === 'keras' ? content.keras.paths.get(own) : own);
    assert.deepEqual(weights, new Map([...content.weights].map(([own, array]) => [stored(own), array])));
    // Keras' file lists its groups by name; the others keep the order of the model.
    if (name !== 'keras') assert.deepEqual([...weights.keys()], [...content.weights.keys()]);
    assert.deepEqual(await readWeights(folder), weights);
  });

  test(`${name}: equal content gives equal bytes`, async () => {
    const first = await written(name as ArtifactFormatName, `${name}-first`);
    const second = path.join(root, `${name}-second`);
    await mkdir(second);
    await format.write(second, { ...content, weights: new Map(content.weights) });
    const files = await listFiles(first);
    assert.deepEqual(await listFiles(second), files);
    for (const file of files)
      assert.deepEqual(await readFile(path.join(second, file)), await readFile(path.join(first, file)), file);
  });
}

test('tfjs-layers: weights are cut into shards of 4 MiB and load over HTTP', async () => {
  const folder = await written('tfjs-layers', 'http');
  const shards = (await readdir(path.join(folder, 'tfjs'))).filter((file) => file.endsWith('.bin'));
  assert.deepEqual(shards, ['group1-shard1of3.bin', 'group1-shard2of3.bin', 'group1-shard3of3.bin']);
  assert.equal((await stat(path.join(folder, 'tfjs', shards[0] as string))).size, 4 * 2 ** 20);
  const host = await httpServer((request, response) => {
    response.setHeader('content-type', mediaTypeOf(request.url ?? ''));
    createReadStream(path.join(folder, request.url ?? '')).pipe(response);
  });
  await assertPredicts(`http://${host}/tfjs/model.json`);
});

test('tfjs-layers: a weight is stored under the name that tfjs looks for', async () => {
  const renamed = new Map([...content.weights].map(([name, array]) => [`sample/${name}`, array]));
  const tfjsNames = new Map([...content.weights.keys()].map((name) => [`sample/${name}`, name]));
  const folder = path.join(root, 'renamed');
  await mkdir(folder);
  await artifactFormats['tfjs-layers'].write(folder, { ...content, weights: renamed, tfjsNames });
  await assertPredicts(`file://${folder}/tfjs/model.json`);
});

test('tfjs-layers: two weights of one name and a network without tfjs form are refused', async () => {
  const format = artifactFormats['tfjs-layers'];
  const { topologyJson: _, keras, ...rest } = content;
  await assert.rejects(format.write(root, rest), { code: 'ARTIFACT_UNSUPPORTED' });
  await assert.rejects(artifactFormats.keras.write(root, rest), { code: 'ARTIFACT_UNSUPPORTED' });
  const unplaced = { ...content, keras: { ...keras, paths: new Map() } };
  await assert.rejects(artifactFormats.keras.write(root, unplaced), { code: 'ARTIFACT_UNSUPPORTED', message: /conv/ });
  const tfjsNames = new Map([['head/bias', 'wide/bias']]);
  await mkdir(path.join(root, 'twice'));
  await assert.rejects(format.write(path.join(root, 'twice'), { ...content, tfjsNames }), {
    code: 'ARTIFACT_UNSUPPORTED',
    message: /wide\/bias/,
  });
});

test('an unknown format is refused by name, prototype names too', () => {
  for (const name of ['onnx', 'constructor', '__proto__', '']) {
    assert.throws(() => artifactFormat(name), { code: 'ARTIFACT_FORMAT_UNKNOWN', message: /safetensors, tfjs-layers/ });
  }
});

test('a file of an artifact knows its format and its media type', () => {
  for (const [file, format, type] of [
    ['weights.safetensors', 'safetensors', 'application/octet-stream'],
    ['weights.npz', 'npz', 'application/zip'],
    ['tfjs/model.json', 'tfjs-layers', 'application/json'],
    ['model.keras', 'keras', 'application/zip'],
    ['tfjs/group1-shard2of3.bin', 'tfjs-layers', 'application/octet-stream'],
    ['report.json', null, 'application/json'],
    ['constructor', null, 'application/octet-stream'],
  ] as const) {
    assert.deepEqual([formatOf(file), mediaTypeOf(file)], [format, type], file);
  }
});

test('every registered format has a row here and its own name', () => {
  assert.deepEqual(Object.keys(readers).sort(), Object.keys(artifactFormats).sort());
  for (const [name, format] of Object.entries(artifactFormats)) {
    assert.equal(format.name, name);
    assert.ok(Object.values(format.mediaTypes).includes(mediaTypeOf(format.entry)), name);
  }
});
