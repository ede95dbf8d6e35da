/** libsvm / svmlight: a line a sample, `LABEL INDEX:VALUE ...`; indices that are absent are 0. Format: the README of LIBSVM, "Installation and Data Format". */
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import { isDecimal, parseNumber, readRecords } from '../../codecs/csv.ts';
import { headText, isText } from '../../codecs/text.ts';
import type { Budget } from '../budget.ts';
import { createColumnBuilder } from '../column-builder.ts';
import { type DataFile, readDataFile } from '../data-file.ts';
import { defineFormat, plainTargets, type RawDataset } from '../dataset-format.ts';

/** Several labels (1,3) are recognised too, to be refused by name; qid groups the rows of a ranking. */
const firstLine =
  /^[+-]?\d+(?:\.\d+)?(?:,\d+)*(?:[ \t]+qid:\d+)?(?:[ \t]+\d+:[+-]?[\d.][\d.eE+-]*)+[ \t]*(?:#[^\n]*)?\r?$/;

export const libsvm = defineFormat({
  name: 'libsvm',
  summary: 'libsvm and svmlight: a label and index:value pairs a line, indices from 1, absent ones 0.',
  options: {},
  conventions: [{ what: 'the data sets of the LIBSVM site', example: 'a9a.svm' }],
  recognise: ({ head, kind }) => {
    if (kind !== 'file' || !isText(head)) return null;
    const line =
      headText(head)
        .split('\n')
        .find((text) => text.trim() !== '' && !text.startsWith('#')) ?? '';
    // A first line that is longer than what was read of it is cut at its last pair.
    const whole = line.replace(/[ \t]+[^ \t]*$/, '');
    return firstLine.test(line) || (line.length > 1000 && firstLine.test(whole))
      ? 'begins with a label and index:value pairs'
      : null;
  },
  async read(candidate, _options, { budget }) {
    const { value, sha256 } = await readDataFile(candidate.path, candidate.label, budget.left() * 8, (file) =>
      readSparse(file, budget),
    );
    return { ...toDataset(value, budget, candidate.label), sha256 };
  },
});

interface Sparse {
  readonly labels: number[];
  /** Where the pairs of a sample end. */
  readonly ends: number[];
  readonly indices: number[];
  readonly values: number[];
  readonly rows: number[];
  readonly lowest: number;
  readonly highest: number;
  /** True when rows name the group (qid) that they are ranked in. */
  readonly hasGroups: boolean;
}

/** An index and a value in memory. */
const pairBytes = 16;

async function readSparse({ content, origin }: DataFile, budget: Budget): Promise<Sparse> {
  const sparse = {
    labels: [] as number[],
    ends: [] as number[],
    indices: [] as number[],
    values: [] as number[],
    rows: [] as number[],
  };
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];
  let hasGroups = false;
  for await (const records of readRecords(content, origin)) {
    for (const { text, row } of records) {
      const [label = '', ...pairs] = text
        .replace(/#.*$/, '')
        .trim()
        .split(/[ \t]+/);
      if (!isDecimal(label))
        malformed(
          origin,
          `row ${row}: the label ${JSON.stringify(label.slice(0, 40))} is not a number; several labels a row are not read: write a column for each as Parquet or CSV, and name them by the option "target"`,
        );
      budget.take(pairs.length * pairBytes, origin.name);
      let before = -1;
      for (const pair of pairs) {
        if (pair.startsWith('qid:')) {
          hasGroups = true;
          continue;
        }
        const { index, value } = parsePair(pair, row, origin);
        if (index <= before) malformed(origin, `row ${row}: index ${index} follows ${before}; indices must grow`);
        before = index;
        sparse.indices.push(index);
        sparse.values.push(value);
        lowest = Math.min(lowest, index);
        highest = Math.max(highest, index);
      }
      sparse.labels.push(Number(label));
      sparse.ends.push(sparse.indices.length);
      sparse.rows.push(row);
    }
  }
  return { ...sparse, lowest, highest, hasGroups };
}

function parsePair(pair: string, row: number, origin: Origin): { index: number; value: number } {
  const [, index, text = ''] = /^(\d{1,9}):(.+)$/.exec(pair) ?? [];
  const value = parseNumber(text, false, () => `${origin.name}: row ${row}, index ${index}`);
  if (index !== undefined && value !== null) return { index: Number(index), value };
  return malformed(origin, `row ${row}: ${JSON.stringify(pair.slice(0, 40))} is no pair index:value`);
}

function toDataset(
  { labels, ends, indices, values, rows, lowest, highest, hasGroups }: Sparse,
  budget: Budget,
  label: string,
): Omit<RawDataset, 'sha256'> {
  const isFromZero = lowest === 0;
  const width = isFromZero ? highest + 1 : highest;
  const features = createColumnBuilder(
    [width],
    'float32',
    budget,
    `${label} (${width} columns once the absent ones are filled in)`,
  );
  const targets = createColumnBuilder([], 'float32', budget, label);
  const dense = new Float32Array(width);
  let at = 0;
  for (const [sample, end] of ends.entries()) {
    dense.fill(0);
    for (; at < end; at++) dense[(indices[at] ?? 1) - (isFromZero ? 0 : 1)] = values[at] ?? 0;
    features.append(dense);
    targets.append([labels[sample] ?? 0]);
  }
  return {
    inputs: [{ name: 'features', column: features.finish(), role: 'values', range: null, channelsFirst: false }],
    targets: plainTargets('label', targets.finish(), labels.every(Number.isInteger)),
    parts: [{ name: 'train', samples: labels.length }],
    otherTargets: [],
    notes: [
      ...(isFromZero ? ['Indices count from 0.'] : []),
      ...(hasGroups ? ['The groups of a ranking (qid) were left out.'] : []),
    ],
    locate: (sample) => `row ${rows[sample]}`,
  };
}
