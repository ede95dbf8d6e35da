/**
 * CIFAR-10 and CIFAR-100, binary version: a folder, one .bin file, or the published tar.gz.
 *
 * Format: https://www.cs.toronto.edu/~kriz/cifar.html: records of one label byte (CIFAR-100: coarse, then fine) and 3 x 32 x 32 pixels, planes red, green, blue.
 * Files are taken in the order of their names, so that folder and archive give the same samples. The names of the classes are read where they lie beside.
 */
import path from 'node:path';
import { Type } from 'typebox';
import { type ByteSource, fillExactly, limit, malformed, type Origin, readBytes } from '../../codecs/byte-source.ts';
import { readTar } from '../../codecs/tar.ts';
import { missingPart } from '../array-names.ts';
import type { Budget } from '../budget.ts';
import { type Candidate, memberLabel, memberPath } from '../candidate.ts';
import { createColumn } from '../column.ts';
import { combineDigests, type Hashed, readDataFile } from '../data-file.ts';
import { defineFormat, plainTargets, type RawDataset, sampleName } from '../dataset-format.ts';
import type { PartName } from '../parts.ts';

const pixelBytes = 3 * 32 * 32;
const recordsPerRead = 256;
const maxNameBytes = 2 ** 16;

interface Variant {
  readonly labelBytes: number;
  /** Which of the label bytes is taken. */
  readonly labelAt: number;
  readonly classes: number;
  readonly files: Files;
  /** The text file with the names of the classes, one a line. */
  readonly namesFile: RegExp;
}

interface Files {
  readonly train: RegExp;
  readonly test: RegExp;
}

