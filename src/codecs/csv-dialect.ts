/** Determines the dialect of a table from its first records: the field separator, whether the first record is a header, and the decimal mark. */
import type { Origin } from './byte-source.ts';
import { type CsvRecord, type Delimiter, isDecimal, isMissing, splitFields } from './csv.ts';

/** Ordered by preference. The semicolon precedes the comma, because it is used where commas are decimal marks. */
const delimiters: readonly Delimiter[] = ['\t', ';', ',', '|', 'blanks'];

/** The separator that gives every record the same number of fields, more than one; a comma if there is none. */
export function findDelimiter(records: readonly CsvRecord[], origin: Origin): Delimiter {
  const counts = (delimiter: Delimiter) => records.map(({ text, row }) => countFields(text, delimiter, row, origin));
  const even = delimiters.find((delimiter) => {
    const [first = 0, ...rest] = counts(delimiter);
    return first > 1 && rest.every((count) => count === first);
  });
  if (even !== undefined) return even;
  // The majority of records decides: a record of another length must not change the result, and is reported by its own error.
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
/** Numbers such as 1,234, in which the comma may separate thousands or be a decimal mark. */
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

/** True for numbers in any notation and for missing values, which rows of data have and headers have not. */
const isValue = (field: string) => isDecimal(field) || isMissing(field) || decimalComma.test(field);

/**
 * True when the first row is a header: one of its fields is text where the rows below have numbers, or all of its fields are different texts, or its
 * numbers count the columns from 0, as pandas writes columns without names.
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
