/** TFRecord files of tf.train.Example: pictures, lists and single numbers under names; a file, gzip or not, or a folder of shards and splits. */
import { readPictureHeader } from '../../codecs/pictures/header.ts';
import { isTfRecord, parseExample, readTfRecords, type TfFeature } from '../../codecs/tfrecord.ts';
import { defineFormat, raggedOptions } from '../dataset-format.ts';
import { imageSizeOption } from '../pictures/options.ts';
import { noHints } from '../table/columns.ts';
import { readParts, tableFiles } from '../table/read-parts.ts';
import { type CellValue, createValueColumns } from '../table/value-columns.ts';

const extension = /\.(tfrecords?|tfrec)(-\d+-of-\d+)?$/i;

export const tfrecord = defineFormat({
  name: 'tfrecord',
  summary: 'TFRecord files of tf.train.Example, plain or gzip: pictures, lists and single numbers, sorted by name.',
  options: { ...raggedOptions, ...imageSizeOption },
  conventions: [
    { what: 'pictures: image/encoded with image/class/label (slim), or image with label', example: 'train.tfrecord' },
    { what: 'single numbers under names, the label called label or target', example: 'table.tfrecord' },
    {
      what: 'shards of a part: NAME-train.tfrecord-00000-of-00004 (TFDS)',
      example: 'mnist/',
      options: { part: 'test' },
    },
  ],
  recognise(candidate) {
    if (candidate.kind === 'file')
      return isTfRecord(candidate.head) ? 'begins with a length and its checksum, as TFRecord does' : null;
    return candidate.kind === 'folder' && tableFiles(candidate, extension) ? 'is a folder of TFRecord files' : null;
  },
  read(candidate, { padTo, padValue, imageSize }, reading) {
    const padding = { padTo: padTo ?? null, padValue };
    return readParts(candidate, extension, reading, noHints, async ({ content, origin }, budget, choose) => {
      const columns = createValueColumns({ ...reading, padding, imageSize }, budget, origin);
      let record = 0;
      const floats = new Set<string>();
      for await (const bytes of readTfRecords(content, origin)) {
        const place = `record ${++record}`;
        const features = parseExample(bytes, place, origin);
        for (const [name, { kind }] of features) if (kind === 'floats') floats.add(name);
        await columns.add(cellsOf(features), place);
      }
      const names = columns.names();
      const slim = names.find(({ name }) => name === 'image/class/label');
      const wish = reading.target === undefined && slim ? { ...reading, target: slim.name } : reading;
      const chosen = choose(names, wish, origin.name);
      const hints = { ...noHints, floats };
      return {
        columns: await columns.finish(),
        chosen,
        notes: chosen.notes,
        hints,
        locate: (row) => `record ${row + 1}`,
      };
    });
  },
});

function cellsOf(features: ReadonlyMap<string, TfFeature>): Map<string, CellValue> {
  return new Map([...features].map(([name, feature]) => [name, cellOf(feature, features)]));
}

function cellOf(feature: TfFeature, all: ReadonlyMap<string, TfFeature>): CellValue {
  if (feature.kind === 'integers' && !feature.isExact)
    return { kind: 'unusable', problem: 'holds whole numbers beyond 2^53, which no float can tell apart' };
  if (feature.kind !== 'bytes') return { kind: 'numbers', values: feature.values };
  const [only, second] = feature.values;
  if (only === undefined || second !== undefined)
    return { kind: 'unusable', problem: 'holds lists of texts or pictures: give one a record' };
  // A copy: the record's own memory is large, and pictures are decoded later.
  if (readPictureHeader(only) !== null) return { kind: 'encoded', bytes: only.slice() };
  const raw = rawPicture(only, all);
  if (raw !== null) return raw;
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(only) };
  } catch {
    return {
      kind: 'unusable',
      problem:
        'holds bytes that are neither a picture nor text; pictures without encoding need height, width and depth beside them',
    };
  }
}

/** image_raw with height, width and depth: the pixels themselves. */
function rawPicture(bytes: Uint8Array, all: ReadonlyMap<string, TfFeature>): CellValue | null {
  const numberOf = (...names: string[]) => {
    const found = names.flatMap((name) => all.get(name) ?? all.get(`image/${name}`) ?? [])[0];
    return found?.kind === 'integers' ? found.values[0] : undefined;
  };
  const [height, width, depth = 1] = [
    numberOf('height', 'rows'),
    numberOf('width', 'cols'),
    numberOf('depth', 'channels'),
  ];
  if (height === undefined || width === undefined || (depth !== 1 && depth !== 3)) return null;
  if (height * width * depth !== bytes.length || bytes.length === 0) return null;
  return { kind: 'picture', picture: { height, width, channels: depth, data: bytes.slice() } };
}
