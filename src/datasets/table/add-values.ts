/** Values as columnar libraries hand them over, put into cells. */
import type { ScalarCells } from './cells.ts';

/** Returns the first integer that float64 cannot hold. */
export function addScalars(cells: ScalarCells, values: ArrayLike<unknown>): bigint | null {
  let huge: bigint | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'number') {
      if (Number.isNaN(value)) cells.missing();
      else cells.number(value);
    } else if (typeof value === 'bigint') {
      if (value > 2n ** 53n || value < -(2n ** 53n)) huge ??= value;
      cells.number(Number(value));
    } else if (typeof value === 'boolean') cells.number(value ? 1 : 0);
    else if (typeof value === 'string') cells.text(value);
    else cells.missing();
  }
  return huge;
}
