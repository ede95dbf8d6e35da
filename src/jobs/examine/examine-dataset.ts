/** What is known of a dataset before a job runs: all of uploads and small local files, nothing of what lies elsewhere or is large. */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { JobSpec } from '../../contract/job-spec.ts';
import { builtinNames, locateDataset, parseDatasetOptions, type SpillOptions } from '../../datasets/index.ts';
import { AppError } from '../../errors.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { checkDataUrl, isDataUrl } from '../../storage/remote/data-url.ts';
import type { RemotePolicy } from '../../storage/remote/policy.ts';
import { expandShards } from '../../storage/remote/shards.ts';
import { type Description, kindOf } from '../inspect/describe.ts';
import type { DatasetDescription } from '../inspect/describe-dataset.ts';
import type { InspectRequest } from '../inspect/inspect-files.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { DatasetSamples } from '../inspect/show-samples.ts';
import { withUpload } from '../uploads/open-upload.ts';
import type { Resolver } from '../uploads/resolve.ts';
import type { Uploads } from '../uploads/uploads.ts';

export interface DatasetDependencies {
  readonly contents: ContentStore;
  readonly uploads: Pick<Uploads, 'get'>;
  readonly inspector: Pick<Inspector, 'inspect' | 'samples'>;
  readonly resolve: Resolver;
  readonly dataRoot: string | null;
  readonly remote: RemotePolicy;
  readonly maxDatasetBytes: number;
  readonly spill?: SpillOptions;
}

/** A dataset as far as it can be known without a job. */
export interface DatasetExaminer {
  /**
   * What a job is checked against; null where only the worker can find out.
   *
   * @throws DATASET_NOT_FOUND, REMOTE_REFUSED, INVALID_INPUT for options, and what opening the data throws
   */
  examine(spec: DatasetSpec, owner: string | null): Promise<DatasetDescription | null>;
  /** The same of any size, and of what is fetched for it. Throws REMOTE_FAILED, too. */
  inspect(spec: DatasetSpec, owner: string | null): Promise<DatasetDescription>;
  /** The first samples of an upload or of what the installation brings, for people. Throws as `inspect` does. */
  samples(spec: DatasetSpec, count: number, owner: string | null): Promise<DatasetSamples>;
}

/** A larger file is opened by the worker only. */
const maxEagerBytes = 64 * 2 ** 20;
const cachedDescriptions = 1000;
/** A job waits this long for its data to be read; then it is accepted on what is known, and the worker finds out the rest. */
const patienceMs = 15_000;

/** Where pointers of an error of a dataset begin. */
export const datasetPointer = ({ code }: AppError): string =>
  code === 'INVALID_INPUT' || code === 'DATASET_AMBIGUOUS' ? '/dataset/options' : '/dataset/ref';

type DatasetSpec = NonNullable<JobSpec['dataset']>;
type Place = Pick<InspectRequest, 'path' | 'fileName' | 'confinedTo'>;

