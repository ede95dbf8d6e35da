/**
 * CIFAR-10 and CIFAR-100, binary version: a folder, one .bin file, or the published tar.gz.
 *
 * Format: https://www.cs.toronto.edu/~kriz/cifar.html: records of one label byte (CIFAR-100: coarse, then fine) and 3 x 32 x 32 pixels, planes red, green, blue.
 * Files are taken in the order of their names, so that folder and archive give the same samples.
 */
import path from 'node:path';
import { Type } from 'typebox';
import { type ByteSource, fillExactly, limit, malformed, type Origin } from '../codecs/byte-source.ts';
import { isTar, readTar } from '../codecs/tar.ts';
import { AppError } from '../errors.ts';
import { createColumn } from './column.ts';
import { combineDigests, readDataFile } from './data-file.ts';
import {
  type Budget,
  type Candidate,
  type DatasetFormat,
  defineFormat,
  partOption,
  sampleName,
} from './dataset-format.ts';

const pixelBytes = 3 * 32 * 32;
const recordsPerRead = 256;

interface Variant {
  readonly labelBytes: number;
  /** Which of the label bytes is taken. */
  readonly labelAt: number;
  readonly classes: number;
  readonly files: { readonly train: RegExp; readonly test: RegExp };
}

interface Records {
  readonly name: string;
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

const cifar10Files = { train: /^data_batch_\d+\.bin$/, test: /^test_batch\.bin$/ };
const cifar100Files = { train: /^train\.bin$/, test: /^test\.bin$/ };

/** The published archive of CIFAR-100 begins with the folder cifar-100-binary. */
const isCifar100Archive = ({ head, name }: Candidate) =>
  isTar(head) && /cifar.?100/i.test(name + String.fromCharCode(...head.subarray(0, 100)));

const matches = (candidate: Candidate, { train, test }: Variant['files']) => {
  const names = candidate.isDirectory ? candidate.entries : [candidate.name];
  return names.some((name) => train.test(name) || test.test(name));
};

export const cifar10 = defineFormat({
  name: 'cifar-10',
  summary: 'CIFAR-10, binary version: a folder, one .bin file or cifar-10-binary.tar.gz.',
  options: { part: partOption },
  detect: (candidate) => matches(candidate, cifar10Files) || isOtherBinary(candidate),
  read: (candidate, { part }, budget) =>
    readCifar(candidate, { labelBytes: 1, labelAt: 0, classes: 10, files: cifar10Files }, part, budget),
});

export const cifar100 = defineFormat({
  name: 'cifar-100',
  summary:
    'CIFAR-100, binary version, with its 100 fine or 20 coarse labels: a folder, one .bin file or cifar-100-binary.tar.gz.',
  options: {
    part: partOption,
    labels: Type.Enum(['fine', 'coarse'], {
      default: 'fine',
      description: 'CIFAR-100: the 100 fine or the 20 coarse classes.',
    }),
  },
  detect: (candidate) => isCifar100Archive(candidate) || matches(candidate, cifar100Files),
  read: (candidate, { part, labels }, budget) => {
    const labelAt = labels === 'coarse' ? 0 : 1;
    const classes = labels === 'coarse' ? 20 : 100;
    return readCifar(candidate, { labelBytes: 2, labelAt, classes, files: cifar100Files }, part, budget);
  },
});

/** Asked after CIFAR-100. */
function isOtherBinary({ name, isDirectory, head }: Candidate): boolean {
  return !isDirectory && (isTar(head) || name.endsWith('.bin'));
}

async function readCifar(
  candidate: Candidate,
  variant: Variant,
  part: 'train' | 'test',
  budget: Budget,
): ReturnType<DatasetFormat['read']> {
  const { records, sha256 } = candidate.isDirectory
    ? await readFolder(candidate, variant, part, budget)
    : await readOne(candidate, variant, part, budget);
  records.sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    inputs: [
      {
        name: 'images',
        column: createColumn(
          [3, 32, 32],
          records.map(({ pixels }) => pixels),
        ),
        role: 'image',
        range: [0, 255],
        channelsFirst: true,
      },
    ],
    targets: {
      column: createColumn(
        [],
        records.map(({ labels }) => labels),
      ),
      integer: true,
      classes: variant.classes,
    },
    sha256,
    locate: sampleName,
  };
}

async function readFolder(
  { path: folder, label, entries }: Candidate,
  variant: Variant,
  part: 'train' | 'test',
  budget: Budget,
) {
  const names = entries.filter((name) => variant.files[part].test(name)).sort();
  if (names.length === 0)
    throw new AppError('DATASET_NOT_FOUND', `${label}: holds no ${part} files (${variant.files[part].source})`);
  const files = [];
  for (const name of names) {
    files.push(
      await readDataFile(
        path.join(folder, name),
        path.join(label, name),
        budget.left(),
        async ({ content, file, origin }) => readRecords(content, file.size, name, variant, budget, origin),
      ),
    );
  }
  return { records: files.map(({ value }) => value), sha256: combineDigests(files) };
}

async function readOne(candidate: Candidate, variant: Variant, part: 'train' | 'test', budget: Budget) {
  const maxContent = budget.left() * 2 + 2 ** 20;
  const { value, sha256 } = await readDataFile(
    candidate.path,
    candidate.label,
    maxContent,
    async ({ content, file, origin, isGzip }) => {
      if (isTar(candidate.head)) return readArchive(content, variant, part, budget, origin);
      if (isGzip) malformed(origin, 'a single .bin file must not be compressed');
      return [await readRecords(content, file.size, candidate.name, variant, budget, origin)];
    },
  );
  return { records: value, sha256 };
}

async function readArchive(
  content: ByteSource,
  variant: Variant,
  part: 'train' | 'test',
  budget: Budget,
  origin: Origin,
) {
  const records: Records[] = [];
  for await (const entry of readTar(content, origin)) {
    const name = path.posix.basename(entry.name);
    if (!variant.files[part].test(name)) continue;
    if (records.some((other) => other.name === name)) malformed(origin, `holds ${name} twice`);
    const inside = { ...origin, name: `${origin.name}: ${entry.name}` };
    records.push(await readRecords(entry.content, entry.size, name, variant, budget, inside));
  }
  if (records.length === 0) malformed(origin, `holds no ${part} files of CIFAR (${variant.files[part].source})`);
  return records;
}

async function readRecords(
  content: ByteSource,
  size: number,
  name: string,
  variant: Variant,
  budget: Budget,
  origin: Origin,
): Promise<Records> {
  const recordBytes = variant.labelBytes + pixelBytes;
  if (size % recordBytes !== 0) {
    malformed(origin, `truncated: ${size} bytes are not a whole number of records of ${recordBytes} bytes`);
  }
  const count = size / recordBytes;
  budget.take(count * (pixelBytes + 1), origin.name);
  const [pixels, labels] = [new Uint8Array(count * pixelBytes), new Uint8Array(count)];
  const scratch = new Uint8Array(recordsPerRead * recordBytes);
  const source = limit(content, size);
  for (let start = 0; start < count; start += recordsPerRead) {
    const length = Math.min(recordsPerRead, count - start);
    const chunk = scratch.subarray(0, length * recordBytes);
    await fillExactly(source, chunk, `record ${start} and the following`, origin);
    for (let i = 0; i < length; i++) {
      const at = i * recordBytes;
      labels[start + i] = chunk[at + variant.labelAt] as number;
      pixels.set(chunk.subarray(at + variant.labelBytes, at + recordBytes), (start + i) * pixelBytes);
    }
  }
  return { name, pixels, labels };
}
