import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memorySource, type Origin } from '../../src/codecs/byte-source.ts';
import { isNumeric, parseField, parseRow, readLines, splitFields } from '../../src/codecs/csv.ts';
import { refuses } from '../support/data-files.ts';

const origin: Origin = { name: 'case.csv', code: 'DATASET_MALFORMED' };

test('lines lose their ends, the byte order mark and blank lines, and keep their numbers', async () => {
  const text = '\ufeffa,b\r\n\n1,2\n  \n3,4';
  const lines = [];
  for await (const some of readLines(memorySource(Buffer.from(text)), origin)) lines.push(...some);
  assert.deepEqual(lines, [
    { line: 'a,b', number: 1 },
    { line: '1,2', number: 3 },
    { line: '3,4', number: 5 },
  ]);
});

test('a character split between two chunks stays whole', async () => {
  const text = `${'x'.repeat(2 ** 18 - 1)}é,1\n`;
  for await (const lines of readLines(memorySource(Buffer.from(text)), origin)) {
    for (const { line } of lines) assert.equal(line, text.trim());
  }
});

test('quoted fields may hold the delimiter and quotes', () => {
  assert.deepEqual(splitFields('"a, b", 1 ,"say ""hi""",', ',', 1, origin), ['a, b', '1', 'say "hi"', '']);
});

test('numbers are decimal only', () => {
  for (const field of ['1', '-2.5', '+.5', '3.', '1e-3', 'NaN', '-inf']) assert.ok(isNumeric(field), field);
  for (const field of ['', '0x10', '1_000', '1e', 'e5', '.', 'one', '1 2']) assert.ok(!isNumeric(field), field);
});

test('a row of digits and a row of other numbers give the same values', () => {
  const values = new Float64Array(3);
  parseRow('1,20,300', ',', values, 1, origin);
  assert.deepEqual([...values], [1, 20, 300]);
  parseRow(' 1.0,"20",3e2', ',', values, 1, origin);
  assert.deepEqual([...values], [1, 20, 300]);
});

const row = (line: string) => async () => parseRow(line, ',', new Float64Array(3), 17, origin);
for (const [title, run, code, message] of [
  ['too few columns', row('1,2'), 'DATASET_MALFORMED', /row 17: expected 3 columns, found 2/],
  ['too many columns', row('1,2,3,4'), 'DATASET_MALFORMED', /row 17: expected 3 columns, found 4/],
  ['an empty field', row('1,,3'), 'DATASET_MALFORMED', /row 17, column 2: the field is empty/],
  ['text', row('1,2,three'), 'DATASET_MALFORMED', /row 17, column 3: "three" is not a number/],
  ['an open quote', row('1,"2,3'), 'DATASET_MALFORMED', /row 17: a quote is not closed/],
  ['NaN', row('nan,2,3'), 'DATASET_INVALID', /row 17, column 1 is nan/],
  ['infinity', row('1,-Infinity,3'), 'DATASET_INVALID', /row 17, column 2 is -Infinity/],
  [
    'a number beyond float32',
    async () => parseField('1e39', 2, 5, origin),
    'DATASET_INVALID',
    /row 2, column 5 is 1e39/,
  ],
] as const) {
  test(`${title} is refused`, () => refuses(run, code, message));
}
