/** From the columns of a table to inputs and targets: single cells side by side are the features of one input, arrays are inputs of their own. */
import { AppError } from '../../errors.ts';
import type { Budget } from '../budget.ts';
import { type Chunk, type Column, createColumn, elementsOf } from '../column.ts';
import type { RawInput, RawTargets } from '../dataset-format.ts';
import { chunkRows, type ScalarColumn, type Seen } from './cells.ts';
import { type ArrayColumn, hugeProblem, type TableColumn, type TableHints } from './columns.ts';

export interface TablePart {
  readonly inputs: readonly TableColumn[];
  readonly targets: readonly TableColumn[];
  /** Names a row, from 0: 'row 17'. */
  locate(row: number): string;
}

/** The inputs. Throws DATASET_INVALID with one message for all columns that cannot be inputs. */
export function assembleInputs(part: TablePart, hints: TableHints, budget: Budget, label: string): RawInput[] {
  const { locate } = part;
  const inputs = part.inputs.map((column) => booleansAsNumbers(column, budget));
  const problems = inputs.flatMap((column) => problemOf(column, locate, hints));
  if (problems.length > 0)
    throw new AppError('DATASET_INVALID', `${label}: ${problems.join('; ')}`, { details: { option: 'inputs' } });
  const arrays = inputs.filter((column): column is ArrayColumn => column.kind === 'arrays');
  const cells = inputs.filter((column): column is ScalarColumn => column.kind === 'numbers');
  const ofArrays = arrays.map(
    ({ name, column, role, range }): RawInput => ({ name, column, role, range, channelsFirst: false }),
  );
  if (cells.length === 0) return ofArrays;
  const features: RawInput = {
    name: 'features',
    column: interleave(cells, budget),
    role: 'values',
    range: null,
    channelsFirst: false,
  };
  return [...ofArrays, features];
}

const booleans: Readonly<Record<string, number>> = { false: 0, true: 1 };

/** True and False, as programs write them, are 1 and 0. */
function booleansAsNumbers(column: TableColumn, budget: Budget): TableColumn {
  if (column.kind !== 'names') return column;
  const values = column.names.map((name) => booleans[name.toLowerCase()]);
  if (values.includes(undefined)) return column;
  const chunks = column.chunks.map((chunk) => {
    const numbers = Float32Array.from(elementsOf(chunk), (position) => values[position] ?? Number.NaN);
    return ArrayBuffer.isView(chunk) ? numbers : budget.store(numbers, column.name);
  });
  return { ...column, kind: 'numbers', chunks, text: null, names: [] };
}

/** What is rounded, for the report. */
export const roundingNotes = (inputs: readonly TableColumn[]): string[] =>
  inputs.flatMap((column) =>
    column.kind === 'numbers' && column.inexact !== null
      ? [`Whole numbers of "${column.name}" such as ${column.inexact.example} are rounded to float32.`]
      : [],
  );

