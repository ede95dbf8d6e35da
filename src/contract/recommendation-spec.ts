/** What a client asks for a recommendation: a job whose method is known. Loads no TensorFlow. */
import { type TSchema, Type } from 'typebox';
import { AppError } from '../errors.ts';
import { inWords, schemaProblems } from '../schema-problems.ts';
import { JobSpec, MethodSpec } from './job-spec.ts';

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
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The job that makes the recommendation. Throws INVALID_INPUT for what is no recommendation; the job's own checks come after. */
export function jobOfRecommendation(input: unknown): Record<string, unknown> {
  const found = schemaProblems(schema, input);
  if (found.length > 0 || !isObject(input))
    throw new AppError('INVALID_INPUT', inWords(found, 'the request'), { problems: found });
  const { options, ...rest } = input;
  return { ...rest, method: { name: 'recommend', ...(options === undefined ? {} : { options }) } };
}

/** Places of the job's options are those of the recommendation's. */
export const recommendationPointer = (pointer: string): string => pointer.replace(/^\/method\/options/, '/options');
