/** A specification's model with everything else checked against it, in the inspector; what was checked before is remembered. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { topologyDigest } from '../../contract/topology-digest.ts';
import { AppError } from '../../errors.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import type { Inspector } from '../inspect/inspector.ts';
import type { CheckRequest, RunFindings } from '../inspect/tasks.ts';
import { withUpload } from '../uploads/open-upload.ts';
import type { UploadRecord } from '../uploads/records.ts';
import type { Uploads } from '../uploads/uploads.ts';

/** Bytes of the findings that are kept, about: those of a small model take a kilobyte. */
const cachedBytes = 16 * 2 ** 20;
/** What a layer and everything else of the findings take, about. */
const bytesOfLayer = 200;
const bytesBeside = 1000;

export interface ModelDependencies {
  readonly contents: ContentStore;
  readonly uploads: Pick<Uploads, 'get'>;
  readonly inspector: Pick<Inspector, 'check'>;
  readonly maxParameters: number;
}

/** The upload of a reference as `dataset:ID`. Throws DATASET_NOT_FOUND for every other reference, and for uploads of others. */
export async function uploadOf(
  ref: string,
  owner: string | null,
  uploads: Pick<Uploads, 'get'>,
): Promise<UploadRecord> {
  if (ref.startsWith('dataset:')) return uploads.get(ref.slice('dataset:'.length), owner);
  throw new AppError('DATASET_NOT_FOUND', `${ref.slice(0, 200)}: only uploads can be referred to here, as dataset:ID`);
}

/** The upload that a model lies in; null for one that is in the specification. Throws DATASET_NOT_FOUND, MODEL_MALFORMED. */
export async function modelUpload(
  model: CheckRequest['spec']['model'],
  owner: string | null,
  uploads: Pick<Uploads, 'get'>,
): Promise<UploadRecord | null> {
  const record = 'ref' in model ? await uploadOf(model.ref, owner, uploads) : null;
  if (record !== null && record.description.kind !== 'model')
    throw new AppError('MODEL_MALFORMED', `dataset:${record.id} holds ${record.description.kind}, no topology`);
  return record;
}

/** References instead of files. */
export type SpecCheck = Omit<CheckRequest, 'modelFile' | 'maxParameters' | 'source'> & {
  readonly source: Omit<NonNullable<CheckRequest['source']>, 'modelFile'> | null;
};

/** The same for the same check. A topology is represented by its digest: it may have megabytes. */
function keyOf(check: SpecCheck): string {
  const { spec } = check;
  const model =
    'topology' in spec.model && typeof spec.model.topology === 'string'
      ? { ...spec.model, topology: topologyDigest(spec.model.topology) }
      : spec.model;
  return createHash('sha256')
    .update(JSON.stringify({ ...check, spec: { ...spec, model } }))
    .digest('base64');
}

export function createSpecChecker({ contents, uploads, inspector, maxParameters }: ModelDependencies) {
  const cache = new LRUCache<string, Promise<RunFindings>>({ maxSize: cachedBytes });

  /** `use` gets the path of an upload; null where there is none. */
  const withFile = <T>(record: UploadRecord | null, use: (file: string | null) => Promise<T>): Promise<T> =>
    record === null ? use(null) : withUpload(contents, record, ({ path }) => use(path));

  const inspect = (
    { source, ...check }: SpecCheck,
    [model, other]: readonly [UploadRecord | null, UploadRecord | null],
    owner: string | null,
  ): Promise<RunFindings> =>
    withFile(model, (modelFile) =>
      withFile(other, (sourceFile) => {
        const request = { ...check, modelFile, maxParameters, source: source && { ...source, modelFile: sourceFile } };
        return inspector.check(request, owner ?? undefined);
      }),
    );

  /** @throws DATASET_NOT_FOUND, MODEL_MALFORMED for references; MODEL_TOO_LARGE; OVERLOADED */
  return async (check: SpecCheck, owner: string | null): Promise<RunFindings> => {
    const records = [
      await modelUpload(check.spec.model, owner, uploads),
      check.source ? await modelUpload(check.source.model, owner, uploads) : null,
    ] as const;
    const key = keyOf(check);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const findings = inspect(check, records, owner);
    // Who asks the same meanwhile waits for the same answer.
    cache.set(key, findings, { size: bytesBeside });
    try {
      const found = await findings;
      cache.set(key, findings, { size: bytesBeside + bytesOfLayer * (found.model?.layers.length ?? 0) });
      return found;
    } catch (error) {
      cache.delete(key);
      throw error;
    }
  };
}
