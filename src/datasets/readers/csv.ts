/** CSV: a table of numbers, one sample a row; one column is the label, the others are the features. */
import { Type } from 'typebox';
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import { isNumeric, parseRow, readLines, splitFields } from '../../codecs/csv.ts';
import type { Budget } from '../budget.ts';
import { createColumn } from '../column.ts';
import { type DataFile, readDataFile } from '../data-file.ts';
import { defineFormat, plainTargets, type RawDataset } from '../dataset-format.ts';

export const csvOptions = {
  header: Type.Union([Type.Literal('auto'), Type.Boolean()], {
    default: 'auto',
    description: 'CSV: whether the first row holds names; "auto": it does when one of its fields is not a number.',
  }),
  delimiter: Type.Enum([',', ';', '\t'], { default: ',', description: 'CSV: what separates the fields.' }),
  labelColumn: Type.Union([Type.Integer(), Type.String({ minLength: 1, maxLength: 1000 })], {
    default: -1,
    description:
      'CSV: the column of the targets, by name or by position from 0; negative positions count from the end.',
  }),
};

interface CsvOptions {
  readonly header: 'auto' | boolean;
  readonly delimiter: string;
  readonly labelColumn: number | string;
}

/** What a CSV file holds, before it is known what its columns mean. */
export interface CsvTable {
  readonly features: Float32Array[];
  readonly labels: Float32Array[];
  readonly featureCount: number;
  readonly integerLabels: boolean;
  /** Row of the file that a sample stands in, from 1. */
  rowOf(sample: number): number;
}

export const csv = defineFormat({
  name: 'csv',
  summary:
    'A table of numbers, plain or gzip, with or without a header; the last column is the label unless told otherwise.',
  options: csvOptions,
  conventions: [{ what: 'a table with a header, the label last', example: 'table.csv' }],
  recognise: ({ head, kind, name }) => {
    if (kind !== 'file' || !isText(head)) return null;
    if (/\.(csv|tsv|txt|data)$/.test(name)) return 'is text and has the name of a table';
    return /^[^\n]*[,;\t][^\n]*\n/.test(textOf(head)) ? 'is text with separated fields' : null;
  },

  async read(candidate, options, { budget }): Promise<RawDataset> {
    const { value, sha256 } = await readDataFile(candidate.path, candidate.label, budget.left() * 8, (file) =>
      readTable(file, options, budget),
    );
    return {
      inputs: [
        {
          name: 'features',
          column: createColumn([value.featureCount], value.features),
          role: 'values',
          range: null,
          channelsFirst: false,
        },
      ],
      targets: { ...plainTargets('label', createColumn([], value.labels), value.integerLabels) },
      parts: [{ name: 'train', samples: 0 }],
      otherTargets: [],
      notes: [],
      sha256,
      locate: (sample) => `row ${value.rowOf(sample)}`,
    };
  },
});

const textOf = (head: Uint8Array) => new TextDecoder('latin1').decode(head);

/** No control characters but white space, and not the start of JSON or a web page. */
const isText = (head: Uint8Array) =>
  head.length > 0 && head.every((byte) => byte >= 0x20 || (byte >= 9 && byte <= 13)) && !/^\s*[{<[]/.test(textOf(head));

/** Rows in one block: about 4 MiB. */
const blockValues = 2 ** 20;

/** Reads all rows. Throws DATASET_MALFORMED and DATASET_INVALID naming row and column. */
export async function readTable({ content, origin }: DataFile, options: CsvOptions, budget: Budget): Promise<CsvTable> {
  let table: TableBuilder | null = null;
  for await (const lines of readLines(content, origin)) {
    for (const { line, number } of lines) {
      if (table !== null) {
        table.add(line, number);
        continue;
      }
      const fields = splitFields(line, options.delimiter, number, origin);
      const hasNames =
        options.header === 'auto' ? fields.some((field) => field !== '' && !isNumeric(field)) : options.header;
      const label = findLabelColumn(fields, hasNames, options.labelColumn, origin);
      table = createTableBuilder(fields.length, label, options.delimiter, budget, origin);
      if (!hasNames) table.add(line, number);
    }
  }
  return (table ?? createTableBuilder(2, 1, options.delimiter, budget, origin)).finish();
}

interface TableBuilder {
  add(line: string, number: number): void;
  finish(): CsvTable;
}

function createTableBuilder(
  columns: number,
  label: number,
  delimiter: string,
  budget: Budget,
  origin: Origin,
): TableBuilder {
  const featureCount = columns - 1;
  const rowsPerBlock = Math.max(1, Math.floor(blockValues / columns));
  const features: Float32Array[] = [];
  const labels: Float32Array[] = [];
  const values = new Float64Array(columns);
  let rows = 0;
  let integerLabels = true;
  /** Samples at which blank lines or a header moved the numbering: [sample, row]. */
  const jumps: [number, number][] = [];

  return {
    add(line, number) {
      parseRow(line, delimiter, values, number, origin);
      const at = rows % rowsPerBlock;
      budget.take(columns * Float32Array.BYTES_PER_ELEMENT, origin.name);
      if (at === 0) {
        features.push(new Float32Array(rowsPerBlock * featureCount));
        labels.push(new Float32Array(rowsPerBlock));
      }
      const block = features.at(-1) as Float32Array;
      block.set(values.subarray(0, label), at * featureCount);
      block.set(values.subarray(label + 1), at * featureCount + label);
      const target = values[label] as number;
      (labels.at(-1) as Float32Array)[at] = target;
      integerLabels &&= Number.isInteger(target);
      const [sample, row] = jumps.at(-1) ?? [0, Number.NaN];
      if (number !== row + rows - sample) jumps.push([rows, number]);
      rows++;
    },
    finish() {
      const rest = rows % rowsPerBlock;
      if (rest > 0) {
        features.push((features.pop() as Float32Array).slice(0, rest * featureCount));
        labels.push((labels.pop() as Float32Array).slice(0, rest));
      }
      const rowOf = (sample: number) => {
        const [start, row] = jumps.findLast(([first]) => first <= sample) ?? [0, 1];
        return row + sample - start;
      };
      return { features, labels, featureCount, integerLabels: integerLabels && rows > 0, rowOf };
    },
  };
}

function findLabelColumn(
  fields: readonly string[],
  hasNames: boolean,
  wanted: number | string,
  origin: Origin,
): number {
  const count = fields.length;
  if (count < 2)
    malformed(
      origin,
      'row 1 has one column; a label and at least one feature are needed (is the option "delimiter" right?)',
    );
  if (typeof wanted === 'string') {
    const found = hasNames ? fields.indexOf(wanted) : -1;
    if (found >= 0) return found;
    return malformed(
      origin,
      `labelColumn: no column is named ${JSON.stringify(wanted)}${hasNames ? `; row 1 names ${fields.slice(0, 20).join(', ')}` : ', the file has no header'}`,
    );
  }
  const column = wanted < 0 ? count + wanted : wanted;
  if (column < 0 || column >= count) return malformed(origin, `labelColumn: ${wanted} is outside the ${count} columns`);
  return column;
}
