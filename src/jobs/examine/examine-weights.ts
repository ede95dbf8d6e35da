/** Weights to start from, by the names and shapes that were read when they were uploaded. */
import type { JobSpec } from '../../contract/job-spec.ts';
import { AppError } from '../../errors.ts';
import type { Uploads } from '../uploads/uploads.ts';
import { type ExaminedModel, uploadId } from './examine-model.ts';

const shown = 5;

/** @returns a check that throws DATASET_NOT_FOUND, WEIGHTS_MALFORMED, WEIGHTS_MISMATCH */
export function createWeightsExaminer({ uploads }: { readonly uploads: Pick<Uploads, 'get'> }) {
  return async (weights: JobSpec['weights'], { parsed }: ExaminedModel, owner: string | null): Promise<void> => {
    if (weights === undefined) return;
    const { description } = await uploads.get(uploadId(weights.ref), owner);
    if (description.kind !== 'weights')
      throw new AppError(
        'WEIGHTS_MALFORMED',
        `${weights.ref} holds ${description.kind}, no weights; upload it with kind=weights`,
      );
    const shapes = new Map(description.tensors.map(({ name, shape }) => [name, `[${shape}]`]));
    const problems = parsed.topology.layers
      .flatMap(({ params }) => params)
      .filter(({ name, shape }) => shapes.get(name) !== `[${shape}]`)
      .map(({ name, shape }) => `"${name}" should be [${shape}] and is ${shapes.get(name) ?? 'missing'}`);
    if (problems.length === 0) return;
    const more = problems.length > shown ? `; and ${problems.length - shown} more` : '';
    throw new AppError(
      'WEIGHTS_MISMATCH',
      `the weights do not fit the model: ${problems.slice(0, shown).join('; ')}${more}`,
    );
  };
}
