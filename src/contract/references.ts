/** Which uploads a specification refers to. */
import type { ComparisonSpec } from './comparison-spec.ts';
import type { JobSpec } from './job-spec.ts';

/** The id of an upload that `ref` names; null for every other reference. */
export const uploadIdOf = (ref: string): string | null => /^dataset:(.+)$/.exec(ref)?.[1] ?? null;

const uploadIds = (refs: readonly (string | undefined)[]): string[] => {
  const ids = refs.map((ref) => (ref === undefined ? null : uploadIdOf(ref))).filter((id) => id !== null);
  return [...new Set(ids)];
};

const modelRef = (model: JobSpec['model']) => ('ref' in model ? model.ref : undefined);

export const uploadsOfJob = ({ dataset, weights, model, training }: JobSpec): string[] =>
  uploadIds([dataset?.ref, training?.test?.ref, weights?.ref, modelRef(model)]);

export const uploadsOfComparison = ({ dataset, test, models }: ComparisonSpec): string[] =>
  uploadIds([dataset.ref, test?.ref, ...models.map(({ model }) => modelRef(model))]);
