/** How people lay out pictures and tables: what is read, which class a picture has, and what is refused with the way out. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { asRead, type DatasetOptions, openDataset } from '../../src/datasets/index.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { idxFile, refuses, temporaryFolder } from '../support/data-files.ts';

const folder = temporaryFolder();
const ppm = (value: number) => `P3 1 1 255 ${value} ${value} ${value}`;

function place(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = path.join(folder.path, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }
  return root;
}

interface Read {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly file?: string;
  readonly options?: DatasetOptions;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly classNames: readonly string[] | null;
}

const tinyImageNet = (root: string) => ({
  [`${root}train/n01/images/n01_0.ppm`]: ppm(1),
  [`${root}train/n01/n01_boxes.txt`]: 'n01_0.ppm\t0\t0\t1\t1\n',
  [`${root}train/n02/images/n02_0.ppm`]: ppm(2),
  [`${root}train/n02/n02_boxes.txt`]: 'n02_0.ppm\t0\t0\t1\t1\n',
  [`${root}val/images/val_0.ppm`]: ppm(3),
  [`${root}val/images/val_1.ppm`]: ppm(4),
  [`${root}val/val_annotations.txt`]: 'val_0.ppm\tn02\t0\t0\t1\t1\nval_1.ppm\tn01\t0\t0\t1\t1\n',
  [`${root}test/images/test_0.ppm`]: ppm(5),
  [`${root}wnids.txt`]: 'n01\nn02\n',
});

const idxImages = (first: number) => idxFile([2, 1, 1], Uint8Array.from([first, first + 1]));
const idxLabels = idxFile([2], Uint8Array.from([1, 2]));

const read: readonly Read[] = [
  {
    name: 'Tiny ImageNet, training part',
    files: tinyImageNet(''),
    x: [1, 1, 1, 2, 2, 2],
    y: [0, 1],
    classNames: ['n01', 'n02'],
  },
  {
    name: 'Tiny ImageNet in a folder, validation part by val_annotations.txt',
    files: tinyImageNet('tiny-imagenet-200/'),
    options: { part: 'validation' },
    x: [4, 4, 4, 3, 3, 3],
    y: [0, 1],
    classNames: ['n01', 'n02'],
  },
  {
    name: 'test pictures without labels are no class of their own',
    files: {
      'train/a/0.ppm': ppm(1),
      'train/b/0.ppm': ppm(2),
      'test/images/0.ppm': ppm(3),
      'test/images/1.ppm': ppm(4),
    },
    x: [1, 1, 1, 2, 2, 2],
    y: [0, 1],
    classNames: ['a', 'b'],
  },
  {
    name: 'one-hot columns of a table of pictures',
    files: {
      'train.csv': 'image_id,healthy,rust\np1,0,1\np0,1,0\n',
      'images/p0.ppm': ppm(1),
      'images/p1.ppm': ppm(2),
    },
    options: { target: ['healthy', 'rust'] },
    x: [2, 2, 2, 1, 1, 1],
    y: [1, 0],
    classNames: ['healthy', 'rust'],
  },
  {
    name: 'several labels of a picture',
    files: { 'train.csv': 'image_id,sea,sky\np0,1,1\np1,0,1\n', 'images/p0.ppm': ppm(1), 'images/p1.ppm': ppm(2) },
    options: { target: ['sea', 'sky'] },
    x: [1, 1, 1, 2, 2, 2],
    y: [1, 1, 0, 1],
    classNames: null,
  },
  {
    name: 'EMNIST: the part is a word in the middle of the name',
    files: {
      'emnist-letters-train-images-idx3-ubyte': idxImages(0),
      'emnist-letters-train-labels-idx1-ubyte': idxLabels,
      'emnist-letters-test-images-idx3-ubyte': idxImages(7),
      'emnist-letters-test-labels-idx1-ubyte': idxLabels,
    },
    options: { part: 'test' },
    x: [7, 8],
    y: [0, 1],
    classNames: ['1', '2'],
  },
  {
    name: 'labels of a sequence are ids of a vocabulary and keep their numbers',
    files: { 'd.jsonl': '{"x": [1, 2, 3], "y": [2, 3, -100]}\n{"x": [3, 2, 3], "y": [2, 3, 5]}\n' },
    file: 'd.jsonl',
    x: [1, 2, 3, 3, 2, 3],
    y: [2, 3, -100, 2, 3, 5],
    classNames: ['0', '1', '2', '3', '4', '5'],
  },
  {
    name: 'MATLAB 7.3: HDF5 with the axes reversed',
    files: { 'd.mat': readFileSync(path.resolve(import.meta.dirname, '../fixtures/datasets/mat-v73.mat')) },
    file: 'd.mat',
    x: [1, 2, 3, 4, 5, 6],
    y: [0, 1, 0],
    classNames: ['0', '1'],
  },
];

for (const { name, files, file = '', options, x, y, classNames } of read) {
  test(name, async () => {
    const dataset = await openDataset(path.join(place(name, files), file), options);
    const arrays = asRead(dataset);
    assert.deepEqual([...(arrays.get('x')?.data ?? [])], x);
    assert.deepEqual([...(arrays.get('y')?.data ?? [])], y);
    assert.deepEqual(dataset.found.classNames, classNames);
  });
}

interface Refused {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly file?: string;
  readonly options?: DatasetOptions;
  readonly code: ErrorCode;
  readonly message: RegExp;
}

const refused: readonly Refused[] = [
  {
    name: 'COCO',
    files: { 'train2017/0.ppm': ppm(1), 'annotations/instances_train2017.json': '{}' },
    code: 'DATASET_FORMAT_UNKNOWN',
    message: /COCO.*masks/,
  },
  {
    name: 'a COCO document',
    files: { 'a.json': '{"images": [{"id": 1, "file_name": "0.jpg"}], "annotations": [{"image_id": 1}]}' },
    file: 'a.json',
    code: 'DATASET_FORMAT_UNKNOWN',
    message: /COCO/,
  },
  {
    name: 'YOLO',
    files: { 'images/train/0.jpg': 'x', 'labels/train/0.txt': '0 0.5 0.5 0.1 0.1\n' },
    code: 'DATASET_FORMAT_UNKNOWN',
    message: /YOLO/,
  },
  {
    name: 'Pascal VOC with boxes',
    files: { 'JPEGImages/0.jpg': 'x', 'Annotations/0.xml': '<annotation/>' },
    code: 'DATASET_FORMAT_UNKNOWN',
    message: /XML/,
  },
  {
    name: 'a table as pandas writes it with orient=split',
    files: { 'd.json': '{"columns":["a","label"],"index":[0,1],"data":[[1,0],[2,1]]}' },
    file: 'd.json',
    code: 'DATASET_FORMAT_UNKNOWN',
    message: /orient="records", lines=True/,
  },
  {
    name: 'a missing value as UCI writes it',
    files: { 'd.csv': 'a,b,label\n1,2,x\n?,3,y\n' },
    file: 'd.csv',
    code: 'DATASET_INVALID',
    message: /column "a" has 1 missing .*row 3, written "\?"/,
  },
  {
    name: 'separators of thousands with a decimal comma',
    files: { 'd.csv': 'a;label\n1.000,25;x\n2.000,50;y\n' },
    file: 'd.csv',
    code: 'DATASET_INVALID',
    message: /1\.000,25.*separators of thousands/,
  },
  {
    name: 'lists without end',
    files: { 'd.jsonl': `{"x": ${'['.repeat(3000)}1${']'.repeat(3000)}, "y": 0}\n` },
    file: 'd.jsonl',
    code: 'DATASET_INVALID',
    message: /nested deeper/,
  },
  {
    name: 'one class',
    files: { 'cats/0.ppm': ppm(1), 'cats/1.ppm': ppm(2) },
    code: 'DATASET_INVALID',
    message: /only one class: cats/,
  },
  {
    name: 'no class folders',
    files: { '0.ppm': ppm(1), '1.ppm': ppm(2) },
    code: 'DATASET_INVALID',
    message: /0\.ppm lies in no class folder.*metadata\.csv/,
  },
  {
    name: 'an empty class',
    files: { 'a/0.ppm': ppm(1), 'b/0.ppm': ppm(2), 'c/notes.md': '' },
    code: 'DATASET_INVALID',
    message: /the class folder c is empty/,
  },
  {
    name: 'classes of one name',
    files: { 'a/left/0.ppm': ppm(1), 'b/left/0.ppm': ppm(2) },
    code: 'DATASET_INVALID',
    message: /a\/left and b\/left have the same name/,
  },
  {
    name: 'pictures beside class folders',
    files: { 'a/0.ppm': ppm(1), 'a/b/0.ppm': ppm(2), 'c/0.ppm': ppm(3) },
    code: 'DATASET_INVALID',
    message: /the folder a holds pictures beside class folders/,
  },
  {
    name: 'a part that is not there',
    files: { 'train/a/0.ppm': ppm(1), 'train/b/0.ppm': ppm(2) },
    options: { part: 'test' },
    code: 'DATASET_NOT_FOUND',
    message: /no test part.*train/,
  },
  {
    name: 'the wanted part without labels',
    files: { 'train/a/0.ppm': ppm(1), 'train/b/0.ppm': ppm(2), 'test/0.ppm': ppm(3) },
    options: { part: 'test' },
    code: 'DATASET_INVALID',
    message: /test\/0\.ppm lies in no class folder/,
  },
  {
    name: 'several sets of EMNIST in one folder',
    files: {
      'emnist-letters-train-images-idx3-ubyte': idxImages(0),
      'emnist-letters-train-labels-idx1-ubyte': idxLabels,
      'emnist-digits-train-images-idx3-ubyte': idxImages(0),
      'emnist-digits-train-labels-idx1-ubyte': idxLabels,
    },
    code: 'DATASET_AMBIGUOUS',
    message: /emnist-digits.*emnist-letters.*give one of the files/,
  },
];

for (const { name, files, file = '', options, code, message } of refused) {
  test(`${name}: refused with the way out`, () =>
    refuses(() => openDataset(path.join(place(name, files), file), options), code, message));
}
