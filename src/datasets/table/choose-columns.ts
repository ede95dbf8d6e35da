/** Which columns of a table are the label and which the inputs: what the options say, else what the names say, else the last one, as a guess. */
import { AppError } from '../../errors.ts';
import { refuseOption } from '../array-names.ts';
import { type CommonWish, targetNames } from '../dataset-format.ts';

/** What is known of a column before its cells are read. */
export interface ColumnName {
  readonly name: string;
  /** A ClassLabel of Hugging Face. */
  readonly isClassLabel?: boolean;
  /** Holds lists or pictures: an input. */
  readonly isArray?: boolean;
}

export interface ChosenColumns {
  /** Positions of the targets; several are values. */
  readonly targets: readonly number[];
  /** Positions of the inputs in the order of the table, or of the option. */
  readonly inputs: readonly number[];
  /** True when only its place says that this is the label. */
  readonly isGuess: boolean;
  readonly notes: readonly string[];
}

export interface TableWish extends CommonWish {
  /** Of CSV: name, or position from 0, negative from the end. */
  readonly labelColumn?: number | string;
}

const labelWords = new Set(['label', 'labels', 'target', 'targets', 'class', 'y']);
/** CIFAR-100 and its kin have two labels each. */
const twoLabels = new Set(['fine_label', 'coarse_label']);
/** What pandas writes for its index. */
const indexNames = new Set(['__index_level_0__']);

const shown = (columns: readonly ColumnName[]) => {
  const names = columns.slice(0, 20).map(({ name }) => JSON.stringify(name));
  return `${names.join(', ')}${columns.length > 20 ? ', ...' : ''}`;
};

/** Throws DATASET_AMBIGUOUS naming the candidates, INVALID_INPUT for names that the table does not have. */
export function chooseColumns(columns: readonly ColumnName[], wish: TableWish, label: string): ChosenColumns {
  const { mask } = wish;
  if (mask === undefined) return chooseSamples(columns, wish, label);
  const position = positionOf(columns, mask, 'mask', label);
  const chosen = chooseSamples(columns, wish, label);
  return { ...chosen, inputs: [...chosen.inputs, position] };
}

function chooseSamples(columns: readonly ColumnName[], wish: TableWish, label: string): ChosenColumns {
  const usable = columns
    .map((column, position) => ({ ...column, position }))
    .filter(({ name }) => !indexNames.has(name) && name !== wish.mask);
  const given = givenTargets(columns, wish, label);
  const { targets, isGuess } = given === null ? findTarget(usable, label) : { targets: given, isGuess: false };
  const inputs =
    wish.inputs?.map((name) => positionOf(columns, name, 'inputs', label)) ??
    usable
      .filter(({ name, position }) => !targets.includes(position) && !wish.otherTargetNames?.includes(name))
      .map(({ position }) => position);
  const both = inputs.find((position) => targets.includes(position));
  if (both !== undefined)
    refuseOption('inputs', `${label}: column ${JSON.stringify(columns[both]?.name)} cannot be input and target`);
  if (inputs.length === 0)
    throw new AppError('DATASET_INVALID', `${label}: has no column beside the label ${shown(usable)}`);
  const arrays = inputs.filter((position) => columns[position]?.isArray);
  if (arrays.length === 0 || wish.inputs !== undefined) return { targets, inputs, isGuess, notes: [] };
  const left = inputs
    .filter((position) => !arrays.includes(position))
    .map((position) => columns[position] as ColumnName);
  const note = `Beside ${shown(arrays.map((position) => columns[position] as ColumnName))} the columns ${shown(left)} were left out; the option "inputs" takes them in.`;
  return { targets, inputs: arrays, isGuess, notes: left.length === 0 ? [] : [note] };
}

function givenTargets(columns: readonly ColumnName[], wish: TableWish, label: string): number[] | null {
  const names = targetNames(wish);
  if (names !== null) return names.map((name) => positionOf(columns, name, 'target', label));
  const { labelColumn } = wish;
  if (labelColumn === undefined) return null;
  if (typeof labelColumn === 'string') return [positionOf(columns, labelColumn, 'labelColumn', label)];
  const position = labelColumn < 0 ? columns.length + labelColumn : labelColumn;
  if (position >= 0 && position < columns.length) return [position];
  return refuseOption('labelColumn', `${label}: labelColumn: ${labelColumn} is outside the ${columns.length} columns`);
}

function positionOf(columns: readonly ColumnName[], name: string, option: string, label: string): number {
  const found = columns.findIndex((column) => column.name === name);
  if (found >= 0) return found;
  return refuseOption(option, `${label}: no column is named ${JSON.stringify(name)}; there are ${shown(columns)}`);
}

type Placed = ColumnName & { readonly position: number };

function findTarget(columns: readonly Placed[], label: string): { targets: number[]; isGuess: boolean } {
  const ask = (found: readonly Placed[]): never => {
    const message = `${label}: each of the columns ${shown(found)} may be the label; name it by the option "target"`;
    throw new AppError('DATASET_AMBIGUOUS', message);
  };
  const classLabels = columns.filter(({ isClassLabel }) => isClassLabel);
  const pairs = columns.filter(({ name }) => twoLabels.has(name.toLowerCase()));
  const named = columns.filter(({ name }) => labelWords.has(name.toLowerCase()));
  for (const found of [classLabels, named, pairs]) {
    if (found.length > 1) return ask(found);
    const [only] = found;
    if (only !== undefined) return { targets: [only.position], isGuess: false };
  }
  const scalars = columns.filter(({ isArray }) => !isArray);
  const last = scalars.at(-1);
  if (last === undefined)
    throw new AppError(
      'DATASET_AMBIGUOUS',
      `${label}: no column is called label, target, class or y; there are ${shown(columns)}; name it by the option "target"`,
    );
  return { targets: [last.position], isGuess: true };
}
