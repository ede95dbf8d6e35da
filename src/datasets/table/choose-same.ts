/** The label and the inputs of tables that must have the same columns: chosen of the first, found by their names in the others. */
import { AppError } from '../../errors.ts';
import { type ChosenColumns, type ColumnName, chooseColumns, type TableWish } from './choose-columns.ts';

export type ChooseSame = (names: readonly ColumnName[], wish: TableWish, label: string) => ChosenColumns;

interface FirstTable {
  readonly names: readonly string[];
  readonly chosen: ChosenColumns;
}

/**
 * For the tables of one dataset, one after the other. Columns may come in another order; where the option "inputs" says which are wanted, tables may have
 * further ones.
 *
 * @returns a function that throws as `chooseColumns`, and DATASET_INVALID for a table whose columns differ from those of the first
 *   (`details.lacksTarget` where nothing but the targets is missing)
 */
export function chooseSame(): ChooseSame {
  let first: FirstTable | null = null;
  return (columns, wish, label) => {
    const names = columns.map(({ name }) => name);
    if (first === null) first = { names, chosen: chooseColumns(columns, wish, label) };
    else if (String(names) !== String(first.names)) return chooseByName(first, names, wish, label);
    return first.chosen;
  };
}

function chooseByName(first: FirstTable, names: readonly string[], wish: TableWish, label: string): ChosenColumns {
  const { targets, inputs } = first.chosen;
  const wanted =
    wish.inputs === undefined ? first.names : [...targets, ...inputs].map((position) => first.names[position] ?? '');
  const missing = wanted.filter((name) => !names.includes(name));
  const further = wish.inputs === undefined ? names.filter((name) => !first.names.includes(name)) : [];
  const isTwice = new Set(names).size < names.length;
  if (missing.length > 0 || further.length > 0 || isTwice) {
    const targetNames = targets.map((position) => first.names[position]);
    throw new AppError(
      'DATASET_INVALID',
      `${label}: has the columns ${shown(names)}; the first table of the dataset has ${shown(first.names)}: all must have the same`,
      {
        details: {
          lacksTarget: !isTwice && further.length === 0 && missing.every((name) => targetNames.includes(name)),
        },
      },
    );
  }
  const place = (position: number) => names.indexOf(first.names[position] ?? '');
  return { ...first.chosen, targets: targets.map(place), inputs: inputs.map(place) };
}

const shown = (names: readonly string[]) =>
  `${names
    .slice(0, 20)
    .map((name) => JSON.stringify(name))
    .join(', ')}${names.length > 20 ? `, ... (${names.length})` : ''}`;
