/** Arrow files and streams: Feather version 2 of pandas, polars' write_ipc, and folders that Dataset.save_to_disk of Hugging Face wrote. */
import { readFile } from 'node:fs/promises';
import { isArrowFile, isArrowStream, readArrow } from '../../codecs/arrow.ts';
import { malformed, readBytes } from '../../codecs/byte-source.ts';
import { AppError } from '../../errors.ts';
import { createCollector } from '../arrow/collectors.ts';
import { contentOfField } from '../arrow/fields.ts';
import { type Candidate, memberPath } from '../candidate.ts';
import { defineFormat, raggedOptions } from '../dataset-format.ts';
import { classLabelsOf } from '../parquet/schema.ts';
import { imageSizeOption } from '../pictures/options.ts';
import { paddingOf } from '../table/array-cells.ts';
import { noHints } from '../table/columns.ts';
import { readParts, tableFiles } from '../table/read-parts.ts';

const extension = /\.(arrow|feather|ipc)$/i;

export const arrow = defineFormat({
  name: 'arrow',
  summary: 'Arrow IPC files and streams: Feather version 2, polars, folders of Dataset.save_to_disk (Hugging Face).',
  options: { ...raggedOptions, ...imageSizeOption },
  mayCrash: true,
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
    const listed = await withListedFiles(candidate);
    return readParts(listed, extension, reading, noHints, async ({ content, file, origin, isGzip }, budget, choose) => {
      if (isGzip) malformed(origin, 'an Arrow file must not be compressed again: its buffers can be (lz4, zstd)');
      if (file.size > budget.left())
        throw new AppError(
          'DATASET_TOO_LARGE',
          `${origin.name}: ${file.size} bytes are more than the limit leaves (${budget.left()})`,
        );
      const table = await readArrow(
        await readBytes(content, file.size, 'the file', origin),
        // Numbers are kept in half of the bytes, or less, that the widest types take.
        2 * budget.left(),
        origin,
      );
      const classNames = classLabelsOf(table.metadata.get('huggingface'));
      const contents = table.fields.map(({ type }) => contentOfField(type));
      const names = table.fields.map(({ name }, i) => ({
        name,
        isClassLabel: classNames.has(name),
        isArray: contents[i]?.kind === 'arrays' || contents[i]?.kind === 'pictures',
      }));
      const chosen = choose(names, reading, origin.name);
      const targets = new Set(chosen.targets);
      const wanted = new Set([...chosen.inputs, ...chosen.targets]);
      const collectors = contents.map((column, i) => {
        const own = paddingOf(table.fields[i]?.name ?? '', targets.has(i), padding, reading);
        const options = { padding: own, imageSize, budget, origin };
        return wanted.has(i) ? createCollector(table.fields[i]?.name ?? '', column, options) : null;
      });
      let rows = 0;
      for (const batch of table.batches()) {
        rows += batch.numRows;
        budget.checkRows(rows, origin.name);
        for (const [i, collector] of collectors.entries()) await collector?.add(table.vector(batch, i));
      }
      const columns = await Promise.all(collectors.map((collector) => collector?.finish(rows) ?? null));
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
