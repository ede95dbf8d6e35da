/** One table or a folder of them: `train.csv` with `test.csv`, shards of a part one after the other, and the labels of the parts that are not wanted. */
import type { Elements } from '../../codecs/elements.ts';
import { AppError } from '../../errors.ts';
import { missingPart } from '../array-names.ts';
import type { Budget } from '../budget.ts';
import { type Candidate, memberLabel, memberPath } from '../candidate.ts';
import { type Column, convertColumn, createColumn, storageOf } from '../column.ts';
import { combineDigests, type DataFile, type Hashed, readDataFile } from '../data-file.ts';
import type { RawDataset, RawInput, RawTargets, Reading } from '../dataset-format.ts';
import { groupByPart, type PartName, partNames } from '../parts.ts';
import { assembleInputs, assembleTargets, roundingNotes } from './assemble.ts';
import type { ChosenColumns } from './choose-columns.ts';
import { type ChooseSame, chooseSame } from './choose-same.ts';
import type { TableColumn, TableHints } from './columns.ts';

/** A table that was read: `null` stands for columns that nobody wants. */
export interface ReadTable {
  readonly columns: readonly (TableColumn | null)[];
  readonly chosen: ChosenColumns;
  readonly notes: readonly string[];
  locate(row: number): string;
}

/** `choose` chooses the columns: all tables of a dataset have the same. */
export type ReadOne = (
  file: DataFile,
  budget: Budget,
  choose: ChooseSame,
) => Promise<ReadTable & { readonly hints?: TableHints }>;

/** The tables of a folder; null when there are none. */
export function tableFiles({ members }: Candidate, extension: RegExp): string[] | null {
  const tables = members.filter((name) => extension.test(name.replace(/\.gz$/i, '')));
  return tables.length > 0 && tables.length === members.filter((name) => !/\.(md|json|ya?ml)$/i.test(name)).length
    ? tables
    : null;
}

interface PartTable {
  readonly inputs: RawInput[];
  readonly targets: RawTargets;
  readonly notes: readonly string[];
  locate(row: number): string;
}

/** Reads the wanted part in full and the labels of the others. */
export async function readParts(
  candidate: Candidate,
  extension: RegExp,
  reading: Reading,
  defaultHints: TableHints,
  readOne: ReadOne,
): Promise<RawDataset> {
  const { part, budget } = reading;
  const isFolder = candidate.kind === 'folder';
  const files = isFolder ? (tableFiles(candidate, extension) ?? []) : [''];
  const groups: Map<PartName, string[]> = isFolder ? groupByPart(files, (file) => file) : new Map([['train', files]]);
  const wanted = groups.get(part);
  if (wanted === undefined) throw missingPart(part, [...groups.keys()], candidate.label);
  const choose = chooseSame();
  const hashed: Hashed<unknown>[] = [];
  const readFile = async (file: string, isWanted: boolean): Promise<PartTable> => {
    const [path, label] =
      file === '' ? [candidate.path, candidate.label] : [memberPath(candidate, file), memberLabel(candidate, file)];
    const read = await readDataFile(path, label, budget.room() * 8, (data) => readOne(data, budget, choose));
    const table = read.value;
    const { chosen } = table;
    if (isWanted) hashed.push(read);
    const hints = table.hints ?? defaultHints;
    const pick = (positions: readonly number[]) => positions.flatMap((position) => table.columns[position] ?? []);
    const tablePart = { inputs: pick(chosen.inputs), targets: pick(chosen.targets), locate: table.locate };
    const rows = tablePart.targets[0]?.rows ?? 0;
    if (rows === 0) throw new AppError('DATASET_INVALID', `${label}: holds no samples: it has no rows of data`);
    const inputs = isWanted ? assembleInputs(tablePart, hints, budget, label) : [];
    const targets = assembleTargets(tablePart, chosen.isGuess, hints, budget, label);
    return {
      inputs,
      targets,
      notes: isWanted ? [...table.notes, ...roundingNotes(tablePart.inputs)] : [],
      locate: table.locate,
    };
  };
  const tables: PartTable[] = [];
  const readWanted = async () => {
    for (const file of wanted) tables.push(await readFile(file, true));
  };
  // The columns come in the order of the training table: it is read first.
  if (part === 'train') await readWanted();
  const others: { name: PartName; targets: RawTargets }[] = [];
  const unlabelled: string[] = [];
  for (const name of partNames) {
    if (name === part) continue;
    for (const file of groups.get(name) ?? []) {
      const table = await readFile(file, false).catch(withoutLabels);
      if (table === null) unlabelled.push(`${file} has no labels: it is no part of the dataset`);
      else others.push({ name, targets: table.targets });
    }
  }
  if (part !== 'train') await readWanted();
  const joined = joinTables(tables, candidate.label);
  const labelled = [...groups.keys()].filter((name) => name === part || others.some((other) => other.name === name));
  const sizes = labelled.map((name) => ({
    name,
    samples:
      name === part
        ? joined.targets.column.rows
        : others.filter((other) => other.name === name).reduce((sum, { targets }) => sum + targets.column.rows, 0),
  }));
  const sha256 = hashed.length === 1 && !isFolder ? (hashed[0]?.sha256 ?? '') : combineDigests(hashed);
  return {
    ...joined,
    parts: sizes,
    otherTargets: others.map(({ targets }) => targets),
    notes: [...new Set([...joined.notes, ...unlabelled])],
    sha256,
  };
}

