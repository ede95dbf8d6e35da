/** What a client asks for a recommendation: a job whose method is known. Loads no TensorFlow. */
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

/** Defaults are the job's: nothing that has one is required here. */
const schema: TSchema = Type.Partial(RecommendationSpec, { additionalProperties: false });

/** The job that makes the recommendation. Throws INVALID_INPUT for what is no recommendation; the job's own checks come after. */
export function jobOfRecommendation(input: unknown): Record<string, unknown> {
  const { options, ...rest } = parseInput(schema, input) as JsonObject;
  return { ...rest, method: { name: 'recommend', ...(options === undefined ? {} : { options }) } };
}

/** Places of the job's options are those of the recommendation's. */
export const recommendationPointer = (pointer: string): string => pointer.replace(/^\/method\/options/, '/options');
