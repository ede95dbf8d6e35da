/** Parquet, as pandas, polars, DuckDB, Spark and Hugging Face write it: a file, a folder of shards and splits, or hive partitions. */
import type { Origin } from '../../codecs/byte-source.ts';
import { malformed } from '../../codecs/byte-source.ts';
import type { FileSource } from '../../codecs/file-source.ts';
import { AppError } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { startsWith } from '../candidate.ts';
import { defineFormat, type Reading, raggedOptions } from '../dataset-format.ts';
import { openParquet, type ParquetColumn, type ParquetFile } from '../parquet/file.ts';
import type { ImageSize } from '../pictures/decode-all.ts';
import { imageSizeOption } from '../pictures/options.ts';
import { addScalars } from '../table/add-values.ts';
import { type ArrayCells, createArrayCells, type Padding, paddingOf } from '../table/array-cells.ts';
import { createScalarCells } from '../table/cells.ts';
import type { ChosenColumns } from '../table/choose-columns.ts';
import { hugeProblem, noHints, type TableColumn } from '../table/columns.ts';
import { addPictures, createPictureCells } from '../table/picture-cells.ts';
import { readParts, tableFiles } from '../table/read-parts.ts';

const extension = /\.parquet$/i;

export const parquet = defineFormat({
  name: 'parquet',
  summary:
    'Parquet tables of pandas, polars, DuckDB, Spark and Hugging Face: columns of numbers, lists, names, ClassLabel.',
  options: { ...raggedOptions, ...imageSizeOption },
  mayCrash: true,
  conventions: [
    { what: 'a table with the label called label, target, class or y, or last', example: 'iris.parquet' },
    {
      what: 'Hugging Face shards: train-00000-of-00002.parquet, test-...',
      example: 'data/',
      options: { part: 'test' },
    },
    { what: 'one of two labels', example: 'train.parquet', options: { target: 'coarse_label' } },
    { what: 'token ids of different lengths', example: 'tokens.parquet', options: { padTo: 128, padValue: 0 } },
    { what: 'hive partitions: folders label=0/, label=1/', example: 'table/' },
  ],
  recognise(candidate) {
    if (candidate.kind === 'file') return startsWith(candidate, 'PAR1') ? 'begins with PAR1' : null;
    return candidate.kind === 'folder' && tableFiles(candidate, extension) !== null
      ? 'is a folder of Parquet files'
      : null;
  },
  read(candidate, { padTo, padValue, imageSize }, reading) {
    const padding = { padTo: padTo ?? null, padValue };
    return readParts(candidate, extension, reading, noHints, async ({ file, origin, isGzip }, budget, choose) => {
      if (isGzip) malformed(origin, 'a Parquet file must not be compressed again');
      const opened = await openParquet(file, Math.max(budget.left(), 2 ** 24), origin);
      const partitions = partitionsOf(origin.name);
      const names = [...opened.columns, ...partitions.map(({ name }) => ({ name }))];
      const chosen = choose(names, reading, origin.name);
      const columns = await readColumns(opened, file, partitions, chosen, { ...reading, padding, imageSize }, origin);
      return { columns, chosen, notes: chosen.notes, hints: opened.hints, locate: (row) => `row ${row + 1}` };
    });
  },
});

interface Partition {
  readonly name: string;
  readonly value: string;
}

/** `label=2/part-0.parquet` lies in the partition whose label is 2. */
const partitionsOf = (path: string): Partition[] =>
  [...path.matchAll(/(?:^|\/)([^/=]+)=([^/]*)(?=\/)/g)].map(([, name = '', value = '']) => ({
    name,
    value: decodeURIComponent(value),
  }));

interface ColumnWish extends Reading {
  readonly padding: Padding;
  readonly imageSize: ImageSize | undefined;
}

async function readColumns(
  opened: ParquetFile,
  file: FileSource,
  partitions: readonly Partition[],
  chosen: ChosenColumns,
  wish: ColumnWish,
  origin: Origin,
): Promise<(TableColumn | null)[]> {
  const { imageSize, budget } = wish;
  const wanted = new Set([...chosen.inputs, ...chosen.targets]);
  checkSize(opened, file.size, wanted.size, budget, origin);
  const targets = new Set(chosen.targets);
  const columns: (TableColumn | null)[] = [];
  for (const [position, column] of opened.columns.entries()) {
    const own = paddingOf(column.name, targets.has(position), wish.padding, wish);
    columns.push(wanted.has(position) ? await readColumn(opened, column, own, imageSize, budget, origin) : null);
  }
  for (const [i, partition] of partitions.entries())
    columns.push(wanted.has(opened.columns.length + i) ? constantColumn(partition, opened.rows, budget, origin) : null);
  return columns;
}

/** Rows cost memory however few bytes they take in the file: they are counted before anything is decoded. */
function checkSize({ rows }: ParquetFile, fileBytes: number, columns: number, budget: Budget, origin: Origin): void {
  budget.checkRows(rows, origin.name);
  const bytes = rows * columns * Float32Array.BYTES_PER_ELEMENT;
  const isBomb = bytes > 2 ** 26 && bytes > 2000 * fileBytes;
  if (bytes <= budget.room() && !isBomb) return;
  throw new AppError(
    'DATASET_TOO_LARGE',
    `${origin.name}: promises ${rows} rows of ${columns} columns, ${bytes} bytes in memory, in a file of ${fileBytes} bytes; the limit leaves ${budget.room()}`,
  );
}

async function readColumn(
  opened: ParquetFile,
  column: ParquetColumn,
  padding: Padding,
  imageSize: ImageSize | undefined,
  budget: Budget,
  origin: Origin,
): Promise<TableColumn> {
  const { name, content } = column;
  if (content.kind === 'unusable') return { kind: 'unusable', name, rows: opened.rows, problem: content.problem };
  if (content.kind === 'arrays') {
    const cells = createArrayCells(name, content.storage, padding, budget, origin.name);
    for await (const values of opened.read(name)) addArrays(cells, values);
    return cells.finish();
  }
  if (content.kind === 'pictures') {
    const cells = createPictureCells(name, imageSize, budget, origin.name);
    for await (const values of opened.read(name)) {
      const problem = await addPictures(cells, Array.from(values));
      if (problem !== null) return { kind: 'unusable', name, rows: opened.rows, problem };
    }
    return cells.finish();
  }
  const cells = createScalarCells(name, budget, origin.name);
  let huge: bigint | null = null;
  for await (const values of opened.read(name)) huge ??= addScalars(cells, values);
  if (huge === null) return cells.finish();
  const problem = hugeProblem(huge);
  return { kind: 'unusable', name, rows: opened.rows, problem };
}

function addArrays(cells: ArrayCells, values: ArrayLike<unknown>): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) cells.missing();
    else cells.add(value);
  }
}

function constantColumn({ name, value }: Partition, rows: number, budget: Budget, origin: Origin): TableColumn {
  const cells = createScalarCells(name, budget, origin.name);
  const number = value.trim() === '' ? Number.NaN : Number(value);
  for (let row = 0; row < rows; row++) {
    if (value === '__HIVE_DEFAULT_PARTITION__') cells.missing();
    else if (Number.isFinite(number)) cells.number(number);
    else cells.text(value);
  }
  return cells.finish();
}
