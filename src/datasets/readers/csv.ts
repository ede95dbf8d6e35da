/** CSV and its kin: a table of one sample a row; one column is the label, the others are the features. */
import { Type } from 'typebox';
import type { Origin } from '../../codecs/byte-source.ts';
import {
  type CsvRecord,
  type Delimiter,
  isMissing,
  parseDigits,
  parseNumber,
  readRecords,
  splitFields,
} from '../../codecs/csv.ts';
import { findDecimalMark, findDelimiter, hasHeader } from '../../codecs/csv-dialect.ts';
import { headText, isText } from '../../codecs/text.ts';
import { AppError } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import type { DataFile } from '../data-file.ts';
import { type CommonWish, defineFormat } from '../dataset-format.ts';
import { createScalarCells, type ScalarCells } from '../table/cells.ts';
import type { ChosenColumns } from '../table/choose-columns.ts';
import { type ChooseSame, chooseSame } from '../table/choose-same.ts';
import { noHints, type TableColumn } from '../table/columns.ts';
import { readParts, tableFiles } from '../table/read-parts.ts';

const extension = /\.(csv|tsv|tab|txt|data|dat)$/i;

export const csvOptions = {
  header: Type.Union([Type.Literal('auto'), Type.Boolean()], {
    default: 'auto',
    description:
      'CSV: whether the first row holds names; "auto": it does when it is text where the rows below are numbers.',
  }),
  delimiter: Type.Enum(['auto', ',', ';', '\t', '|', 'blanks'], {
    default: 'auto',
    description: 'CSV: what separates the fields; "auto": what gives the first rows equally many.',
  }),
  decimal: Type.Enum(['auto', 'point', 'comma'], {
    default: 'auto',
    description:
      'CSV: the decimal mark; "auto": a comma where fields are not separated by one and no number has a point.',
  }),
  labelColumn: Type.Optional(
    Type.Union([Type.Integer(), Type.String({ minLength: 1, maxLength: 1000 })], {
      description:
        'CSV: the column of the targets, by name or by position from 0; negative positions count from the end. Default: the one called label, target, class or y, else the last.',
    }),
  ),
};

type CsvOptions = Pick<CommonWish, 'inputs' | 'target'> & {
  readonly header: 'auto' | boolean;
  readonly delimiter: 'auto' | Delimiter;
  readonly decimal: 'auto' | 'point' | 'comma';
  readonly labelColumn?: number | string;
};

