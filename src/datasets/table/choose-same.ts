/** The label and the inputs of tables that must have the same columns: chosen of the first, held to by the others. */
import { AppError } from '../../errors.ts';
import { type ChosenColumns, type ColumnName, chooseColumns, type TableWish } from './choose-columns.ts';

export type ChooseSame = (names: readonly ColumnName[], wish: TableWish, label: string) => ChosenColumns;

/** Throws as `chooseColumns`; DATASET_INVALID for a table whose columns differ from those of the first. */
export function chooseSame(): ChooseSame {
  let first: { names: string; chosen: ChosenColumns } | null = null;
  return (names, wish, label) => {
    const own = names.map(({ name }) => JSON.stringify(name)).join(', ');
    first ??= { names: own, chosen: chooseColumns(names, wish, label) };
    if (first.names !== own)
      throw new AppError(
        'DATASET_INVALID',
        `${label}: has the columns ${own}; the first of the dataset has ${first.names}`,
      );
    return first.chosen;
  };
}
