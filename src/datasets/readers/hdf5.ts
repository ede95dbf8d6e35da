/** HDF5: arrays by name, as for npz (x, y; x_train, ...; train_set_x, ...; groups train/ and test/). Links, and data in other files, are never followed. */
import { malformed, type Origin } from '../../codecs/byte-source.ts';
import { type Hdf5Dataset, type Hdf5Group, isHdf5, openHdf5, walkHdf5 } from '../../codecs/hdf5/index.ts';
import type { NpyArray } from '../../codecs/npy.ts';
import { chooseArrays } from '../array-names.ts';
import type { Budget } from '../budget.ts';
import type { Candidate } from '../candidate.ts';
import { readDataFile } from '../data-file.ts';
import { defineFormat, type RawDataset, type Reading } from '../dataset-format.ts';
import { arraysToDataset, namedArray } from './numpy-roles.ts';

export const hdf5 = defineFormat({
  name: 'hdf5',
  summary: 'HDF5 (h5py): arrays x and y, x_train and x_test, groups train and test, or by their paths.',
  options: {},
  conventions: [
    { what: 'h5py: f["x"], f["y"]', example: 'train.h5' },
    { what: 'train_set_x, train_set_y, test_set_x, list_classes', example: 'train.h5', options: { part: 'test' } },
    { what: 'Caffe: data [n, c, h, w], label', example: 'train.h5', options: { layout: 'channels-first' } },
    { what: 'arrays in groups', example: 'data.hdf5', options: { inputs: ['group/pixels'], target: 'group/class' } },
  ],
  recognise: ({ kind, head }) => (kind === 'file' && isHdf5(head) ? 'begins with the signature of HDF5' : null),
  read: readHdf5,
});

async function readHdf5(candidate: Candidate, _options: unknown, reading: Reading): Promise<RawDataset> {
  const { value, sha256 } = await readDataFile(
    candidate.path,
    candidate.label,
    reading.budget.left(),
    async ({ file, origin, isGzip }) => {
      if (isGzip) malformed(origin, 'an HDF5 file must not be compressed again');
      const root = await openHdf5(file, origin);
      const { datasets, links } = await listArrays(root, origin);
      refuseRecords(datasets, origin);
      const choices = chooseArrays([...datasets.keys(), ...links.keys()].sort(), reading, origin);
      const names = new Set([...choices.chosen.inputs, ...choices.parts.map(({ target }) => target)]);
      const arrays = new Map<string, NpyArray>();
      for (const name of names) {
        const link = links.get(name);
        if (link !== undefined) malformed(origin, `"${name}" is ${link}; store the data itself`);
        const dataset = datasets.get(name);
        if (dataset !== undefined) arrays.set(name, await readArray(dataset, reading.budget));
      }
      return { arrays, choices, origin, classNames: await readClassNames(datasets) };
    },
  );
  const raw = arraysToDataset({ ...value, sha256, budget: reading.budget });
  const { classNames } = value;
  const isList = classNames !== null && raw.targets.names === null && raw.targets.integer;
  return isList ? { ...raw, targets: { ...raw.targets, classNames } } : raw;
}

interface Listed {
  readonly datasets: Map<string, Hdf5Dataset>;
  /** What the links are, by path. */
  readonly links: Map<string, string>;
}

async function listArrays(root: Hdf5Group, origin: Origin): Promise<Listed> {
  const listed: Listed = { datasets: new Map(), links: new Map() };
  for await (const node of walkHdf5(root, origin)) {
    if (node.kind === 'link') listed.links.set(node.path, node.what);
    if (node.kind === 'dataset' && node.shape.length > 0) listed.datasets.set(node.path, node);
    if (node.kind === 'group' && node.attributes.has('pandas_type'))
      malformed(
        origin,
        `is a pandas HDFStore (PyTables): "${node.path}" is a table of pandas; write it with df.to_parquet("data.parquet"), or store x and y with h5py`,
      );
    if (node.kind === 'group' && node.attributes.has('MATLAB_class'))
      malformed(origin, `"${node.path}" is a struct or cell of MATLAB; save plain arrays`);
  }
  return listed;
}

/** Tables of h5py and PyTables, whose columns are fields of one array. */
function refuseRecords(datasets: Listed['datasets'], origin: Origin): void {
  const records = [...datasets].filter(([, { type }]) => type.kind === 'other' && type.name.startsWith('compound'));
  const [first] = records;
  if (first === undefined || records.length < datasets.size) return;
  malformed(
    origin,
    `"${first[0]}" is a table of records (a compound type): store each field as an array of its own (f["x"], f["y"]), or write the table with df.to_parquet("data.parquet")`,
  );
}

async function readArray(dataset: Hdf5Dataset, budget: Budget): Promise<NpyArray> {
  const { type, shape } = dataset;
  if (type.kind === 'string' || type.kind === 'fixed-string') {
    return { ...namedArray(await dataset.readStrings(budget.left())), shape };
  }
  const elements = await dataset.readNumbers(budget.left());
  const code = type.kind === 'number' ? type.code : 'f4';
  return { shape, elements, kind: code === 'b1' ? 'bool' : code.startsWith('f') ? 'float' : 'integer' };
}

const maxNameBytes = 2 ** 20;

/** A list of texts beside the arrays: list_classes, class_names. */
async function readClassNames(datasets: ReadonlyMap<string, Hdf5Dataset>): Promise<readonly string[] | null> {
  for (const [name, dataset] of datasets) {
    const isText = dataset.type.kind === 'string' || dataset.type.kind === 'fixed-string';
    if (isText && /(^|\/)(list_classes|class_?names|label_?names)$/i.test(name))
      return dataset.readStrings(maxNameBytes);
  }
  return null;
}
