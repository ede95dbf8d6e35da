import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type FormatName, formats, openDataset } from '../../src/datasets/index.ts';
import { AppError } from '../../src/errors.ts';
import { createInspector } from '../../src/jobs/inspect/inspector.ts';
import { createRandom } from '../../src/random.ts';
import { cifarFile, idxFile, tarFile, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const fixture = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../fixtures/datasets', name));
const pixels = Uint8Array.from({ length: 120 }, (_, i) => i);
const labels = idxFile(
  [10],
  Uint8Array.from({ length: 10 }, (_, i) => i % 3),
);

interface Row {
  readonly format: FormatName;
  /** The first file is the one that is opened. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

const corpus = (file: string) => fixture(`corpus/${file}`);

/** One more format, one more row. */
const rows: readonly Row[] = [
  { format: 'idx', files: { 'images-idx3': idxFile([10, 3, 4], pixels), 'labels-idx1': labels } },
  { format: 'idx', files: { 'images-idx3.gz': gzipSync(idxFile([10, 3, 4], pixels)), 'labels-idx1': labels } },
  { format: 'cifar-10', files: { 'data_batch_1.bin': cifarFile(7) } },
  {
    format: 'cifar-10',
    files: { 'cifar.tar.gz': gzipSync(tarFile([{ name: 'a/data_batch_1.bin', content: cifarFile(7) }])) },
  },
  { format: 'cifar-100', files: { 'train.bin': cifarFile(7, 2) } },
  {
    format: 'pictures',
    files: {
      'shapes.tar.gz': gzipSync(
        tarFile([
          { name: 'a/0.ppm', content: Buffer.from('P3 2 1 9 1 2 3 4 5 6') },
          { name: 'b/0.ppm', content: Buffer.from('P3 2 1 9 7 8 9 9 8 7') },
        ]),
      ),
    },
  },
  { format: 'webdataset', files: { 'train-000000.tar': fixture('corpus/wds-png-json/data/train-000000.tar') } },
  { format: 'tfrecord', files: { 't.tfrecord': fixture('corpus/tfrecord-floats/data/t.tfrecord') } },
  { format: 'arrow', files: { 't.arrow': fixture('corpus/arrow-ipc-file/data/t.arrow') } },
  { format: 'matlab', files: { 'd.mat': fixture('corpus/mat-table/data/d.mat') } },
  { format: 'hdf5', files: { 'train.h5': fixture('corpus/h5-x-y/data/train.h5') } },
  { format: 'npz', files: { 'features.npz': fixture('features.npz') } },
  { format: 'npz', files: { 'images.npz': fixture('images-uint8.npz') } },
  { format: 'npz', files: { 'streamed.npz': fixture('streamed.npz') } },
  { format: 'npy', files: { 'x.npy': fixture('dtype-big-f8.npy'), 'y.npy': fixture('labels-2.npy') } },
  { format: 'parquet', files: { 't.parquet': corpus('parquet-codec-zstd/data/t.parquet') } },
  { format: 'parquet', files: { 'lists.parquet': corpus('parquet-fixed-size-list/data/t.parquet') } },
  { format: 'safetensors', files: { 'd.safetensors': corpus('safetensors-x-y/data/d.safetensors') } },
  { format: 'json', files: { 'iris.jsonl': corpus('jsonl-columns/data/iris.jsonl') } },
  { format: 'json', files: { 'd.json': corpus('json-x-y/data/d.json') } },
  { format: 'libsvm', files: { 'iris.svm': corpus('libsvm/data/iris.svm') } },
  { format: 'csv', files: { 'table.csv': Buffer.from('a,b,c\n1,2,0\n3,4,1\n5,6,1\n') } },
  { format: 'csv', files: { 'table.csv.gz': gzipSync('1,2,0\n3,4,1\n5,6,1\n') } },
];

/** Writes the files into a folder of their own; returns the path of the first. */
function place(name: string, files: Row['files']): string {
  const target = path.join(folder.path, name);
  mkdirSync(target, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(target, file), content);
  return path.join(target, Object.keys(files)[0] ?? '');
}

/** Libraries read these: on damaged bytes they may end their process or never return, which the inspector turns into a refusal. */
const inspector = createInspector({ idleMs: 10_000, timeoutMs: 10_000 });
after(() => inspector.close());
const inspect = (file: string) =>
  inspector.inspect({ path: file, label: path.basename(file), kind: 'dataset', options: {}, maxBytes: 2 ** 24 });

test('every format of files has a row', () => {
  assert.deepEqual(
    Object.keys(formats).filter((name) => !rows.some(({ format }) => format === name)),
    ['digits'],
  );
});

test('every format names itself and describes its options', () => {
  for (const [name, format] of Object.entries(formats)) {
    assert.equal(format.name, name);
    assert.ok(format.summary.endsWith('.'), name);
    for (const [option, schema] of Object.entries(format.options)) {
      assert.ok('description' in schema && schema.description, `${name}: ${option}`);
    }
  }
});

for (const [i, { format, files }] of rows.entries()) {
  const [name = '', content = new Uint8Array()] = Object.entries(files)[0] ?? [];

  test(`${name} is recognised as ${format}, gathers finite numbers, twice the same`, async () => {
    const file = place(`good-${i}`, files);
    const [first, second] = [await openDataset(file), await openDataset(file)];
    assert.equal(first.format, format);
    assert.equal(first.sha256, second.sha256);
    assert.match(first.sha256, /^[0-9a-f]{64}$/);
    const indices = [first.size - 1, 0, 0];
    const batch = first.gather(indices);
    assert.deepEqual(batch, second.gather(indices));
    for (const [at, { shape, data, dtype }] of batch.inputs.entries()) {
      assert.deepEqual(shape, [3, ...(first.inputShapes[at] ?? [])]);
      assert.equal(dtype, first.inputDtypes[at]);
      assert.ok(data.every(Number.isFinite));
    }
    assert.doesNotThrow(() => JSON.stringify(first.description));
  });

  test(`${name} cut anywhere is refused or still whole rows, never half read`, async () => {
    const whole = (await openDataset(place(`whole-${i}`, files))).size;
    for (const share of [0, 0.01, 0.2, 0.5, 0.9, 0.999]) {
      const cut = content.subarray(0, Math.floor(content.length * share));
      const file = place(`cut-${i}`, { ...files, [name]: cut });
      const outcome = await openDataset(file).catch((error: unknown) => error);
      if (outcome instanceof Error) {
        assert.ok(outcome instanceof AppError, `${share}: ${outcome.stack}`);
        assert.match(outcome.code, /^DATASET_/);
      } else {
        // Formats of rows or records one after the other: a cut between two of them cannot be seen.
        const sequential = ['csv', 'json', 'libsvm', 'webdataset', 'tfrecord'];
        assert.ok(sequential.includes(format), `${share} of the file was accepted`);
        assert.ok((outcome as { size: number }).size <= whole);
      }
    }
  });

  const byLibrary = format === 'parquet' || format === 'arrow';
  const where = byLibrary ? ', in the processes that files are read in' : '';
  test(`${name} with damaged bytes is refused with a code or read, and never breaks${where}`, async () => {
    const random = createRandom(i, 'damage');
    for (let round = 0; round < (byLibrary ? 12 : 60); round++) {
      const damaged = Uint8Array.from(content);
      for (let n = 0; n < 3; n++) damaged[random.below(Math.min(damaged.length, 400))] = random.below(256);
      const file = place(`damaged-${i}`, { ...files, [name]: damaged });
      const outcome = await (byLibrary ? inspect(file) : openDataset(file, {}, { maxBytes: 2 ** 24 })).catch(
        (error: unknown) => error,
      );
      if (outcome instanceof Error) {
        assert.ok(outcome instanceof AppError, `round ${round}: ${outcome.stack}`);
        assert.match(outcome.code, /^DATASET_/, outcome.message);
        assert.ok(outcome.message.includes(path.basename(name)) || outcome.message.includes('idx'), outcome.message);
      }
    }
  });
}