export function createDatasetExaminer(dependencies: DatasetDependencies): DatasetExaminer {
  const cache = new LRUCache<string, Promise<DatasetDescription>>({ max: cachedDescriptions });
  const { contents, uploads, inspector, resolve, dataRoot, remote, maxDatasetBytes, spill } = dependencies;

  /** Read once, however many ask. */
  const remembered = (key: string, read: () => Promise<Description>): Promise<DatasetDescription> => {
    const description = cache.get(key) ?? read().then(asDataset);
    cache.set(key, description);
    description.catch(() => cache.delete(key));
    return description;
  };

  const requestOf = (place: Place, { ref, options = {} }: DatasetSpec): InspectRequest => ({
    ...place,
    label: ref,
    kind: 'dataset',
    options,
    maxBytes: maxDatasetBytes,
    ...(spill ? { spill } : {}),
  });

  const open = (place: Place, spec: DatasetSpec, owner: string | null) =>
    inspector.inspect(requestOf(place, spec), tenantOf(owner));

  /** The record of an upload that holds data. */
  const dataOf = async ({ ref }: DatasetSpec, owner: string | null) => {
    const record = await uploads.get(ref.slice('dataset:'.length), owner);
    const { kind } = record.description;
    if (kindOf(record.description) !== 'dataset')
      throw new AppError('DATASET_FORMAT_UNKNOWN', `${ref} holds ${kind}, not data`);
    return record;
  };

  const examineUpload = async (spec: DatasetSpec, owner: string | null, maxBytes: number) => {
    const { options = {} } = spec;
    const record = await dataOf(spec, owner);
    const { description } = record;
    if (Object.keys(options).length === 0 && description.kind === 'dataset') return description;
    if (record.bytes > maxBytes) return null;
    return remembered(`${record.id} ${JSON.stringify(options)}`, () =>
      withUpload(contents, record, (opened) => open(opened, spec, owner)),
    );
  };

  /** What the installation brings does not change. */
  const examineBuiltin = (spec: DatasetSpec, owner: string | null) =>
    remembered(`${spec.ref} ${JSON.stringify(spec.options)}`, () => open({ path: spec.ref }, spec, owner));

  const examineFile = async (spec: DatasetSpec, owner: string | null, maxBytes: number) => {
    const { path, version, bytes } = await locateFile(spec.ref, dataRoot);
    if (bytes > maxBytes) return null;
    const place = dataRoot === null ? { path } : { path, confinedTo: dataRoot };
    // What lies in a folder may change without it.
    if (bytes === Number.POSITIVE_INFINITY) return asDataset(await open(place, spec, owner));
    return remembered(`${spec.ref} ${version} ${JSON.stringify(spec.options)}`, () => open(place, spec, owner));
  };

  const examineWithin = async (
    spec: DatasetSpec,
    owner: string | null,
    maxBytes: number,
  ): Promise<DatasetDescription | null> => {
    if (spec.options !== undefined) parseDatasetOptions(spec.options);
    const scheme = schemeOf(spec.ref);
    if (scheme === 'dataset') return examineUpload(spec, owner, maxBytes);
    if (scheme === 'builtin') return examineBuiltin(spec, owner);
    if (scheme === 'file') return examineFile(spec, owner, maxBytes);
    if (scheme !== undefined && isDataUrl(`${scheme}:`)) {
      for (const url of expandShards(spec.ref)) checkDataUrl(url, remote);
      return null;
    }
    const known = `builtin:NAME (${builtinNames.join(', ')}), dataset:ID, file:PATH, https://HOST/PATH or s3://BUCKET/KEY`;
    throw new AppError('DATASET_NOT_FOUND', `${spec.ref.slice(0, 200)}: no dataset reference; there are ${known}`);
  };

  return {
    examine: (spec, owner) => withPatience(examineWithin(spec, owner, maxEagerBytes)),
    inspect: async (spec, owner) =>
      (await examineWithin(spec, owner, Number.POSITIVE_INFINITY)) ??
      asDataset(await resolve(spec.ref, (opened) => open(opened, spec, owner))),
    async samples(spec, count, owner) {
      const show = (place: Place) => inspector.samples(requestOf(place, spec), count, tenantOf(owner));
      if (schemeOf(spec.ref) === 'builtin') return show({ path: spec.ref });
      return withUpload(contents, await dataOf(spec, owner), show);
    },
  };
}

function asDataset(description: Description): DatasetDescription {
  if (description.kind === 'dataset') return description;
  throw new AppError('DATASET_FORMAT_UNKNOWN', `the reference leads to ${description.kind}, not to data`);
}

/** Null for what takes longer than a job waits; it goes on, and is remembered. */
function withPatience<T>(found: Promise<T>): Promise<T | null> {
  const timeout = new AbortController();
  const tooLong = sleep(patienceMs, null, { ref: false, signal: timeout.signal }).catch(() => null);
  return Promise.race([found, tooLong]).finally(() => timeout.abort());
}

/** The scheme of a reference, in small letters; undefined for what has none, and for a URL without a host. */
function schemeOf(ref: string): string | undefined {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):/.exec(ref) ?? [];
  return scheme?.startsWith('http') && !/^https?:\/\/[^/]/.test(ref) ? undefined : scheme;
}

/** Jobs do not wait behind the uploads of their own tenant. */
const tenantOf = (owner: string | null) => `jobs of ${owner ?? 'anybody'}`;

/** @throws DATASET_NOT_FOUND; without a data root for every file */
async function locateFile(ref: string, dataRoot: string | null) {
  if (ref.startsWith('file:') && dataRoot === null)
    throw new AppError(
      'DATASET_NOT_FOUND',
      `${ref.slice(0, 200)}: file: references are off here; upload the file, or set DATA_ROOT`,
    );
  const { path } = await locateDataset(ref, dataRoot ?? undefined);
  const stats = await stat(path);
  // What lies in a folder is not looked at one by one: a folder may be large.
  const bytes = stats.isDirectory() ? Number.POSITIVE_INFINITY : stats.size;
  return { path, bytes, version: `${stats.mtimeMs} ${stats.size}` };
}
