/** A strict reader of tables of numbers: a line at a time, no more than one line in memory, every defect named by row and column. */
import { AppError } from '../errors.ts';
import { type ByteSource, malformed, type Origin } from './byte-source.ts';

const maxLineCharacters = 2 ** 24;
const chunkBytes = 2 ** 18;

/** The lines of a text with their numbers from 1, without line ends; blank lines are left out. A leading byte order mark is dropped. */
export async function* readLines(
  source: ByteSource,
  origin: Origin,
): AsyncGenerator<{ line: string; number: number }[]> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(chunkBytes);
  let rest = '';
  let number = 0;
  const numbered = (lines: readonly string[]) =>
    lines
      .map((line) => ({ line: line.endsWith('\r') ? line.slice(0, -1) : line, number: ++number }))
      .filter(({ line }) => line.trim() !== '');
  for (let length = await source.pull(chunk); length > 0; length = await source.pull(chunk)) {
    const text = decoder.decode(chunk.subarray(0, length), { stream: true });
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineCharacters)
      malformed(origin, `row ${number + lines.length + 1} is longer than ${maxLineCharacters} characters`);
    yield numbered(lines);
  }
  yield numbered([rest + decoder.decode()]);
}

/** The fields of a line. A quoted field may hold the delimiter and doubled quotes, but no line end. */
export function splitFields(line: string, delimiter: string, row: number, origin: Origin): string[] {
  if (!line.includes('"')) return line.split(delimiter).map((field) => field.trim());
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const start = at;
    while (line[at] === ' ') at++;
    if (line[at] === '"') {
      const [quoted, inside = ''] = /^"((?:[^"]|"")*)"\s*/.exec(line.slice(at)) ?? [];
      if (quoted === undefined) return malformed(origin, `row ${row}: a quote is not closed`);
      at += quoted.length;
      if (at < line.length && line[at] !== delimiter)
        return malformed(origin, `row ${row}: text follows a closing quote`);
      fields.push(inside.replaceAll('""', '"'));
    } else {
      const end = line.indexOf(delimiter, at);
      at = end < 0 ? line.length : end;
      fields.push(line.slice(start, at).trim());
    }
    at++;
  }
  return fields;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const nonFinite = /^[+-]?(?:nan|inf|infinity)$/i;

/** True for a decimal number, and for NaN and infinity as programs write them. */
export function isNumeric(field: string): boolean {
  return decimal.test(field) || nonFinite.test(field);
}

/**
 * One field as a number that float32 can hold. `column` counts from 1.
 *
 * @throws the origin's code for text, DATASET_INVALID for NaN and infinity
 */
export function parseField(field: string, row: number, column: number, origin: Origin): number {
  const value = decimal.test(field) ? Number(field) : Number.NaN;
  if (Number.isFinite(Math.fround(value))) return value;
  const place = `row ${row}, column ${column}`;
  if (field === '') malformed(origin, `${place}: the field is empty; fill it or drop the row`);
  if (!isNumeric(field)) malformed(origin, `${place}: ${JSON.stringify(field.slice(0, 40))} is not a number`);
  throw new AppError('DATASET_INVALID', `${origin.name}: ${place} is ${field}, not a finite float32 number`, {
    details: { file: origin.name, row, column },
  });
}

/**
 * Parses a line into `values`; the usual case, small whole numbers, without making a string of every field.
 *
 * @throws as `parseField`, and the origin's code when the number of fields differs
 */
export function parseRow(line: string, delimiter: string, values: Float64Array, row: number, origin: Origin): void {
  if (parseDigits(line, delimiter.charCodeAt(0), values)) return;
  const fields = splitFields(line, delimiter, row, origin);
  if (fields.length !== values.length)
    malformed(origin, `row ${row}: expected ${values.length} columns, found ${fields.length}`);
  fields.forEach((field, i) => {
    values[i] = parseField(field, row, i + 1, origin);
  });
}

/** True when the line is exactly `values.length` unsigned whole numbers of up to 15 digits. */
function parseDigits(line: string, delimiter: number, values: Float64Array): boolean {
  let field = 0;
  let value = 0;
  let digits = 0;
  for (let at = 0; at <= line.length; at++) {
    const code = at === line.length ? delimiter : line.charCodeAt(at);
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
