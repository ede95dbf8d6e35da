/** JSON: lines of one object each, one array of objects, or one object of arrays { x, y }. Scalar members are columns, arrays are inputs of their own. */
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import { headText, isText, readText } from '../../codecs/text.ts';
import type { Budget } from '../budget.ts';
import type { Candidate } from '../candidate.ts';
import type { DataFile } from '../data-file.ts';
import { defineFormat, raggedOptions } from '../dataset-format.ts';
import { noHints } from '../table/columns.ts';
import { type ReadTable, readParts, tableFiles } from '../table/read-parts.ts';
import { createRecordColumns, type RecordColumns } from '../table/record-columns.ts';

const extension = /\.(jsonl|ndjson|json)$/i;
const maxLineCharacters = 2 ** 26;

export const json = defineFormat({
  name: 'json',
  summary:
    'JSON lines (an object a line), an array of objects, or { "x": [...], "y": [...] }; scalars are columns, arrays are inputs.',
  options: raggedOptions,
  conventions: [
    {
      what: 'JSON lines: {"a": 1.5, "b": 2, "species": "setosa"}',
      example: 'iris.jsonl',
      options: { target: 'species' },
    },
    { what: 'JSON lines with arrays: {"x": [[...]], "label": 3}', example: 'train.jsonl' },
    { what: 'token ids of different lengths', example: 'tokens.jsonl', options: { padTo: 128, padValue: 0 } },
    { what: 'one document: {"x": [[...], ...], "y": [...]}', example: 'data.json' },
  ],
  recognise(candidate) {
    if (candidate.kind === 'folder')
      return tableFiles(candidate, /\.(jsonl|ndjson)$/i) ? 'is a folder of JSON lines' : null;
    if (candidate.kind !== 'file' || !isText(candidate.head)) return null;
    const text = headText(candidate.head).trimStart();
    if (/^\{\s*"/.test(text)) return isLines(candidate) ? 'is text with a JSON object a line' : 'is a JSON object';
    return /^\[\s*\{/.test(text) ? 'is a JSON array of objects' : null;
  },
  read(candidate, { padTo, padValue }, reading) {
    const padding = { padTo: padTo ?? null, padValue };
    return readParts(candidate, extension, reading, noHints, (file, budget, choose) => {
      const columns = createRecordColumns({ ...reading, padding, choose }, budget, file.origin);
      return isLines(candidate) || candidate.kind === 'folder'
        ? readLines(file, columns)
        : readDocument(file, columns, budget);
    });
  },
});

/** One object a line: the first line is whole, or so long that its end is not in sight. */
function isLines({ name, head }: Candidate): boolean {
  if (/\.(jsonl|ndjson)$/.test(name)) return true;
  const [line = '', next] = headText(head).trimStart().split(/\r?\n/);
  return next !== undefined && isObject(line) && (next.trim() === '' || next.trimStart().startsWith('{'));
}

function isObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

async function readLines({ content, origin }: DataFile, columns: RecordColumns): Promise<ReadTable> {
  let rest = '';
  let row = 0;
  const rows: number[] = [];
  const add = (line: string) => {
    row++;
    if (line.trim() === '') return;
    columns.add(parseLine(line, row, origin), `row ${row}`);
    rows.push(row);
  };
  for await (const text of readText(content, origin)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineCharacters)
      malformed(origin, `row ${row + 1} is longer than ${maxLineCharacters} characters`);
    for (const line of lines) add(line);
  }
  add(rest);
  return { ...columns.finish(), locate: (sample) => `row ${rows[sample] ?? sample + 1}` };
}

function parseLine(line: string, row: number, origin: Origin): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    const [constant] = /\b(NaN|-?Infinity)\b/.exec(line) ?? [];
    const why = constant
      ? `${constant} is no JSON: json.dumps writes it for a missing value; fill it in (allow_nan=False finds the place)`
      : cause instanceof Error
        ? cause.message
        : 'it cannot be parsed';
    return malformed(origin, `row ${row} is not JSON: ${why}`, cause);
  }
}

/** A document is in memory as a whole, some ten times its bytes. */
const documentExpansion = 10;

async function readDocument({ content, origin }: DataFile, columns: RecordColumns, budget: Budget): Promise<ReadTable> {
  const texts: string[] = [];
  let characters = 0;
  for await (const text of readText(content, origin)) {
    characters += text.length;
    if (characters * documentExpansion > budget.left())
      malformed(
        origin,
        `is one JSON document of more than ${characters} characters, which is too large to be read at once; write JSON lines`,
      );
    texts.push(text);
  }
  const document = parseLine(texts.join(''), 1, origin);
  if (Array.isArray(document)) {
    for (const [i, record] of document.entries()) columns.add(record, `sample ${i}`);
    return { ...columns.finish(), locate: (sample) => `sample ${sample}` };
  }
  columns.addColumns(document);
  return { ...columns.finish(), locate: (sample) => `sample ${sample}` };
}
