/** Arrow files and streams: Feather version 2 of pandas, polars' write_ipc, and folders that Dataset.save_to_disk of Hugging Face wrote. */
import { readFile } from 'node:fs/promises';
import { type ArrowTable, isArrowFile, isArrowStream, readArrow } from '../../codecs/arrow.ts';
import { type Origin, readBytes } from '../../codecs/byte-source.ts';
import { AppError } from '../../errors.ts';
import { contentOfField, type FieldContent, listValues } from '../arrow/fields.ts';
import type { Budget } from '../budget.ts';
import { type Candidate, memberPath } from '../candidate.ts';
import { defineFormat, raggedOptions } from '../dataset-format.ts';
import { classLabelsOf } from '../parquet/schema.ts';
import type { ImageSize } from '../pictures/decode-all.ts';
import { imageSizeOption } from '../pictures/options.ts';
import { addScalars } from '../table/add-values.ts';
import { createArrayCells, type Padding } from '../table/array-cells.ts';
import { createScalarCells } from '../table/cells.ts';
import { chooseSame } from '../table/choose-same.ts';
import { noHints, type TableColumn } from '../table/columns.ts';
import { addPictures, createPictureCells } from '../table/picture-cells.ts';
import { readParts, tableFiles } from '../table/read-parts.ts';

const extension = /\.(arrow|feather|ipc)$/i;

export const arrow = defineFormat({
  name: 'arrow',
  summary: 'Arrow IPC files and streams: Feather version 2, polars, folders of Dataset.save_to_disk (Hugging Face).',
  options: { ...raggedOptions, ...imageSizeOption },
  conventions: [
    { what: 'pandas: df.to_feather("iris.feather")', example: 'iris.feather' },
    { what: 'Hugging Face: dataset.save_to_disk("ds")', example: 'ds/', options: { part: 'test' } },
  ],
  recognise(candidate) {
    if (candidate.kind === 'file')
      return isArrowFile(candidate.head)
        ? 'begins with ARROW1'
        : isArrowStream(candidate.head)
          ? 'begins as an Arrow stream does'
          : null;
    return candidate.kind === 'folder' && tableFiles(candidate, extension) ? 'is a folder of Arrow files' : null;
  },
  async read(candidate, { padTo, padValue, imageSize }, reading) {
    const padding = { padTo: padTo ?? null, padValue };
    const choose = chooseSame();
    const listed = await withListedFiles(candidate);
    return readParts(listed, extension, reading, noHints, async ({ content, file, origin }, budget) => {
      if (file.size > budget.left())
        throw new AppError(
          'DATASET_TOO_LARGE',
          `${origin.name}: ${file.size} bytes are more than the limit leaves (${budget.left()})`,
        );
      const table = await readArrow(await readBytes(content, file.size, 'the file', origin), origin);
      budget.checkRows(table.rows, origin.name);
      const classNames = classLabelsOf(table.metadata.get('huggingface'));
      const contents = table.fields.map(({ type }) => contentOfField(type));
      const names = table.fields.map(({ name }, i) => ({
        name,
        isClassLabel: classNames.has(name),
        isArray: contents[i]?.kind === 'arrays' || contents[i]?.kind === 'pictures',
      }));
      const chosen = choose(names, reading, origin.name);
      const wanted = new Set([...chosen.inputs, ...chosen.targets]);
      const columns: (TableColumn | null)[] = [];
      for (const [i, column] of contents.entries()) {
        const own = chosen.targets.includes(i) ? { ...padding, padValue: -100 } : padding;
        columns.push(wanted.has(i) ? await readColumn(table, i, column, own, imageSize, budget, origin) : null);
      }
      const scalars = table.fields.flatMap(({ name }, i) =>
        contents[i]?.kind === 'scalars' ? [{ name, ...contents[i] }] : [],
      );
      const hints = {
        classNames,
        booleans: new Set(scalars.filter(({ isBoolean }) => isBoolean).map(({ name }) => name)),
        floats: new Set(scalars.filter(({ isFloat }) => isFloat).map(({ name }) => name)),
      };
      return { columns, chosen, notes: chosen.notes, hints, locate: (row) => `row ${row + 1}` };
    });
  },
});

/** save_to_disk lists its files in state.json; what lies beside them, such as caches, is no data. */
async function withListedFiles(candidate: Candidate): Promise<Candidate> {
  const states = candidate.members.filter((name) => /(^|\/)state\.json$/.test(name));
  if (candidate.kind !== 'folder' || states.length === 0) return candidate;
  const listed = new Set<string>();
  for (const state of states) {
    const folder = state.slice(0, -'state.json'.length);
    const names = [...(await readFile(memberPath(candidate, state), 'utf8')).matchAll(/"filename"\s*:\s*"([^"]+)"/g)];
    for (const [, name = ''] of names) listed.add(`${folder}${name}`);
  }
  const missing = [...listed].find((name) => !candidate.members.includes(name));
  if (missing !== undefined)
    throw new AppError('DATASET_NOT_FOUND', `${candidate.label}: state.json names ${missing}, which is not there`);
  return { ...candidate, members: candidate.members.filter((name) => listed.has(name)) };
}

async function readColumn(
  table: ArrowTable,
  at: number,
  content: FieldContent,
  padding: Padding,
  imageSize: ImageSize | undefined,
  budget: Budget,
  origin: Origin,
): Promise<TableColumn> {
  const name = table.fields[at]?.name ?? '';
  const vectors = table.batches.map((batch) => table.vector(batch, at));
  if (content.kind === 'unusable') return { kind: 'unusable', name, rows: table.rows, problem: content.problem };
  if (content.kind === 'pictures') {
    const cells = createPictureCells(name, imageSize, budget, origin.name);
    for (const vector of vectors) {
      const problem = await addPictures(
        cells,
        (function* () {
          for (const value of vector) yield content.isStruct ? (value?.toJSON?.() ?? value) : value;
        })(),
      );
      if (problem !== null) return { kind: 'unusable', name, rows: table.rows, problem };
    }
    return cells.finish();
  }
  if (content.kind === 'arrays') {
    const cells = createArrayCells(name, content.storage, padding, budget, origin.name);
    for (const vector of vectors) {
      for (const value of vector) {
        if (value === null) cells.missing();
        else cells.add(listValues(value));
      }
    }
    return cells.finish();
  }
  const cells = createScalarCells(name, budget, origin.name);
  let huge: bigint | null = null;
  for (const vector of vectors) {
    for (let start = 0; start < vector.length; start += 4096) {
      const values = Array.from(
        { length: Math.min(4096, vector.length - start) },
        (_, i) => vector.get(start + i) as unknown,
      );
      huge ??= addScalars(cells, values);
    }
  }
  if (huge === null) return cells.finish();
  return {
    kind: 'unusable',
    name,
    rows: table.rows,
    problem: `holds whole numbers such as ${huge}, which no float can tell apart (an id?): leave it out by the option "inputs"`,
  };
}
