/** Pictures named by a table beside them: labels.csv, train.csv, metadata.csv or metadata.jsonl; the samples are its rows, in their order. */
import { memorySource, type Origin } from '../../codecs/byte-source.ts';
import { type CsvRecord, readRecords, splitFields } from '../../codecs/csv.ts';
import { findDelimiter } from '../../codecs/csv-dialect.ts';
import { readText } from '../../codecs/text.ts';
import { AppError } from '../../errors.ts';
import { missingPart, refuseOption } from '../array-names.ts';
import type { Candidate } from '../candidate.ts';
import { type RawDataset, type RawTargets, type Reading, targetNames } from '../dataset-format.ts';
import { maxTableBytes, readMembers } from '../members.ts';
import { type PartName, partOf } from '../parts.ts';
import { decodeAll, type ImageSize, type PictureTask } from './decode-all.ts';
import { type LabelValue, labelTargets, severalTargets } from './label-values.ts';
import { baseName, folderOf, isPicture, stemOf } from './picture-names.ts';
import { createPixelStore } from './pixel-store.ts';

const tableName =
  /(^|\/)(metadata|labels?|train|training|val|valid|validation|dev|test|testing|annotations?|train_labels|data|index)\.(csv|tsv|jsonl)$/i;
const keyNames = [
  'file_name',
  'filename',
  'image',
  'image_name',
  'image_id',
  'img',
  'id',
  'path',
  'image_path',
  'file',
  'filepath',
];
const labelNames = ['label', 'labels', 'target', 'targets', 'class', 'y'];

/** Tables that may name the pictures; those of class folders only where they are metadata. */
export function findTables(others: readonly string[], pictures: readonly string[]): string[] {
  const tables = others.filter((name) => tableName.test(name));
  const folders = new Set(pictures.map(folderOf));
  const isFlat =
    (folders.size <= 3 &&
      [...folders].every(
        (folder) =>
          folder === '' ||
          partOf(`${folder}/x`) !== null ||
          /(^|\/)(images?|imgs?|pictures|photos|data)$/i.test(folder) ||
          tables.some((table) => folderOf(table) === folder),
      )) ||
    folders.size === 1;
  return isFlat ? tables : tables.filter((name) => /metadata\.(csv|tsv|jsonl)$/i.test(name));
}

interface Row {
  readonly number: number;
  readonly values: ReadonlyMap<string, LabelValue>;
}

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

interface Sample {
  readonly picture: string;
  /** One for each column of labels. */
  readonly labels: readonly LabelValue[];
  readonly place: string;
}

/** Throws DATASET_INVALID naming the table's row for pictures that are not there, DATASET_AMBIGUOUS where columns leave a choice. */
export async function readPictureTable(
  candidate: Candidate,
  pictures: readonly string[],
  names: readonly string[],
  imageSize: ImageSize | undefined,
  reading: Reading,
): Promise<RawDataset> {
  const find = createFinder(pictures);
  const parts = new Map<PartName, Sample[]>();
  let labelNames: readonly string[] = ['label'];
  const tables = await readTables(candidate, names);
  for (const table of tables) {
    const columns = chooseColumns(table, reading, candidate.label, tables.length > 1);
    if (columns === null) continue;
    labelNames = columns.labels;
    const samples = table.rows.map((row) => sampleOf(row, table, columns, find, candidate.label));
    const part = partOf(table.name) ?? 'train';
    parts.set(part, [...(parts.get(part) ?? []), ...samples]);
  }
  const own = parts.get(reading.part);
  if (own === undefined || own.length === 0) throw missingPart(reading.part, [...parts.keys()], candidate.label);
  const used = new Set([...parts.values()].flat().map(({ picture }) => picture));
  const store = createPixelStore(reading.budget, candidate.label);
  const tasks = new Map<string, PictureTask[]>();
  own.forEach(({ picture: name }, row) => {
    tasks.set(name, [...(tasks.get(name) ?? []), { put: (picture) => store.put(row, picture, name) }]);
  });
  const sha256 = await decodeAll(candidate, tasks, imageSize);
  const targetsOf = (samples: readonly Sample[]): RawTargets => targetsOfColumns(labelNames, samples, candidate.label);
  const unnamed = pictures.length - used.size;
  return {
    inputs: [store.finish('images')],
    targets: targetsOf(own),
    parts: [...parts].map(([name, samples]) => ({ name, samples: samples.length })),
    otherTargets: [...parts].filter(([name]) => name !== reading.part).map(([, samples]) => targetsOf(samples)),
    notes: [
      `Labels are those of ${names.join(', ')}.`,
      ...(unnamed > 0 ? [`${unnamed} pictures that no row names were left out.`] : []),
    ],
    sha256,
    locate: (sample) => own[sample]?.place ?? `sample ${sample}`,
  };
}

function targetsOfColumns(names: readonly string[], samples: readonly Sample[], dataset: string): RawTargets {
  const [name = '', second] = names;
  if (second !== undefined) return severalTargets(names, samples, dataset);
  return labelTargets(
    name,
    samples.map(({ labels, place }) => ({ label: labels[0] ?? '', place })),
    dataset,
  );
}

