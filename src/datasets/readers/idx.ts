/**
 * IDX, the format of MNIST: an images file (`train-images-idx3-ubyte`) and beside it its labels (`train-labels-idx1-ubyte`), plain or gzip.
 *
 * Format: http://yann.lecun.com/exdb/mnist, "THE IDX FILE FORMAT": 0, 0, type, rank, then the extents and the data, big-endian.
 */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expectEnd, malformed, readBytes } from '../../codecs/byte-source.ts';
import { type ElementCode, type Elements, elementTypes, readElements, storedBytes } from '../../codecs/elements.ts';
import { AppError } from '../../errors.ts';
import { missingPart } from '../array-names.ts';
import type { Budget } from '../budget.ts';
import type { Candidate } from '../candidate.ts';
import { columnOf } from '../column.ts';
import { combineDigests, type DataFile, type Hashed, readDataFile } from '../data-file.ts';
import { defineFormat, plainTargets, sampleName } from '../dataset-format.ts';
import { type PartName, partOfWord } from '../parts.ts';

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
  options: {},
  readsBeside: true,
  conventions: [
    { what: 'MNIST as published: the folder of its four files, plain or gzip', example: 'mnist/' },
    { what: 'its test set', example: 'mnist/', options: { part: 'test' } },
    { what: 'one images file with its labels beside it', example: 'train-images-idx3-ubyte.gz' },
  ],

  recognise: ({ head, kind, members }) => {
    if (kind === 'folder') {
      // A tree of many things that also holds such files is no dataset of this format.
      const isMostly = members.filter(isIdxName).length * 2 >= members.length;
      return isMostly && members.some(isImages) ? 'is a folder with images of IDX (images-idx3)' : null;
    }
    const [zero0, zero1, type = 0, rank = 0] = head;
    const isIdx = zero0 === 0 && zero1 === 0 && typeCodes.has(type) && rank >= 1 && rank <= maxRank;
    return isIdx ? `begins with the magic number of IDX, 0x${Buffer.from(head.subarray(0, 4)).toString('hex')}` : null;
  },

  async read(candidate, _options, { part, budget }) {
    const sets = candidate.kind === 'folder' ? imagesByPart(candidate) : new Map([[part, candidate.path]]);
    const imagesPath = sets.get(part);
    if (imagesPath === undefined) throw missingPart(part, [...sets.keys()], candidate.label);
    const labelsPath = await findLabels(imagesPath);
    const labelOf = (file: string) =>
      file === candidate.path ? candidate.label : path.join(path.dirname(candidate.label), path.basename(file));
    const images = await readIdx(imagesPath, labelOf(imagesPath), budget);
    const labels = await readIdx(labelsPath, labelOf(labelsPath), budget);
    checkPair(images, labels);
    const others = [];
    for (const [name, images] of sets) {
      if (name === part) continue;
      const file = await findLabels(images);
      const { value } = await readIdx(file, labelOf(file), budget);
      others.push({ name, samples: value.shape[0] ?? 0, targets: toTargets(value) });
    }
    const { shape, data, type } = images.value;
    const isImage = shape.length > 2 || type === 'u1';
    return {
      inputs: [
        {
          name: 'images',
          column: columnOf(shape, data),
          role: isImage ? 'image' : 'values',
          range: isImage && type === 'u1' ? [0, 255] : null,
          channelsFirst: false,
        },
      ],
      targets: toTargets(labels.value),
      parts: [
        { name: part, samples: labels.value.shape[0] ?? 0 },
        ...others.map(({ name, samples }) => ({ name, samples })),
      ],
      otherTargets: others.map(({ targets }) => targets),
      notes: [],
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

const isIdxName = (name: string) => /idx\d/i.test(name);
const isImages = (name: string) => /images.*idx\d/i.test(name);

const toTargets = ({ shape, data }: IdxArray) =>
  plainTargets('labels', columnOf(shape, data), !(data instanceof Float32Array));

/** The part that any word of a name names: emnist-letters-test-images-idx3-ubyte; t10k is the test set of MNIST. */
const partOfName = (name: string): PartName =>
  name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => (word === 't10k' ? 'test' : partOfWord(word)))
    .find((part) => part !== null) ?? 'train';

/** The same file, compressed and not, counts once. Throws DATASET_AMBIGUOUS for several images of one part, as EMNIST comes. */
function imagesByPart({ path: folder, members, label }: Candidate): Map<PartName, string> {
  const sets = new Map<PartName, string>();
  for (const name of members.filter(isImages)) {
    const part = partOfName(name);
    const before = sets.get(part);
    if (before !== undefined && normalize(path.basename(before)) !== normalize(path.basename(name)))
      throw new AppError(
        'DATASET_AMBIGUOUS',
        `${label}: ${path.basename(before)} and ${name} are both images of the ${part} part; give one of the files instead of the folder`,
      );
    if (before === undefined) sets.set(part, path.join(folder, name));
  }
  return sets;
}

/** `images` becomes `labels`; rank, type, compression and the separators '.', '-' and '_' may differ. */
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
  name
    .toLowerCase()
    .replace(/\.gz$/, '')
    .replace(/idx\d.*$/, 'idx1')
    .replace(/[._]/g, '-');
