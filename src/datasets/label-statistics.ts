/** The distinct numbers of label columns and how often each occurs: class ids are distinguished from quantities by them. */
import { type Column, forEachRow } from './column.ts';

export interface LabelCounts {
  /** Distinct numbers in numeric order, the mark of ignored positions left out. */
  readonly values: readonly number[];
  /** Labels counted, the ignored left out. */
  readonly total: number;
}

/** Above this number of distinct values nothing is counted any more: they are no class ids. */
export const maxDistinct = 100_000;

/** Null when there are more than `maxDistinct` distinct numbers. */
export function countLabels(columns: readonly Column[], ignored: number | null): LabelCounts | null {
  const seen = new Set<number>();
  let total = 0;
  for (const column of columns) {
    for (const { data } of column.blocks) {
      for (const value of data) {
        if (value === ignored) continue;
        seen.add(value);
        total++;
      }
      if (seen.size > maxDistinct) return null;
    }
  }
  return { values: [...seen].sort((a, b) => a - b), total };
}

/**
 * Why the numbers are hardly class ids; null when they may be. A guess by position must look like class ids, a column called a label only must not look
 * like a quantity.
 */
export function whyImprobable({ values, total }: LabelCounts, isGuess: boolean): string | null {
  const distinct = values.length;
  const [low, high] = [values[0] ?? 0, values[distinct - 1] ?? 0];
  const share = distinct / (high - low + 1);
  const shown = `${distinct} different whole numbers from ${low} to ${high} in ${total} samples`;
  const isRare = distinct > 10 && total < 2 * distinct;
  const isSparse = distinct > 20 && share < 0.5;
  const isVast = distinct > 1000 && total < 20 * distinct;
  if (isRare || isSparse || isVast) return shown;
  return isGuess && (distinct > 50 || (distinct > 10 && share < 0.75)) ? shown : null;
}

/** Calls `visit` for every number of the column with the sample that it belongs to. */
export function forEachLabel(column: Column, visit: (label: number, sample: number, index: number) => void): void {
  let index = 0;
  forEachRow(column, null, (data, at, row) => {
    for (let i = 0; i < column.rowSize; i++) visit(data[at + i] as number, row, index++);
  });
}
