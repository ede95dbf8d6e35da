/** WebDataset: a tar of samples, files of one key side by side: KEY.jpg with KEY.cls, KEY.png with KEY.json, KEY.npy; one tar, or a folder of shards. */
import { malformed, memorySource, type Origin, readBytes } from '../../codecs/byte-source.ts';
import { readNpy } from '../../codecs/npy.ts';
import { maxPictureFileBytes } from '../../codecs/pictures/picture.ts';
import { readTar } from '../../codecs/tar.ts';
import { AppError } from '../../errors.ts';
import { type Candidate, isData } from '../candidate.ts';
import { defineFormat, raggedOptions } from '../dataset-format.ts';
import { imageSizeOption } from '../pictures/options.ts';
import { isPicture } from '../pictures/picture-names.ts';
import { noHints } from '../table/columns.ts';
import { readParts, tableFiles } from '../table/read-parts.ts';
import { type CellValue, createValueColumns } from '../table/value-columns.ts';

const labelFile = /\.(cls2?|index|inx|id)$/i;
const sideFile = /\.(cls2?|index|inx|id|json|npy|txt|text)$/i;
const pickled = /\.(py[db]?|pickle|pkl|pth|pt)$/i;

/** Files of a sample share the path up to the first dot of the base name. */
function parseName(name: string): { readonly key: string; readonly kind: string } {
  const start = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', start);
  return dot < 0 ? { key: name, kind: '' } : { key: name.slice(0, dot), kind: name.slice(dot + 1).toLowerCase() };
}

/** Of the first members: some key has a file that says something about another one, or is an array with a label. */
function hasKeys(members: readonly string[]): boolean {
  const kinds = new Map<string, Set<string>>();
  for (const name of members) {
    const { key, kind } = parseName(name);
    kinds.set(key, (kinds.get(key) ?? new Set()).add(kind));
  }
  return members.some((name) => sideFile.test(name)) && [...kinds.values()].some((own) => own.size > 1);
}

const isShard = ({ kind, members }: Candidate) => kind === 'tar' && hasKeys(members);

export const webdataset = defineFormat({
  name: 'webdataset',
  summary: 'WebDataset: tar files whose members of one key are a sample: pictures or arrays (npy) with cls or json.',
  options: { ...raggedOptions, ...imageSizeOption },
  conventions: [
    { what: 'KEY.jpg with KEY.cls', example: 'train-000000.tar' },
    { what: 'KEY.png with KEY.json {"label": 2}', example: 'train-000000.tar' },
    { what: 'KEY.npy with KEY.cls', example: 'arrays.tar' },
    {
      what: 'shards of the parts: train-000000.tar, val-000000.tar',
      example: 'shards/',
      options: { part: 'validation' },
    },
  ],
  recognise(candidate) {
    if (isShard(candidate)) return 'is a tar archive whose files come by keys (KEY.jpg with KEY.cls)';
    return candidate.kind === 'folder' && tableFiles(candidate, /\.(tar|tgz)$/i) ? 'is a folder of tar shards' : null;
  },
  read(candidate, { padTo, padValue, imageSize }, reading) {
    const padding = { padTo: padTo ?? null, padValue };
    return readParts(candidate, /\.(tar|tgz)$/i, reading, noHints, async ({ content, origin }, budget, choose) => {
      const columns = createValueColumns({ ...reading, padding, imageSize }, budget, origin);
      const keys: string[] = [];
      let sample = new Map<string, CellValue>();
      const flush = async (next: string | null) => {
        const key = keys.at(-1);
        if (key !== undefined) await columns.add(sample, key);
        sample = new Map();
        if (next !== null) keys.push(next);
      };
      for await (const entry of readTar(content, origin)) {
        const name = entry.name.replace(/^(\.\/)+/, '');
        if (!isData(name)) continue;
        const { key } = parseName(name);
        if (keys.at(-1) !== key) await flush(key);
        const inside: Origin = { ...origin, name: `${origin.name}: ${name}` };
        if (entry.size > maxPictureFileBytes)
          throw new AppError(
            'DATASET_TOO_LARGE',
            `${inside.name}: ${entry.size} bytes are more than a sample may have`,
          );
        const bytes = await readBytes(entry.content, entry.size, 'the file', inside);
        for (const [column, value] of await readMember(name, bytes, inside)) sample.set(column, value);
      }
      await flush(null);
      const names = columns.names();
      const hasLabel = names.some(({ name }) => name === 'cls');
      const chosen = choose(
        names,
        reading.target === undefined && hasLabel ? { ...reading, target: 'cls' } : reading,
        origin.name,
      );
      return {
        columns: await columns.finish(),
        chosen,
        notes: chosen.notes,
        locate: (row) => `sample ${keys[row] ?? row}`,
      };
    });
  },
});

/** Pictures are called image whatever their kind, labels cls; members of a JSON object by their own names. */
async function readMember(name: string, bytes: Uint8Array, origin: Origin): Promise<[string, CellValue][]> {
  const { kind } = parseName(name);
  if (pickled.test(name))
    malformed(
      origin,
      'is a Python pickle, which runs code when it is opened; write arrays as .npy, labels as .cls or .json',
    );
  if (isPicture(name))
    return [[kind.includes('.') ? kind.replace(/\.[^.]*$/, '') : 'image', { kind: 'encoded', bytes }]];
  if (labelFile.test(name)) return [['cls', scalarOf(new TextDecoder().decode(bytes).trim())]];
  if (/\.json$/i.test(name)) return jsonMembers(bytes, origin);
  if (/\.npy$/i.test(name)) {
    const { elements, shape } = await readNpy(memorySource(bytes), maxPictureFileBytes, origin);
    return [[kind, { kind: 'numbers', values: shape.length === 0 ? [elements[0]] : nested(elements, shape) }]];
  }
  if (/\.(txt|text)$/i.test(name)) return [[kind, { kind: 'text', text: new TextDecoder().decode(bytes).trim() }]];
  return [[kind, { kind: 'unusable', problem: `holds files .${kind}, which are not read` }]];
}

const scalarOf = (text: string): CellValue =>
  /^[+-]?\d+(\.\d+)?$/.test(text) ? { kind: 'numbers', values: [Number(text)] } : { kind: 'text', text };

function jsonMembers(bytes: Uint8Array, origin: Origin): [string, CellValue][] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    return malformed(origin, 'is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) return [['json', asCell(value)]];
  return Object.entries(value).map(([member, content]) => [member, asCell(content)]);
}

function asCell(value: unknown): CellValue {
  if (typeof value === 'number') return { kind: 'numbers', values: [value] };
  if (typeof value === 'boolean') return { kind: 'text', text: value ? 'True' : 'False' };
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (Array.isArray(value)) return { kind: 'numbers', values: value };
  return { kind: 'unusable', problem: 'holds objects or missing values' };
}

/** Row-major numbers as nested lists. */
function nested(elements: ArrayLike<number>, [extent = 0, ...rest]: readonly number[], start = 0): unknown[] {
  if (rest.length === 0) return Array.from({ length: extent }, (_, i) => elements[start + i]);
  const step = rest.reduce((product, other) => product * other, 1);
  return Array.from({ length: extent }, (_, i) => nested(elements, rest, start + i * step));
}
