/**
 * IDX, the format of MNIST: an images file (`train-images-idx3-ubyte`) and beside it its labels (`train-labels-idx1-ubyte`), plain or gzip.
 *
 * Format: http://yann.lecun.com/exdb/mnist, "THE IDX FILE FORMAT": 0, 0, type, rank, then the extents and the data, big-endian.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expectEnd, malformed, readBytes } from '../codecs/byte-source.ts';
import { type ElementCode, type Elements, elementTypes, readElements, storedBytes } from '../codecs/elements.ts';
import { AppError } from '../errors.ts';
import { columnOf } from './column.ts';
import { combineDigests, type DataFile, type Hashed, readDataFile } from './data-file.ts';
import { type Budget, type Candidate, defineFormat, partOption, sampleName } from './dataset-format.ts';

const typeCodes: ReadonlyMap<number, ElementCode> = new Map([
  [0x08, 'u1'],
  [0x09, 'i1'],
  [0x0b, 'i2'],
  [0x0c, 'i4'],
  [0x0d, 'f4'],
  [0x0e, 'f8'],
]);

const maxRank = 8;

interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Elements;
  readonly type: ElementCode;
}

export const idx = defineFormat({
  name: 'idx',
  summary:
    'IDX images with their labels file beside them (MNIST, Fashion-MNIST, EMNIST), plain or gzip; a file or a folder.',
  options: { part: partOption },

  detect: ({ head, isDirectory, entries }) =>
    isDirectory
      ? entries.some((name) => /images.*idx\d/i.test(name))
      : head[0] === 0 &&
        head[1] === 0 &&
        typeCodes.has(head[2] ?? 0) &&
        (head[3] ?? 0) >= 1 &&
        (head[3] ?? 0) <= maxRank,

  async read(candidate, { part }, budget) {
    const imagesPath = candidate.isDirectory ? findImages(candidate, part) : candidate.path;
    const labelsPath = await findLabels(imagesPath);
    const labelOf = (file: string) =>
      file === candidate.path ? candidate.label : path.join(path.dirname(candidate.label), path.basename(file));
    const images = await readIdx(imagesPath, labelOf(imagesPath), budget);
    const labels = await readIdx(labelsPath, labelOf(labelsPath), budget);
    checkPair(images, labels);
    const { shape, data, type } = images.value;
    const isImage = shape.length > 2 || type === 'u1';
    return {
      inputs: [
        {
          name: 'images',
          column: columnOf(shape, data),
          role: isImage ? 'image' : 'values',
          range: type === 'u1' ? [0, 255] : null,
          channelsFirst: false,
        },
      ],
      targets: {
        column: columnOf(labels.value.shape, labels.value.data),
        integer: labels.value.data instanceof Float32Array === false,
        classes: null,
      },
      sha256: combineDigests([images, labels]),
      locate: sampleName,
    };
  },
});

const readIdx = (file: string, label: string, budget: Budget) =>
  readDataFile(file, label, Math.max(budget.left(), 2 ** 20), (opened) => readArray(opened, budget));

async function readArray({ content, origin }: DataFile, budget: Budget): Promise<IdxArray> {
  const magic = await readBytes(content, 4, 'the IDX magic number', origin);
  const [zero0, zero1, code = 0, rank = 0] = magic;
  const type = typeCodes.get(code);
  if (zero0 !== 0 || zero1 !== 0 || type === undefined || rank < 1 || rank > maxRank) {
    return malformed(origin, `is not an IDX file: magic number 0x${Buffer.from(magic).toString('hex')}`);
  }
  const extents = await readBytes(content, 4 * rank, 'the IDX header', origin);
  const view = new DataView(extents.buffer);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 * axis, false));
  const count = shape.reduce((product, extent) => product * extent, 1);
  const elementType = elementTypes[type];
  if (count * elementType.bytes > content.bound()) {
    const promise = `the header promises [${shape}], ${count * elementType.bytes} bytes`;
    malformed(origin, `truncated: ${promise}; the file can hold at most ${content.bound()}`);
  }
  budget.take(storedBytes(elementType, count), origin.name);
  const data = await readElements(content, elementType, false, count, origin);
  await expectEnd(content, `an array of shape [${shape}]`, origin);
  return { shape, data, type };
}

function checkPair(images: Hashed<IdxArray>, labels: Hashed<IdxArray>): void {
  const [imagesShape, labelsShape] = [images.value.shape, labels.value.shape];
  if (imagesShape.length < 2) {
    throw new AppError(
      'DATASET_MALFORMED',
      `${images.name}: holds an array of shape [${imagesShape}], no images; is it the labels file?`,
    );
  }
  if (labelsShape.length !== 1) {
    throw new AppError('DATASET_MALFORMED', `${labels.name}: holds an array of shape [${labelsShape}], no labels`);
  }
  if (imagesShape[0] !== labelsShape[0]) {
    const counts = `${labelsShape[0]} labels, ${images.name} holds ${imagesShape[0]} images`;
    throw new AppError('DATASET_MALFORMED', `${labels.name}: holds ${counts}`);
  }
}

function findImages({ path: folder, label, entries }: Candidate, part: 'train' | 'test'): string {
  const images = entries.filter((name) => /images.*idx\d/i.test(name)).sort();
  const isTest = (name: string) => /t10k|test/i.test(name);
  const found =
    images.length === 1 && part === 'train' ? images[0] : images.find((name) => isTest(name) === (part === 'test'));
  if (found !== undefined) return path.join(folder, found);
  throw new AppError('DATASET_NOT_FOUND', `${label}: holds no ${part} images; found ${images.join(', ')}`);
}

/** `images` becomes `labels` and the rank becomes 1; compression and the separators '.', '-' and '_' may differ. */
async function findLabels(imagesPath: string): Promise<string> {
  const folder = path.dirname(imagesPath);
  const name = path.basename(imagesPath);
  const wanted = normalize(name.replace(/images/i, 'labels'));
  const entries = await readdir(folder);
  const found = /images/i.test(name) ? entries.filter((entry) => normalize(entry) === wanted).sort()[0] : undefined;
  if (found !== undefined) return path.join(folder, found);
  const example = name.replace(/images/i, 'labels').replace(/idx\d/i, 'idx1');
  const fix = /images/i.test(name)
    ? `put ${example} beside it`
    : 'give the images file; "images" in its name becomes "labels" for the other (train-images-idx3-ubyte, train-labels-idx1-ubyte)';
  throw new AppError('DATASET_NOT_FOUND', `${name}: no labels file was found: ${fix}`);
}

const normalize = (name: string) =>
  name.toLowerCase().replace(/\.gz$/, '').replace(/idx\d/, 'idx1').replace(/[._]/g, '-');
