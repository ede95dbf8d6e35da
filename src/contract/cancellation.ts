/** What a client may say when it cancels a job. */
import { type Static, type TSchema, Type } from 'typebox';
import { AppError } from '../errors.ts';
import { inWords, schemaProblems } from '../schema-problems.ts';

export const Cancellation = Type.Object(
  {
    artifacts: Type.Enum(['none', 'partial'], {
      default: 'none',
      description:
        'partial: a running job publishes the weights as they are after the iteration at hand; its report has `cancelled: { phase, iteration }`.',
    }),
  },
  { additionalProperties: false, description: 'May be left out.' },
);
export type Cancellation = Static<typeof Cancellation>;

/** Throws INVALID_INPUT with pointers. */
export function parseCancellation(input: unknown): Cancellation {
  const given: unknown =
    typeof input === 'object' && input !== null && !Array.isArray(input) ? { artifacts: 'none', ...input } : input;
  const complete = given ?? { artifacts: 'none' };
  const schema: TSchema = Cancellation;
  const problems = schemaProblems(schema, complete);
  if (problems.length > 0) throw new AppError('INVALID_INPUT', inWords(problems, 'the request'), { problems });
  return complete as Cancellation;
}
