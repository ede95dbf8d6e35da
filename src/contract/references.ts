/** Finds the uploads that a specification refers to. */
import type { ComparisonSpec } from './comparison-spec.ts';
import type { JobSpec } from './job-spec.ts';

/** The id of the upload that `ref` names; null for references of other kinds. */
export const uploadIdOf = (ref: string): string | null => /^dataset:(.+)$/.exec(ref)?.[1] ?? null;

const uploadIds = (refs: readonly (string | undefined)[]): string[] => {
  const ids = refs.map((ref) => (ref === undefined ? null : uploadIdOf(ref))).filter((id) => id !== null);
  return [...new Set(ids)];
};

const modelRef = (model: JobSpec['model']) => ('ref' in model ? model.ref : undefined);

const sourceRefs = (source: JobSpec['source']) => (source ? [source.weights?.ref, modelRef(source.model)] : []);

/** Ids of the uploads that a job refers to, each once. */
export const uploadsOfJob = ({ dataset, weights, model, training, source }: JobSpec): string[] =>
  uploadIds([dataset?.ref, training?.test?.ref, weights?.ref, modelRef(model), ...sourceRefs(source)]);

/** Ids of the uploads that a comparison refers to, each once. */
export const uploadsOfComparison = ({ dataset, test, models, methods }: ComparisonSpec): string[] =>
  uploadIds([
    dataset.ref,
    test?.ref,
    ...models.map(({ model }) => modelRef(model)),
    ...methods.flatMap(({ source }) => sourceRefs(source)),
  ]);
