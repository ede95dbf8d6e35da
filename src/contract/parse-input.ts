/** Checks a request body against its schema. */
import type { Static, TSchema } from 'typebox';
import { AppError } from '../errors.ts';
import { inWords, schemaProblems } from '../schema-problems.ts';

/** The input with the type of the schema. Throws INVALID_INPUT naming every problem, with JSON pointers. */
export function parseInput<S extends TSchema>(schema: S, input: unknown): Static<S> {
  const problems = schemaProblems(schema, input);
  if (problems.length > 0) throw new AppError('INVALID_INPUT', inWords(problems, 'the request'), { problems });
  return input as Static<S>;
}
