/** How a table is written, from its first records: what separates the fields, whether the first record holds names, which character is the decimal mark. */
import type { Origin } from './byte-source.ts';
import { type CsvRecord, type Delimiter, isDecimal, isMissing, splitFields } from './csv.ts';

/** In the order in which they are preferred: a semicolon is there because commas are decimal marks. */
const delimiters: readonly Delimiter[] = ['\t', ';', ',', '|', 'blanks'];

/** The separator that gives every record the same number of fields, more than one; a comma where none does. */
export function findDelimiter(records: readonly CsvRecord[], origin: Origin): Delimiter {
  const counts = (delimiter: Delimiter) => records.map(({ text, row }) => countFields(text, delimiter, row, origin));
  const even = delimiters.find((delimiter) => {
    const [first = 0, ...rest] = counts(delimiter);
    return first > 1 && rest.every((count) => count === first);
  });
  if (even !== undefined) return even;
  // A short or long record must not change what the others say: its own error names it.
  const shares = delimiters.map(
    (delimiter) => [delimiter, counts(delimiter).filter((count) => count > 1).length] as const,
  );
  return shares.find(([, count]) => count === records.length)?.[0] ?? ',';
}

function countFields(text: string, delimiter: Delimiter, row: number, origin: Origin): number {
  try {
    return splitFields(text, delimiter, row, origin).length;
  } catch {
    return 0;
  }
}

const decimalComma = /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/;
/** 1,234 may be a thousand or one and a bit. */
const thousandsLike = /^[+-]?\d{1,3},\d{3}$/;

/** 'comma', 'point', or 'unclear' where every number with a comma could also have a separator of thousands. */
export function findDecimalMark(
  rows: readonly (readonly string[])[],
  delimiter: Delimiter,
): 'point' | 'comma' | 'unclear' {
  if (delimiter === ',') return 'point';
  const fields = rows.flat();
  const withComma = fields.filter((field) => decimalComma.test(field));
  if (withComma.length === 0 || fields.some((field) => /^[+-]?\d+\.\d+$/.test(field))) return 'point';
  return withComma.every((field) => thousandsLike.test(field)) ? 'unclear' : 'comma';
}

/** Numbers in any notation, and missing values: what a row of data has and a row of names does not. */
const isValue = (field: string) => isDecimal(field) || isMissing(field) || decimalComma.test(field);

/**
 * True when the first row holds names: one of its fields is text where the rows below have numbers, or all of its fields are different texts, or its numbers
 * count the columns from 0 as pandas does for columns without names.
 */
export function hasHeader([first = [], ...rest]: readonly (readonly string[])[]): boolean {
  const texts = first.map((field) => field === '' || !isValue(field));
  const isDistinct = new Set(first).size === first.length;
  if (isDistinct && texts.every((isText) => isText)) return true;
  const numbers = first.filter((_, column) => !texts[column]);
  const countsColumns = first.every((field, column) => texts[column] || field === String(column));
  if (isDistinct && countsColumns && numbers.length >= 3 && numbers.length < first.length) return true;
  const columnIsNumeric = (column: number) => {
    const fields = rest.map((row) => row[column] ?? '').filter((field) => !isMissing(field));
    return fields.length > 0 && fields.every(isValue);
  };
  return first.some((field, column) => texts[column] === true && field !== '' && columnIsNumeric(column));
}