interface Records {
  readonly name: string;
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** What was collected of the files that an archive or folder holds. */
interface Collected {
  readonly records: Records[];
  readonly samples: Map<PartName, number>;
  classNames: readonly string[] | null;
}

const cifar10Files: Files = { train: /^data_batch_\d+\.bin$/, test: /^test_batch\.bin$/ };
const cifar100Files: Files = { train: /^train\.bin$/, test: /^test\.bin$/ };

const holds = ({ kind, name, members }: Candidate, { train, test }: Files) => {
  const names = kind === 'file' ? [name] : members.map((member) => path.posix.basename(member));
  return names.some((other) => train.test(other) || test.test(other));
};

const recogniseBy = (candidate: Candidate, files: Files, title: string) => {
  if (!holds(candidate, files)) return null;
  return candidate.kind === 'file'
    ? `has the name of a file of ${title}`
    : `holds the files of ${title}, binary version`;
};

export const cifar10 = defineFormat({
  name: 'cifar-10',
  summary: 'CIFAR-10, binary version: a folder, one .bin file or cifar-10-binary.tar.gz.',
  options: {},
  conventions: [
    { what: 'CIFAR-10 as published, binary version', example: 'cifar-10-binary.tar.gz' },
    { what: 'its test set', example: 'cifar-10-binary.tar.gz', options: { part: 'test' } },
  ],
  recognise: (candidate) => recogniseBy(candidate, cifar10Files, 'CIFAR-10'),
  read: (candidate, _options, { part, budget }) =>
    readCifar(
      candidate,
      { labelBytes: 1, labelAt: 0, classes: 10, files: cifar10Files, namesFile: /^batches\.meta\.txt$/ },
      part,
      budget,
    ),
});

export const cifar100 = defineFormat({
  name: 'cifar-100',
  summary:
    'CIFAR-100, binary version, with its 100 fine or 20 coarse labels: a folder, one .bin file or cifar-100-binary.tar.gz.',
  options: {
    labels: Type.Enum(['fine', 'coarse'], {
      default: 'fine',
      description: 'CIFAR-100: the 100 fine or the 20 coarse classes.',
    }),
  },
  conventions: [
    { what: 'CIFAR-100 as published, binary version', example: 'cifar-100-binary.tar.gz' },
    { what: 'its 20 coarse classes', example: 'cifar-100-binary.tar.gz', options: { labels: 'coarse' } },
  ],
  recognise: (candidate) => recogniseBy(candidate, cifar100Files, 'CIFAR-100'),
  read: (candidate, { labels }, { part, budget }) => {
    const isCoarse = labels === 'coarse';
    const namesFile = isCoarse ? /^coarse_label_names\.txt$/ : /^fine_label_names\.txt$/;
    const variant = { labelBytes: 2, labelAt: isCoarse ? 0 : 1, classes: isCoarse ? 20 : 100, namesFile };
    return readCifar(candidate, { ...variant, files: cifar100Files }, part, budget);
  },
});

async function readCifar(candidate: Candidate, variant: Variant, part: PartName, budget: Budget): Promise<RawDataset> {
  const { records, samples, classNames, sha256 } =
    candidate.kind === 'folder'
      ? await readFolder(candidate, variant, part, budget)
      : await readOne(candidate, variant, part, budget);
  if (records.length === 0) throw missingPart(part, [...samples.keys()], candidate.label);
  records.sort((a, b) => (a.name < b.name ? -1 : 1));
  const pixels = records.map((file) => file.pixels);
  const labels = records.map((file) => file.labels);
  return {
    inputs: [
      {
        name: 'images',
        column: createColumn([3, 32, 32], pixels),
        role: 'image',
        range: [0, 255],
        channelsFirst: true,
      },
    ],
    targets: { ...plainTargets('labels', createColumn([], labels), true), classes: variant.classes, classNames },
    parts: [...samples].map(([name, count]) => ({ name, samples: count })),
    otherTargets: [],
    notes: [],
    sha256,
    locate: sampleName,
  };
}

const collection = (): Collected => ({ records: [], samples: new Map(), classNames: null });

const partOfFile = ({ files }: Variant, name: string): PartName | null =>
  files.train.test(name) ? 'train' : files.test.test(name) ? 'test' : null;

/** Takes one file: its records when they are of the wanted part, else their number. */
async function collect(
  collected: Collected,
  { name, size, content }: { name: string; size: number; content: ByteSource },
  variant: Variant,
  wanted: PartName,
  budget: Budget,
  origin: Origin,
): Promise<void> {
  if (variant.namesFile.test(name) && size <= maxNameBytes) {
    const text = new TextDecoder().decode(await readBytes(content, size, 'the names of the classes', origin));
    const names = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    collected.classNames = names.length === variant.classes ? names : null;
  }
  const part = partOfFile(variant, name);
  if (part === null) return;
  if (collected.records.some((other) => other.name === name)) malformed(origin, `holds ${name} twice`);
  const before = collected.samples.get(part) ?? 0;
  collected.samples.set(part, before + Math.floor(size / (variant.labelBytes + pixelBytes)));
  if (part === wanted) collected.records.push(await readRecords(content, size, name, variant, budget, origin));
}

async function readFolder(candidate: Candidate, variant: Variant, part: PartName, budget: Budget) {
  const collected = collection();
  const files: Hashed<unknown>[] = [];
  for (const member of candidate.members) {
    const name = path.posix.basename(member);
    if (partOfFile(variant, name) === null && !variant.namesFile.test(name)) continue;
    const take = ({ content, file, origin }: { content: ByteSource; file: { size: number }; origin: Origin }) =>
      collect(collected, { name, size: file.size, content }, variant, part, budget, origin);
    const maxBytes = Math.max(budget.left(), maxNameBytes);
    const read = await readDataFile(memberPath(candidate, member), memberLabel(candidate, member), maxBytes, take);
    if (partOfFile(variant, name) === part) files.push(read);
  }
  return { ...collected, sha256: combineDigests(files) };
}

async function readOne(candidate: Candidate, variant: Variant, part: PartName, budget: Budget) {
  const collected = collection();
  const maxContent = budget.left() * 2 + 2 ** 20;
  const { sha256 } = await readDataFile(
    candidate.path,
    candidate.label,
    maxContent,
    async ({ content, file, origin, isGzip }) => {
      if (candidate.kind === 'tar') {
        for await (const entry of readTar(content, origin)) {
          const inside = { ...origin, name: `${origin.name}: ${entry.name}` };
          const named = { ...entry, name: path.posix.basename(entry.name) };
          await collect(collected, named, variant, part, budget, inside);
        }
        return;
      }
      if (isGzip) malformed(origin, 'a single .bin file must not be compressed');
      // A file that is named is wanted, whatever its own name says.
      const records = await readRecords(content, file.size, candidate.name, variant, budget, origin);
      collected.records.push(records);
      collected.samples.set(part, records.labels.length);
    },
  );
  return { ...collected, sha256 };
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