const listPattern = /^\s*[[(].*[\])]\s*$/s;
const datePattern = /^\d{4}-\d{2}-\d{2}|^\d{1,2}[./]\d{1,2}[./]\d{2,4}/;
const thousandsPattern = /^[+-]?\d{1,3}((,\d{3})+(\.\d+)?|(\.\d{3})+(,\d+)?|([ ']\d{3})+([.,]\d+)?)$/;

/** Why a column cannot be an input, as a sentence without its end; nothing when it can. */
function problemOf(column: TableColumn, locate: TablePart['locate'], { floats }: TableHints): string[] {
  const name = JSON.stringify(column.name);
  if (column.kind === 'unusable') return [`column ${name} ${column.problem}`];
  if (column.kind === 'arrays') return [];
  const problems: string[] = [];
  if (column.text !== null)
    problems.push(`column ${name} ${textProblem(column.text.example, locate(column.text.first))}`);
  if (column.missing !== null) problems.push(`column ${name} ${missingProblem(column.missing, locate)}`);
  if (column.isWhole && column.inexact !== null && !floats.has(column.name) && isBeyondDoubles(column.inexact.example))
    problems.push(`column ${name} ${hugeProblem(column.inexact.example)}`);
  return problems;
}

/** Integers of 64 bits; larger numbers are measured, not counted. */
const isBeyondDoubles = (example: string) =>
  Math.abs(Number(example)) > 2 ** 53 && Math.abs(Number(example)) <= 2 ** 64;

const missingProblem = ({ count, first, example }: Seen, locate: TablePart['locate']) => {
  const written = example === '' ? '' : `, written ${JSON.stringify(example)}`;
  return `has ${count} missing (empty) values, the first in ${locate(first)}${written}: fill them in or remove the rows`;
};

function textProblem(example: string, place: string): string {
  const shown = `${JSON.stringify(example.length > 40 ? `${example.slice(0, 40)}...` : example)}, ${place}`;
  if (thousandsPattern.test(example))
    return `holds ${shown}, which is not a number: remove the separators of thousands`;
  if (datePattern.test(example))
    return `holds dates (${shown}): leave it out by the option "inputs", or turn it into numbers`;
  if (listPattern.test(example)) return `holds lists written as text (${shown}): write JSON lines or Parquet instead`;
  return `holds text (${shown}), which is not a number: encode it (pd.get_dummies), turn it into token ids of equal length with the tokenizer of the model, or leave it out by the option "inputs"`;
}

/** Chunk by chunk, and the chunks of the columns are let go, so that a table is never in memory twice. */
function interleave(columns: readonly ScalarColumn[], budget: Budget): Column {
  const width = columns.length;
  const rows = columns[0]?.rows ?? 0;
  const blocks: Chunk[] = [];
  for (let start = 0; start < rows; start += chunkRows) {
    const length = Math.min(chunkRows, rows - start);
    const block = new Float32Array(length * width);
    let isOnDisk = false;
    for (const [at, { chunks, name }] of columns.entries()) {
      const next = chunks.shift();
      if (next === undefined) throw new AppError('INTERNAL', `column ${name} ends at row ${start}`);
      isOnDisk ||= !ArrayBuffer.isView(next);
      const chunk = elementsOf(next);
      for (let i = 0, to = at; i < length; i++, to += width) block[to] = chunk[i] as number;
    }
    blocks.push(isOnDisk ? budget.store(block, 'the table') : block);
  }
  return createColumn([width], blocks);
}

/** The targets: names, numbers, several numbers, or an array. Throws DATASET_INVALID naming the column and the row. */
export function assembleTargets(
  { targets, locate }: TablePart,
  isGuess: boolean,
  hints: TableHints,
  budget: Budget,
  label: string,
): RawTargets {
  const [first] = targets;
  if (first === undefined) throw new AppError('DATASET_INVALID', `${label}: has no label`);
  if (targets.length > 1) return severalTargets(targets, locate, budget, label);
  const common = {
    name: first.name,
    isGuess,
    classes: null,
    ignored: null,
    classNames: hints.classNames.get(first.name) ?? null,
  };
  if (first.kind === 'arrays')
    return { ...common, column: first.column, integer: first.isWhole && !hints.floats.has(first.name), names: null };
  const column = checkedTarget(first, locate, label);
  const cells = createColumn([], column.chunks);
  if (column.kind === 'names') return { ...common, column: cells, integer: true, names: column.names };
  if (hints.booleans.has(column.name)) return { ...common, column: cells, integer: true, names: ['False', 'True'] };
  return { ...common, column: cells, integer: column.isWhole && !hints.floats.has(column.name), names: null };
}

function severalTargets(
  targets: readonly TableColumn[],
  locate: TablePart['locate'],
  budget: Budget,
  label: string,
): RawTargets {
  const columns = targets.map((column) => checkedTarget(column, locate, label));
  const named = columns.find(({ kind }) => kind === 'names');
  if (named)
    throw new AppError(
      'DATASET_INVALID',
      `${label}: column ${JSON.stringify(named.name)} holds names; several targets are values`,
    );
  const name = columns.map((column) => column.name).join(', ');
  return {
    name,
    column: interleave(columns, budget),
    integer: false,
    names: null,
    classNames: null,
    elementNames: columns.map((column) => column.name),
    classes: null,
    isGuess: false,
    ignored: null,
  };
}

function checkedTarget(column: TableColumn, locate: TablePart['locate'], label: string): ScalarColumn {
  const refuse = (problem: string): never => {
    throw new AppError('DATASET_INVALID', `${label}: the label ${JSON.stringify(column.name)} ${problem}`, {
      details: { option: 'target' },
    });
  };
  if (column.kind === 'unusable') return refuse(column.problem);
  if (column.kind === 'arrays') return refuse('holds lists; one of several targets is a number');
  if (column.missing !== null) return refuse(missingProblem(column.missing, locate));
  if (column.kind === 'text' && column.text !== null)
    return refuse(textProblem(column.text.example, locate(column.text.first)));
  if (column.inexact !== null)
    return refuse(
      `holds whole numbers such as ${column.inexact.example}, which float32 cannot tell apart: number the classes from 0, or write them as text`,
    );
  return column;
}
