import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memorySource, type Origin } from '../../src/codecs/byte-source.ts';
import { isDecimal, isMissing, parseDigits, parseNumber, readRecords, splitFields } from '../../src/codecs/csv.ts';
import { findDecimalMark, findDelimiter, hasHeader } from '../../src/codecs/csv-dialect.ts';
import { refuses } from '../support/data-files.ts';

const origin: Origin = { name: 'case.csv', code: 'DATASET_MALFORMED' };

async function records(text: string | Uint8Array) {
  const all = [];
  for await (const some of readRecords(memorySource(Buffer.from(text)), origin)) all.push(...some);
  return all;
}

test('records lose their ends, the byte order mark, comments and blank lines, and keep their numbers', async () => {
  assert.deepEqual(await records('\ufeffa,b\r\n\n1,2\n  \n# note\n3,4'), [
    { text: 'a,b', row: 1 },
    { text: '1,2', row: 3 },
    { text: '3,4', row: 6 },
  ]);
});

test('a quoted line end belongs to its record, and an inch mark opens nothing', async () => {
  assert.deepEqual(await records('"a\n""b",1\n5" pipe,2\nx,3\n'), [
    { text: '"a\n""b",1', row: 1 },
    { text: '5" pipe,2', row: 3 },
    { text: 'x,3', row: 4 },
  ]);
});

test('a character and a line end split between two chunks stay whole', async () => {
  const start = 'x'.repeat(2 ** 18 - 1);
  assert.deepEqual(await records(`${start}é,1\n`), [{ text: `${start}é,1`, row: 1 }]);
  assert.deepEqual(await records(`${start}\r\n2`), [
    { text: start, row: 1 },
    { text: '2', row: 2 },
  ]);
});

test('quoted fields may hold the delimiter and quotes', () => {
  assert.deepEqual(splitFields('"a, b", 1 ,"say ""hi""",', ',', 1, origin), ['a, b', '1', 'say "hi"', '']);
});

test('numbers are decimal only', () => {
  for (const field of ['1', '-2.5', '+.5', '3.', '1e-3']) assert.ok(isDecimal(field), field);
  for (const field of ['', '0x10', '1_000', '1e', 'e5', '.', 'one', '1 2', 'NaN', '-inf'])
    assert.ok(!isDecimal(field), field);
  for (const field of ['', 'NaN', '?', 'NA', 'null']) assert.ok(isMissing(field), field);
});

test('a row of digits is read without strings, other rows are left to the slow way', () => {
  const values = new Float64Array(3);
  assert.ok(parseDigits('1,20,300', 44, values));
  assert.deepEqual([...values], [1, 20, 300]);
  for (const text of ['1,2', '1,2,3,4', '1,,3', '1,2,x', '1,2,3.5', '-1,2,3'])
    assert.ok(!parseDigits(text, 44, values), text);
});

const place = () => 'row 2, column "a"';
test('a decimal comma is a point, text is no number', () => {
  assert.equal(parseNumber('1,5', true, place), 1.5);
  assert.equal(parseNumber('1,5', false, place), null);
  assert.equal(parseNumber('three', false, place), null);
});

for (const [title, run, code, message] of [
  ['an open quote', () => records('a,b\n"2,3\n4,5'), 'DATASET_MALFORMED', /row 2: a quote is not closed/],
  [
    'text behind a quote',
    async () => splitFields('"a"b,1', ',', 3, origin),
    'DATASET_MALFORMED',
    /row 3: text follows/,
  ],
  ['infinity', async () => parseNumber('-Infinity', false, place), 'DATASET_INVALID', /row 2, column "a" is -Infinity/],
  ['a number beyond float32', async () => parseNumber('1e39', false, place), 'DATASET_INVALID', /is 1e39/],
  [
    'bytes of another encoding',
    () => records(Uint8Array.of(97, 10, 98, 0xe9, 10)),
    'DATASET_MALFORMED',
    /UTF-8: row 2/,
  ],
] as const) {
  test(`${title} is refused`, () => refuses(run, code, message));
}

const rowsOf = (lines: readonly string[]) => lines.map((text, i) => ({ text, row: i + 1 }));
for (const [lines, delimiter] of [
  [['a,b', '1,2'], ','],
  [['a;b', '1,5;2,5'], ';'],
  [['a\tb c', '1,5\t2'], '\t'],
  [['  1.0   2', ' 3 4'], 'blanks'],
  [['a|b', '1|2'], '|'],
] as const) {
  test(`${JSON.stringify(lines)} is separated by ${JSON.stringify(delimiter)}`, () =>
    assert.equal(findDelimiter(rowsOf(lines), origin), delimiter));
}

for (const [rows, expected] of [
  [
    [
      ['a', 'b'],
      ['1', '2'],
    ],
    true,
  ],
  [
    [
      ['5.1', 'setosa'],
      ['4.9', 'virginica'],
    ],
    false,
  ],
  [
    [
      ['a', 'a'],
      ['1', '2'],
    ],
    true,
  ],
  [
    [
      ['1', '2'],
      ['3', '4'],
    ],
    false,
  ],
  [
    [
      ['0', '1', '2', 'label'],
      ['5', '6', '7', 'x'],
    ],
    true,
  ],
  [
    [
      ['x', '1'],
      ['y', '2'],
    ],
    false,
  ],
  [
    [
      ['2001', '2002'],
      ['3', '4'],
    ],
    false,
  ],
] as const) {
  test(`${JSON.stringify(rows[0])} ${expected ? 'holds names' : 'is data'}`, () =>
    assert.equal(hasHeader(rows), expected));
}

test('commas are decimal marks where nothing else says so', () => {
  assert.equal(findDecimalMark([['1,5', '2,75']], ';'), 'comma');
  assert.equal(findDecimalMark([['1,234', '2.5']], ';'), 'point');
  assert.equal(findDecimalMark([['1,234', '12,500']], ';'), 'unclear');
  assert.equal(findDecimalMark([['1', '2']], ','), 'point');
});

test('a quoted field of sixteen million characters is one field', () => {
  const long = 'x'.repeat(16e6);
  assert.deepEqual(splitFields(`"${long}", "a""b" ,1`, ',', 1, origin), [long, 'a"b', '1']);
});

test('a million lines within a quote are one record: the work grows with the lines', { timeout: 60_000 }, async () => {
  const field = `"${'\n'.repeat(1e6)}"`;
  assert.deepEqual(await records(`a,b\n${field},1\n2,3`), [
    { text: 'a,b', row: 1 },
    { text: `${field},1`, row: 2 },
    { text: '2,3', row: 1_000_003 },
  ]);
});

test('a quote that is never closed is refused at a record of 2^24 characters', { timeout: 60_000 }, () =>
  refuses(() => records(`a,b\n"1,2\n${'3,4\n'.repeat(5e6)}`), 'DATASET_MALFORMED', /row 2 is longer than 16777216/),
);