export const csv = defineFormat({
  name: 'csv',
  summary:
    'A table, plain or gzip, with or without a header; the column called label, target, class or y is the label, else the last.',
  options: csvOptions,
  conventions: [
    { what: 'a table with a header, the label called so or last; names become class ids', example: 'iris.csv' },
    { what: 'European: semicolons and decimal commas', example: 'table.csv' },
    {
      what: 'MNIST as CSV: the label first, no header',
      example: 'mnist.csv',
      options: { labelColumn: 0, shape: [28, 28, 1] },
    },
    {
      what: 'a table to regress on whole numbers',
      example: 'prices.csv',
      options: { target: 'price', targets: 'values' },
    },
    { what: 'several values to regress', example: 'table.csv', options: { target: ['y1', 'y2'] } },
    { what: 'some columns only', example: 'table.csv', options: { inputs: ['age', 'fare'], target: 'survived' } },
    { what: 'train.csv and test.csv in a folder', example: 'tables/', options: { part: 'test' } },
  ],
  recognise(candidate) {
    const { head, kind, name } = candidate;
    if (kind === 'folder') return tableFiles(candidate, extension) === null ? null : 'is a folder of text tables';
    if (kind !== 'file' || !isText(head)) return null;
    const text = headText(head);
    if (/^\s*[{<[]/.test(text)) return null;
    if (extension.test(name)) return 'is text and has the name of a table';
    return /^[^\n]*[,;\t|][^\n]*\n/.test(text) ? 'is text with separated fields' : null;
  },
  read: (candidate, options, reading) =>
    readParts(candidate, extension, reading, noHints, async (file, budget, choose) => {
      const wish = { ...options, ...reading };
      const { columns, rowOf, chosen, notes } = await readTable(file, wish, budget, choose);
      return { columns, chosen, notes, locate: (row) => `row ${rowOf(row)}` };
    }),
});

export interface CsvTable {
  /** Columns that are neither input nor target are left out: null. */
  readonly columns: readonly (TableColumn | null)[];
  readonly chosen: ChosenColumns;
  readonly notes: readonly string[];
  /** Line of the file in which a sample begins, from 1. */
  rowOf(sample: number): number;
}

/** Records from which the dialect is read. */
const sampledRecords = 50;

/** Reads all rows. Throws DATASET_MALFORMED, DATASET_INVALID and DATASET_AMBIGUOUS naming row and column. */
export async function readTable(
  { content, origin }: DataFile,
  options: CsvOptions & CommonWish,
  budget: Budget,
  choose: ChooseSame = chooseSame(),
): Promise<CsvTable> {
  const first: CsvRecord[] = [];
  let builder: TableBuilder | null = null;
  for await (const records of readRecords(content, origin)) {
    if (builder === null) {
      first.push(...records);
      if (first.length < sampledRecords) continue;
      builder = begin(first, options, budget, choose, origin);
    } else for (const record of records) builder.add(record);
  }
  builder ??= begin(first, options, budget, choose, origin);
  return builder.finish();
}

interface TableBuilder {
  add(record: CsvRecord): void;
  finish(): CsvTable;
}

/** `sep=;` in front of a table names its separator to Excel. */
function separatorLine(first: CsvRecord | undefined): Delimiter | null {
  const [, found] = /^"?sep=([,;\t|])"?$/i.exec(first?.text ?? '') ?? [];
  return [',', ';', '\t', '|'].find((delimiter): delimiter is Delimiter => delimiter === found) ?? null;
}

function begin(
  all: readonly CsvRecord[],
  options: CsvOptions & CommonWish,
  budget: Budget,
  choose: ChooseSame,
  origin: Origin,
): TableBuilder {
  const named = separatorLine(all[0]);
  const records = named === null ? all : all.slice(1);
  const sampled = records.slice(0, sampledRecords);
  const delimiter = options.delimiter === 'auto' ? (named ?? findDelimiter(sampled, origin)) : options.delimiter;
  const rows = sampled.map(({ text, row }) => splitFields(text, delimiter, row, origin));
  const [top = []] = rows;
  if (rows.length === 0) throw new AppError('DATASET_INVALID', `${origin.name}: holds no samples: it is empty`);
  if (top.length < 2)
    throw new AppError(
      'DATASET_MALFORMED',
      `${origin.name}: row 1 has one column; a label and at least one feature are needed (is the option "delimiter" right?)`,
    );
  const hasNames = options.header === 'auto' ? hasHeader(rows) : options.header;
  const mark =
    options.decimal === 'auto' ? findDecimalMark(hasNames ? rows.slice(1) : rows, delimiter) : options.decimal;
  if (mark === 'unclear')
    throw new AppError(
      'DATASET_AMBIGUOUS',
      `${origin.name}: numbers such as 1,234 may have a decimal comma or separators of thousands; set the option "decimal" to "comma", or remove the separators`,
    );
  const names = top.map((name, column) => (hasNames ? name : String(column)));
  const index = hasNames ? indexColumn(names, rows.slice(1)) : null;
  const hasEmptyEnd = hasNames && isEmptyEnd(rows);
  const kept = hasEmptyEnd ? names.slice(0, -1) : names;
  const chosen = choose(
    kept.map((name, column) => ({ name: column === index ? '__index_level_0__' : name })),
    options,
    origin.name,
  );
  const notes = [
    ...(index === null
      ? []
      : ['The first column has no name and counts the rows: it is the index of pandas and was left out.']),
    ...(hasEmptyEnd ? ['Every row ends with a separator: the column after it has no name and is empty.'] : []),
  ];
  const builder = createTableBuilder(
    { names, hasEmptyEnd, chosen, delimiter, hasDecimalComma: mark === 'comma', notes },
    budget,
    origin,
  );
  for (const record of hasNames ? records.slice(1) : records) builder.add(record);
  return builder;
}

/** The position of an unnamed first column that counts 0, 1, 2, ...: the index that pandas writes. */
function indexColumn([name]: readonly string[], rows: readonly (readonly string[])[]): number | null {
  const isUnnamed = name === '' || /^Unnamed: 0$/.test(name ?? '');
  return isUnnamed && rows.every((row, i) => row[0] === String(i)) ? 0 : null;
}

/** True when every row ends with a separator, the one with the names included. */
const isEmptyEnd = (rows: readonly (readonly string[])[]) =>
  rows.length > 1 && (rows[0]?.length ?? 0) > 2 && rows.every((row) => row.at(-1) === '');

interface TableShape {
  readonly names: readonly string[];
  /** The last column is empty and no part of the table. */
  readonly hasEmptyEnd: boolean;
  readonly chosen: ChosenColumns;
  readonly delimiter: Delimiter;
  readonly hasDecimalComma: boolean;
  readonly notes: readonly string[];
}

function createTableBuilder(
  { names, hasEmptyEnd, chosen, delimiter, hasDecimalComma, notes }: TableShape,
  budget: Budget,
  origin: Origin,
): TableBuilder {
  const wanted = new Set([...chosen.targets, ...chosen.inputs]);
  const cells = names.map((name, column) => (wanted.has(column) ? createScalarCells(name, budget, origin.name) : null));
  const values = new Float64Array(names.length);
  const code = delimiter === 'blanks' ? -1 : delimiter.charCodeAt(0);
  let rows = 0;
  /** Samples at which blank lines, comments or a header moved the numbering: [sample, row]. */
  const jumps: [number, number][] = [];

  const addFields = ({ text, row }: CsvRecord) => {
    const fields = splitFields(text, delimiter, row, origin);
    if (fields.length !== names.length)
      throw new AppError(
        'DATASET_MALFORMED',
        `${origin.name}: row ${row}: expected ${names.length} columns, found ${fields.length}`,
      );
    if (hasEmptyEnd && fields.at(-1) !== '')
      throw new AppError(
        'DATASET_MALFORMED',
        `${origin.name}: row ${row}: the last column has no name and is empty in the rows before, here it holds ${JSON.stringify(fields.at(-1))}: name it, or empty it`,
      );
    for (const [column, field] of fields.entries()) {
      const target = cells[column];
      if (target)
        addField(
          target,
          field,
          hasDecimalComma,
          () => `${origin.name}: row ${row}, column ${JSON.stringify(names[column])}`,
        );
    }
  };

  return {
    add(record) {
      if (code >= 0 && !hasEmptyEnd && parseDigits(record.text, code, values)) {
        for (let column = 0; column < values.length; column++) cells[column]?.number(values[column] as number);
      } else addFields(record);
      const [sample, row] = jumps.at(-1) ?? [0, Number.NaN];
      if (record.row !== row + rows - sample) jumps.push([rows, record.row]);
      rows++;
    },
    finish() {
      const rowOf = (sample: number) => {
        const [start, row] = jumps.findLast(([firstSample]) => firstSample <= sample) ?? [0, 1];
        return row + sample - start;
      };
      const columns = cells.map((cell) => cell?.finish() ?? null);
      return { columns, chosen, notes: [...notes, ...chosen.notes], rowOf };
    },
  };
}

function addField(cells: ScalarCells, field: string, hasDecimalComma: boolean, place: () => string): void {
  const value = parseNumber(field, hasDecimalComma, place);
  if (value !== null) cells.number(value);
  else if (isMissing(field)) cells.missing(field);
  else cells.text(field);
}