async function readTables(candidate: Candidate, names: readonly string[]): Promise<Table[]> {
  const tables: Table[] = [];
  await readMembers(candidate, {
    wants: (name) => names.includes(name),
    maxMemberBytes: maxTableBytes,
    visit: async (name, bytes) => {
      const origin: Origin = { name: `${candidate.label}: ${name}`, code: 'DATASET_MALFORMED' };
      tables.push(
        /\.jsonl$/i.test(name) ? await readJsonLines(name, bytes, origin) : await readFields(name, bytes, origin),
      );
    },
  });
  return tables.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readFields(name: string, bytes: Uint8Array, origin: Origin): Promise<Table> {
  const records: CsvRecord[] = [];
  for await (const batch of readRecords(memorySource(bytes), origin)) records.push(...batch);
  const delimiter = findDelimiter(records.slice(0, 20), origin);
  const [columns = [], ...fields] = records.map(({ text, row }) => splitFields(text, delimiter, row, origin));
  const rows = fields.map((values, i): Row => {
    const number = records[i + 1]?.row ?? i + 2;
    if (values.length !== columns.length)
      throw new AppError(
        'DATASET_MALFORMED',
        `${origin.name}: row ${number}: expected ${columns.length} columns, found ${values.length}`,
      );
    return { number, values: new Map(columns.map((column, at) => [column, values[at] ?? ''])) };
  });
  return { name, columns, rows };
}

async function readJsonLines(name: string, bytes: Uint8Array, origin: Origin): Promise<Table> {
  const columns = new Set<string>();
  const rows: Row[] = [];
  let text = '';
  for await (const part of readText(memorySource(bytes), origin)) text += part;
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const values = Object.entries(parseObject(line, i + 1, origin)).map(
      ([key, value]) => [key, asLabel(value)] as const,
    );
    for (const [key] of values) columns.add(key);
    rows.push({ number: i + 1, values: new Map(values) });
  }
  return { name, columns: [...columns], rows };
}

function parseObject(line: string, number: number, origin: Origin): object {
  const refuse = (cause?: unknown): never => {
    throw new AppError('DATASET_MALFORMED', `${origin.name}: line ${number} is not a JSON object`, { cause });
  };
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : refuse();
  } catch (cause) {
    return refuse(cause);
  }
}

const asLabel = (value: unknown): LabelValue =>
  Array.isArray(value) ? value.map(String) : typeof value === 'object' ? '' : String(value);

interface Columns {
  readonly key: string;
  readonly labels: readonly string[];
}

/** Null for a table without labels beside others: the test set of a competition. */
function chooseColumns(table: Table, reading: Reading, label: string, isOneOfSeveral: boolean): Columns | null {
  const where = `${label}: ${table.name}`;
  const known = (names: readonly string[]) =>
    names
      .map((name) => table.columns.find((column) => column.toLowerCase() === name))
      .find((column) => column !== undefined);
  const key =
    known(keyNames) ?? table.columns.find((column) => isPicture(String(table.rows[0]?.values.get(column) ?? '')));
  if (key === undefined)
    throw new AppError(
      'DATASET_AMBIGUOUS',
      `${where}: no column names the pictures (columns ${table.columns.join(', ')}); call it file_name`,
    );
  const others = table.columns.filter((column) => column !== key && column !== '');
  const given = targetNames(reading);
  if (given !== null) {
    const missing = given.find((name) => !others.includes(name));
    if (missing !== undefined)
      return refuseOption(
        'target',
        `${where}: holds no column ${JSON.stringify(missing)}; there are ${others.join(', ')}`,
      );
    return { key, labels: given };
  }
  const found =
    known(labelNames.filter((name) => name !== key.toLowerCase())) ?? (others.length === 1 ? others[0] : undefined);
  if (found !== undefined) return { key, labels: [found] };
  if (others.length === 0 && isOneOfSeveral) return null;
  throw new AppError(
    'DATASET_AMBIGUOUS',
    `${where}: which column is the label? There are ${others.join(', ') || 'none but the names of the pictures'}; name it by the option "target", several numbers by a list of names`,
  );
}

function sampleOf(row: Row, table: Table, { key, labels }: Columns, find: Finder, dataset: string): Sample {
  const value = row.values.get(key);
  const place = `${table.name}, row ${row.number}`;
  const picture = typeof value === 'string' && value !== '' ? find(value, folderOf(table.name)) : undefined;
  if (picture === undefined)
    throw new AppError('DATASET_INVALID', `${dataset}: ${place}: there is no picture ${JSON.stringify(value ?? '')}`);
  const given = labels.map((label) => {
    const own = row.values.get(label);
    if (own === undefined || own === '')
      throw new AppError('DATASET_INVALID', `${dataset}: ${place}: "${label}" is empty; fill it or drop the row`);
    return own;
  });
  return { picture, labels: given, place };
}

type Finder = (name: string, folder: string) => string | undefined;

/** By path beside the table, by whole path, by base name, with the extension or without; what is not unique does not count. */
function createFinder(pictures: readonly string[]): Finder {
  const byPath = new Map<string, string | null>();
  const add = (key: string, name: string) => byPath.set(key, byPath.has(key) && byPath.get(key) !== name ? null : name);
  const paths = new Set(pictures);
  for (const name of pictures) {
    const folder = folderOf(name);
    for (const key of new Set([
      folder === '' ? stemOf(name) : `${folder}/${stemOf(name)}`,
      `*/${baseName(name)}`,
      `*/${stemOf(name)}`,
    ]))
      add(key, name);
  }
  return (given, folder) => {
    const name = given.replace(/^\.\//, '');
    const beside = folder === '' ? name : `${folder}/${name}`;
    for (const wanted of [beside, name]) if (paths.has(wanted)) return wanted;
    for (const key of [beside, name, `*/${baseName(name)}`]) {
      const found = byPath.get(key);
      if (typeof found === 'string') return found;
    }
    return undefined;
  };
}
