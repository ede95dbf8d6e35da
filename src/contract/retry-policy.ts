/**
 * Decides when an attempt that was lost or failed is followed by another one. Attempts that end in an orderly way (a worker that drains, a pause) are
 * not counted, and a retry that a client asks for resets the count.
 *
 *   delay before the next attempt = min(maxMs, initialMs * factor^(failures - 1))
 */
import { type Static, Type } from 'typebox';

const maxDelayMs = 86_400_000;

/** The retry options of a job; omitted ones come from the configuration. */
export const RetryOptions = Type.Object(
  {
    maxAttempts: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 20, description: 'Attempts that may be lost or fail before the job fails.' }),
    ),
    initialMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: maxDelayMs, description: 'Milliseconds before the second attempt.' }),
    ),
    factor: Type.Optional(
      Type.Number({ minimum: 1, maximum: 10, description: 'By how much each further delay is longer.' }),
    ),
    maxMs: Type.Optional(Type.Integer({ minimum: 0, maximum: maxDelayMs, description: 'The longest delay.' })),
    nonRetryable: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
        maxItems: 50,
        uniqueItems: true,
        description: 'Error codes after which there is no further attempt. Permanent errors never have one.',
      }),
    ),
  },
  { additionalProperties: false, description: 'How attempts that were lost or failed are repeated.' },
);
export type RetryOptions = Static<typeof RetryOptions>;
export type RetryPolicy = Required<RetryOptions>;

/** The policy of a job: the configured one, overridden by the job's options. */
export const retryPolicyOf = (configured: RetryPolicy, options: RetryOptions = {}): RetryPolicy => ({
  ...configured,
  ...options,
});

/** Milliseconds to wait after the given number of failures (1 or more). */
export const retryDelayMs = ({ initialMs, factor, maxMs }: RetryPolicy, failures: number): number =>
  Math.round(Math.min(maxMs, initialMs * factor ** (failures - 1)));

/** True when an attempt that ended with this error may be followed by another one. */
export const isRetryable = (
  { nonRetryable }: Pick<RetryPolicy, 'nonRetryable'>,
  { code, permanent }: { readonly code: string; readonly permanent: boolean },
): boolean => !permanent && !nonRetryable.includes(code);
