/**
 * A strict streaming reader of tables: one record is in memory at a time, and every defect is reported with row and column. Format: RFC 4180 and
 * common deviations from it.
 */
import { AppError } from '../errors.ts';
import { type ByteSource, malformed, type Origin } from './byte-source.ts';
import { readText } from './text.ts';

const maxRecordCharacters = 2 ** 24;

export interface CsvRecord {
  readonly text: string;
  /** Number of the line in which the record begins, from 1. */
  readonly row: number;
}

/** The field separator; 'blanks' means runs of spaces and tabs. */
export type Delimiter = ',' | ';' | '\t' | '|' | 'blanks';

/**
 * The records of a text, in batches. Lines end with LF, CRLF or CR; a quoted field may contain line ends. Blank lines are skipped, and so are lines
 * that begin with # unless the table has a field that does.
 */
export async function* readRecords(source: ByteSource, origin: Origin): AsyncGenerator<CsvRecord[]> {
  const splitter = createSplitter(origin);
  for await (const text of readText(source, origin)) yield splitter.push(text);
  yield splitter.end();
}

function createSplitter(origin: Origin) {
  let rest = '';
  let row = 1;
  /** The lines of a record with an open quoted field, and its first line. Each line is examined once, because there may be millions. */
  let open: OpenRecord | null = null;

  const take = (line: string, records: CsvRecord[]) => {
    const record: OpenRecord = open ?? { lines: [], length: 0, row };
    record.lines.push(line);
    record.length += line.length + 1;
    row++;
    if (record.length - 1 > maxRecordCharacters)
      malformed(origin, `row ${record.row} is longer than ${maxRecordCharacters} characters; is a quote not closed?`);
    const isOpen = open === null ? hasOddQuotes(line) && beginsField(line) : !hasOddQuotes(line);
    open = isOpen ? record : null;
    if (isOpen) return;
    const begins = record.row;
    const text = record.lines.join('\n');
    if (text.trim() !== '' && !text.startsWith('#')) records.push({ text, row: begins });
  };

  const split = (text: string, isEnd: boolean): CsvRecord[] => {
    const records: CsvRecord[] = [];
    // A carriage return at the end of a chunk may be followed by a line feed in the next chunk.
    const held = !isEnd && text.endsWith('\r') ? 1 : 0;
    const lines = text.slice(0, text.length - held).split(text.includes('\r') ? /\r\n|\n|\r/ : '\n');
    rest = (lines.pop() ?? '') + (held ? '\r' : '');
    if (rest.length > maxRecordCharacters)
      malformed(origin, `row ${row + lines.length} is longer than ${maxRecordCharacters} characters`);
    for (const line of lines) take(line, records);
    return records;
  };

  return {
    push: (text: string) => split(rest + text, false),
    end(): CsvRecord[] {
      const records = split(rest, true);
      if (rest !== '') take(rest, records);
      if (open !== null) malformed(origin, `row ${open.row}: a quote is not closed`);
      return records;
    },
  };
}

interface OpenRecord {
  readonly lines: string[];
  /** Number of characters, including one line end per line. */
  length: number;
  readonly row: number;
}

/** True when the number of quotes is odd. */
function hasOddQuotes(line: string): boolean {
  let isOdd = false;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

/** True when a quote begins a field; elsewhere quotes are ordinary characters. */
const beginsField = (line: string) => /(^|[,;|\t])[ ]*"/.test(line);

/** Index of the quote that closes the quoted field beginning at `from`; -1 without one. A doubled quote is a character of the field. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return -1;
}

/** The fields of a record, without surrounding blanks and quotes. A doubled quote inside a quoted field becomes one quote. */
export function splitFields(text: string, delimiter: Delimiter, row: number, origin: Origin): string[] {
  if (delimiter === 'blanks')
    return text
      .trim()
      .split(/[ \t]+/)
      .map(unquote);
  if (!text.includes('"')) return text.split(delimiter).map((field) => field.trim());
  const fields: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const start = at;
    while (text[at] === ' ') at++;
    if (text[at] === '"') {
      const closed = closingQuote(text, at);
      if (closed < 0) return malformed(origin, `row ${row}: a quote is not closed`);
      const inside = text.slice(at + 1, closed);
      at = closed + 1;
      while (text[at] === ' ') at++;
      if (at < text.length && text[at] !== delimiter)
        return malformed(origin, `row ${row}: text follows a closing quote`);
      fields.push(inside.replaceAll('""', '"').trim());
    } else {
      const end = text.indexOf(delimiter, at);
      at = end < 0 ? text.length : end;
      fields.push(text.slice(start, at).trim());
    }
    at++;
  }
  return fields;
}

const unquote = (field: string) => field.replace(/^"(.*)"$/, '$1');

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** True for a decimal number with a decimal point. */
export const isDecimal = (field: string): boolean => decimal.test(field);

/** The texts that pandas reads as missing values, and the ? of the UCI repository. */
const missing = new Set(
  '|?|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null|NAN'.split(
    '|',
  ),
);
export const isMissing = (field: string): boolean => missing.has(field);

/** True for the usual notations of infinity. */
export const isInfinite = (field: string): boolean => /^[+-]?inf(inity)?$/i.test(field);

/**
 * One field as a number; null when it is not a number.
 *
 * @throws DATASET_INVALID naming row and column for numbers beyond the range of float32
 */
export function parseNumber(field: string, hasDecimalComma: boolean, place: () => string): number | null {
  const plain = hasDecimalComma ? field.replace(',', '.') : field;
  if (!decimal.test(plain)) return isInfinite(field) ? tooLarge(field, place) : null;
  const value = Number(plain);
  return Number.isFinite(Math.fround(value)) ? value : tooLarge(field, place);
}

function tooLarge(field: string, place: () => string): never {
  throw new AppError('DATASET_INVALID', `${place()} is ${field}, not a finite float32 number; remove or replace it`);
}

/**
 * True when the record consists of exactly `values.length` unsigned integers of up to 15 digits, which are then stored in `values`. This fast path
 * handles most records without creating strings.
 */
export function parseDigits(text: string, delimiter: number, values: Float64Array): boolean {
  let field = 0;
  let value = 0;
  let digits = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? delimiter : text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      value = value * 10 + code - 48;
      digits++;
      continue;
    }
    if (code !== delimiter || digits === 0 || digits > 15 || field === values.length) return false;
    values[field++] = value;
    value = 0;
    digits = 0;
  }
  return field === values.length;
}
