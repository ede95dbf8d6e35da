/** The optional body of a request that cancels a job. */
import { type Static, Type } from 'typebox';
import { isJsonObject } from '../json.ts';
import { parseInput } from './parse-input.ts';

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
  const given = input ?? {};
  return parseInput(Cancellation, isJsonObject(given) ? { artifacts: 'none', ...given } : given);
}
