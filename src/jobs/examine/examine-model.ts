/** The model of a specification, parsed and described; models that were seen before are not parsed again. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { JobSpec } from '../../contract/job-spec.ts';
import { AppError } from '../../errors.ts';
import type { ParsedModel } from '../../models/index.ts';
import { parseJson } from '../../models/parse-json.ts';
import { toTfjsLayersJson } from '../../models/to-tfjs-layers.ts';
import type { ContentStore } from '../../storage/content-store.ts';
import { type SplitTopology, splitHead } from '../../topology/structure/head.ts';
import { type Description, describe } from '../../topology/summary.ts';
import { loadModel } from '../prepare.ts';
import { withUpload } from '../uploads/open-upload.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { createCache } from './cache.ts';

export interface ExaminedModel {
  readonly parsed: ParsedModel;
  readonly split: SplitTopology;
  readonly description: Description;
  /** Throws ARTIFACT_UNSUPPORTED when the network has no tfjs-layers form. */
  assertTfjsForm(): void;
}

/** Bytes of JSON text whose models are kept; a parsed model takes a few times that. */
const cachedBytes = 8 * 2 ** 20;

export interface ModelDependencies {
  readonly contents: ContentStore;
  readonly uploads: Pick<Uploads, 'get'>;
  readonly maxParameters: number;
}

/** Where pointers of an error of this model begin. */
export const modelPointer =
  (model: JobSpec['model']) =>
  ({ code }: AppError): string => {
    if ('topology' in model) return '/model/topology';
    if ('ref' in model) return '/model/ref';
    return code === 'ZOO_UNKNOWN' ? '/model' : '/model/options';
  };

/** Looks for the id of an upload. Throws DATASET_NOT_FOUND for every other reference. */
export function uploadId(ref: string): string {
  if (ref.startsWith('dataset:')) return ref.slice('dataset:'.length);
  throw new AppError('DATASET_NOT_FOUND', `${ref.slice(0, 200)}: only uploads can be referred to here, as dataset:ID`);
}

export function createModelExaminer({ contents, uploads, maxParameters }: ModelDependencies) {
  const cache = createCache<ExaminedModel>(cachedBytes);

  const readUpload = async (ref: string, owner: string | null) => {
    const record = await uploads.get(uploadId(ref), owner);
    if (record.description.kind !== 'model')
      throw new AppError('MODEL_MALFORMED', `${ref} holds ${record.description.kind}, no topology`);
    return withUpload(contents, record, async ({ path }) => parseJson(await readFile(path, 'utf8')));
  };

  /** @throws what the parser and the zoo throw, METHOD_NOT_APPLICABLE for heads that cannot be split, MODEL_TOO_LARGE */
  return async (model: JobSpec['model'], owner: string | null): Promise<ExaminedModel> => {
    // An upload belongs to somebody: it is looked up each time, and small in number.
    const text = 'ref' in model ? null : JSON.stringify(model);
    const key = text === null ? '' : createHash('sha256').update(text).digest('base64');
    const known = text === null ? undefined : cache.get(key);
    if (known !== undefined) return known;
    const parsed = await loadModel(model, { readModel: (ref) => readUpload(ref, owner) });
    const examined = examine(parsed, maxParameters);
    if (text !== null) cache.set(key, examined, text.length);
    return examined;
  };
}

function examine(parsed: ParsedModel, maxParameters: number): ExaminedModel {
  const description = describe(parsed.topology);
  if (description.totalParams > maxParameters) {
    const message = `the model has ${description.totalParams} parameters; ${maxParameters} are allowed here`;
    throw new AppError('MODEL_TOO_LARGE', message);
  }
  let refusal: AppError | null | undefined;
  return {
    parsed,
    split: splitHead(parsed.topology),
    description,
    assertTfjsForm() {
      if (refusal === undefined) refusal = refusalOf(() => toTfjsLayersJson(parsed));
      if (refusal !== null) throw refusal;
    },
  };
}

function refusalOf(check: () => unknown): AppError | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
