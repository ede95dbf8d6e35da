/** Formats that people have and that are not read, by content: each is named, and the way out is said. One row a format. */
import { AppError } from '../errors.ts';
import { type Candidate, startsWith } from './candidate.ts';

interface RefusedFormat {
  /** 'a SQLite database' */
  readonly what: string;
  readonly advice: string;
  matches(candidate: Candidate): boolean;
}

/** Protocol 2 and later begin with 0x80 and the number of the protocol; protocol 0 with a letter that cannot be told from text. */
const isPickle = ({ head, kind, name }: Candidate) =>
  kind === 'file' && ((head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5) || /\.(pkl|pickle)$/.test(name));

const hasMember = ({ members }: Candidate, pattern: RegExp) => members.some((member) => pattern.test(member));

const noBoxes =
  'a network here learns one label for each picture, or a mask: cut the objects out into a folder for each class, or draw masks (images/ and masks/)';

export const refusedFormats: readonly RefusedFormat[] = [
  {
    what: 'the Python version of CIFAR: pickles, which run code when they are opened',
    advice: 'take the binary version of the same pictures: cifar-10-binary.tar.gz or cifar-100-binary.tar.gz',
    matches: (candidate) => hasMember(candidate, /(^|\/)cifar-10+-(batches-py|python)\/|(^|\/)data_batch_\d$/),
  },
  {
    what: 'a PyTorch file (a zip of pickles), which runs code when it is opened',
    advice:
      'save the tensors with safetensors.torch.save_file({"x": x, "y": y}, "data.safetensors") or np.savez("data.npz", x=x, y=y)',
    matches: (candidate) => candidate.kind === 'zip' && hasMember(candidate, /(^|\/)data\.pkl$/),
  },
  {
    what: 'a Python pickle, which runs code when it is opened',
    advice: 'save the arrays as np.savez("train.npz", x=x, y=y)',
    matches: isPickle,
  },
  {
    what: 'an Excel workbook',
    advice: 'save the sheet as CSV (UTF-8), or df.to_parquet("data.parquet")',
    matches: (candidate) =>
      (candidate.kind === 'zip' && hasMember(candidate, /^xl\/workbook\.(xml|bin)$/)) ||
      (startsWith(candidate, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1') && /\.xlsx?$/.test(candidate.name)),
  },
  {
    what: 'a SQLite database',
    advice: 'export the table as CSV or Parquet',
    matches: (candidate) => startsWith(candidate, 'SQLite format 3\0'),
  },
  {
    what: 'a Weka ARFF file',
    advice: 'write it as CSV',
    matches: (candidate) => candidate.kind === 'file' && /^\s*(%[^\n]*\n\s*)*@relation\s/i.test(textOf(candidate)),
  },
  { what: 'an Avro file', advice: 'write it as Parquet', matches: (candidate) => startsWith(candidate, 'Obj\x01') },
  { what: 'an ORC file', advice: 'write it as Parquet', matches: (candidate) => startsWith(candidate, 'ORC') },
  {
    what: 'Feather version 1, which is not read',
    advice: 'write it again with pandas 1.1 or later (version 2), or as Parquet',
    matches: (candidate) => startsWith(candidate, 'FEA1'),
  },
  ...(
    [
      ['a 7z archive', '7z\xbc\xaf\x27\x1c'],
      ['a rar archive', 'Rar!\x1a\x07'],
      ['compressed with bzip2 (bz2)', 'BZh'],
      ['compressed with xz', '\xfd7zXZ\0'],
      ['compressed with zstd', '\x28\xb5\x2f\xfd'],
      ['compressed with lz4', '\x04\x22\x4d\x18'],
    ] as const
  ).map(
    ([what, magic]): RefusedFormat => ({
      what: `${what}, which is not read here`,
      advice: 'pack it as .zip, .tar or .tar.gz, a single file as .gz',
      matches: (candidate) => startsWith(candidate, magic),
    }),
  ),
  {
    what: 'sound',
    advice: 'turn it into features or spectrograms and save them as np.savez("train.npz", x=x, y=y)',
    matches: (candidate) =>
      (startsWith(candidate, 'RIFF') && textOf(candidate).slice(8, 12) === 'WAVE') ||
      ['fLaC', 'OggS', 'ID3'].some((magic) => startsWith(candidate, magic)),
  },
  {
    what: 'a COCO data set: pictures with boxes and outlines in a JSON file',
    advice: noBoxes,
    matches: (candidate) =>
      hasMember(candidate, /(^|\/)((instances|captions|person_keypoints|panoptic)_[^/]*|_annotations\.coco)\.json$/i) ||
      (candidate.kind === 'file' &&
        /^\s*\{/.test(textOf(candidate)) &&
        /"(images"\s*:\s*\[\s*\{[^\]]*"file_name"|annotations"\s*:\s*\[\s*\{[^\]]*"image_id")/.test(textOf(candidate))),
  },
  {
    what: 'a YOLO data set: pictures with boxes in text files (labels/*.txt)',
    advice: noBoxes,
    matches: (candidate) =>
      candidate.kind !== 'file' &&
      hasMember(candidate, /(^|\/)labels\/(.*\/)?[^/]+\.txt$/i) &&
      hasMember(candidate, /(^|\/)images\/(.*\/)?[^/]+\.(jpe?g|png|webp|bmp)$/i),
  },
  {
    what: 'a Pascal VOC data set with boxes in XML files (Annotations/*.xml)',
    advice: noBoxes,
    matches: (candidate) =>
      hasMember(candidate, /(^|\/)Annotations\/[^/]+\.xml$/i) && !hasMember(candidate, /(^|\/)SegmentationClass\//i),
  },
  {
    what: 'a table in the form that df.to_json() of pandas writes (orient="columns", "split" or "table")',
    advice: 'write a record a line: df.to_json("data.jsonl", orient="records", lines=True)',
    matches: (candidate) =>
      candidate.kind === 'file' &&
      /^\s*\{\s*("columns"\s*:\s*\[\s*("|\[)|"schema"\s*:\s*\{\s*"fields"|"[^"]*"\s*:\s*\{\s*"0"\s*:)/.test(
        textOf(candidate),
      ),
  },
  {
    what: 'STL-10, binary version: its pictures lie column by column, and it is not CIFAR',
    advice: 'save the arrays as np.savez("train.npz", x=x, y=y)',
    matches: (candidate) =>
      /stl10_binary/i.test(candidate.name) ||
      hasMember(candidate, /(^|\/)(stl10_binary\/|train_X\.bin$|unlabeled_X\.bin$)/),
  },
  {
    what: 'an archive of tables, which are read one by one',
    advice:
      'unpack it and give the tables themselves (train.csv and test.csv of one folder are its parts), a single one also as .gz',
    matches: ({ kind, members }) =>
      kind !== 'file' &&
      kind !== 'folder' &&
      members.some((member) => tables.test(member)) &&
      members.every((member) => tables.test(member) || papers.test(member)),
  },
];

const tables = /\.(csv|tsv|jsonl|ndjson|parquet|feather|arrow|xlsx?|h5|hdf5|mat|tfrecords?|libsvm|svm)(\.gz)?$/i;
/** What people put beside their data. */
const papers = /(^|\/)[^/.]*$|\.(md|txt|pdf|html?|json|ya?ml)$/i;

const textOf = ({ head }: Candidate) => new TextDecoder('latin1').decode(head);

/** Throws DATASET_FORMAT_UNKNOWN naming the format and the way out, for formats that are known not to be read. */
export function refuseKnown(candidate: Candidate): void {
  const refused = refusedFormats.find(({ matches }) => matches(candidate));
  if (refused === undefined) return;
  throw new AppError('DATASET_FORMAT_UNKNOWN', `${candidate.label}: is ${refused.what}; ${refused.advice}`);
}
