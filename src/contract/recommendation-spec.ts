/** The request schema of a recommendation, which is a job with the method `recommend`. TensorFlow is not loaded. */
import { type TSchema, Type } from 'typebox';
import type { JsonObject } from '../json.ts';
import { JobSpec, MethodSpec } from './job-spec.ts';
import { parseInput } from './parse-input.ts';

const { method: _, training: __, ...shared } = JobSpec.properties;

export const RecommendationSpec = Type.Object(
  { ...shared, dataset: JobSpec.properties.dataset, options: MethodSpec.properties.options },
  {
    additionalProperties: false,
    description: 'A model and its data, and how the candidates are tried (options of the method recommend).',
  },
);

/** No property is required here, because the job fills in the defaults. */
const schema: TSchema = Type.Partial(RecommendationSpec, { additionalProperties: false });

/** The specification of the job that makes the recommendation. Throws INVALID_INPUT for an invalid recommendation; parseJobSpec checks the rest. */
export function jobOfRecommendation(input: unknown): Record<string, unknown> {
  const { options, ...rest } = parseInput(schema, input) as JsonObject;
  return { ...rest, method: { name: 'recommend', ...(options === undefined ? {} : { options }) } };
}

/** Converts a pointer into the job to one into the recommendation. */
export const recommendationPointer = (pointer: string): string => pointer.replace(/^\/method\/options/, '/options');