/** Null for a table that lacks nothing but its labels, as the test table of a contest does. */
function withoutLabels(error: unknown): null {
  if (error instanceof AppError && error.details.lacksTarget === true) return null;
  throw error;
}

/** Shards one after the other. Throws DATASET_INVALID when their shapes or kinds of numbers differ. */
function joinTables(tables: readonly PartTable[], label: string): PartTable {
  const [first, ...rest] = tables;
  if (first === undefined) throw new AppError('DATASET_INVALID', `${label}: holds no tables`);
  if (rest.length === 0) return first;
  const inputs = first.inputs.map((input, i) =>
    joinInputs(
      input,
      tables.map((table) => table.inputs[i]),
      label,
    ),
  );
  const names =
    first.targets.names === null ? null : [...new Set(tables.flatMap(({ targets }) => targets.names ?? []))];
  const columns = tables.map(({ targets }) => (names === null ? targets.column : renumber(targets, names)));
  const targets = {
    ...first.targets,
    names,
    integer: tables.every((table) => table.targets.integer),
    column: joinColumns(columns, first.targets.name, label),
  };
  const starts: number[] = [];
  let rows = 0;
  for (const table of tables) {
    starts.push(rows);
    rows += table.targets.column.rows;
  }
  const locate = (row: number) => {
    const shard = starts.findLastIndex((start) => start <= row);
    return `table ${shard + 1}, ${tables[shard]?.locate(row - (starts[shard] ?? 0)) ?? ''}`;
  };
  return { inputs, targets, notes: tables.flatMap(({ notes }) => notes), locate };
}

/** Lists that are whole numbers in some tables only are values, no ids. */
function joinInputs(first: RawInput, inputs: readonly (RawInput | undefined)[], label: string): RawInput {
  const column = joinColumns(
    inputs.map((input) => input?.column),
    first.name,
    label,
  );
  const all = inputs.flatMap((input) => input ?? []);
  const other = all.find((input) => kindOf(input) !== kindOf(first));
  if (other !== undefined)
    throw new AppError(
      'DATASET_INVALID',
      `${label}: "${first.name}" holds ${kindOf(first)} in one table and ${kindOf(other)} in another: write all tables with one type`,
    );
  return { ...first, column, role: all.every(({ role }) => role === first.role) ? first.role : 'values' };
}

const kindOf = ({ role, range }: RawInput): string =>
  `${role === 'image' ? 'pixels' : 'numbers'}${range === null ? '' : ` of the range ${range.join(' to ')}`}`;

function joinColumns(columns: readonly (Column | undefined)[], name: string, label: string): Column {
  const [first] = columns;
  const all = columns.map((column) => {
    if (column === undefined || String(column.rowShape) !== String(first?.rowShape))
      throw new AppError(
        'DATASET_INVALID',
        `${label}: "${name}" has samples of shape [${first?.rowShape}] in one table and [${column?.rowShape ?? 'none'}] in another`,
      );
    return column;
  });
  const isOneType = new Set(all.map(storageOf)).size === 1;
  const parts = isOneType ? all : all.map((column) => asFloat32(column, name, label));
  return createColumn(
    first?.rowShape ?? [],
    parts.flatMap(({ blocks }) => blocks.map(({ chunk }) => chunk)),
  );
}

/** Numbers beside those of another type. Throws DATASET_INVALID for whole numbers that would be rounded. */
function asFloat32(column: Column, name: string, label: string): Column {
  if (
    storageOf(column) === 'int32' &&
    column.blocks.some(({ data }) => data.some((value) => Math.abs(value) > 2 ** 24))
  )
    throw new AppError(
      'DATASET_INVALID',
      `${label}: "${name}" holds whole numbers beyond 2^24 in one table and numbers of another type in another: write all tables with one type`,
    );
  return convertColumn(column, 'float32');
}

/** Positions in the names of all shards. */
function renumber({ column, names }: RawTargets, all: readonly string[]): Column {
  if (names === null) throw new AppError('DATASET_INVALID', `the labels are names in one table and numbers in another`);
  const positions = names.map((name) => all.indexOf(name));
  const parts = column.blocks.map(
    ({ data }): Elements => Float32Array.from(data, (position) => positions[position] ?? 0),
  );
  return createColumn(column.rowShape, parts);
}
