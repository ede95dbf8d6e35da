/** Errors as answers: one table from codes to HTTP statuses, one form for all (RFC 9457). */
import type { Static } from 'typebox';
import { type AppError, type ErrorCode, errorCodes } from '../errors.ts';
import type { Problem as ProblemSchema } from './schemas/common.ts';

export type Problem = Static<typeof ProblemSchema>;

/** The status of each code. Codes that are not listed are 422: the request is well formed and cannot be carried out. */
const statuses: Partial<Record<ErrorCode, number>> = {
  USAGE: 400,
  INVALID_INPUT: 400,
  REQUEST_MALFORMED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ROUTE_NOT_FOUND: 404,
  COMPARISON_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  WEBHOOK_NOT_FOUND: 404,
  DELIVERY_NOT_FOUND: 404,
  ARTIFACT_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  JOB_STATE: 409,
  DATASET_IN_USE: 409,
  ARTIFACT_EXISTS: 409,
  ATTEMPT_FENCED: 409,
  CANCELLED: 409,
  REQUEST_TOO_LARGE: 413,
  UPLOAD_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  RANGE_INVALID: 416,
  RATE_LIMITED: 429,
  QUOTA_EXCEEDED: 429,
  INTERNAL: 500,
  OUTPUT_UNWRITABLE: 500,
  STORE_CORRUPT: 500,
  STORE_UNSUITABLE: 500,
  QUEUE_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
  BACKEND_UNAVAILABLE: 503,
  OVERLOADED: 503,
};

/** Codes of unknown names: 404 where the name is in the path of the request, 422 where it is in the body. */
const names: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DATASET_NOT_FOUND',
  'METHOD_UNKNOWN',
  'ZOO_UNKNOWN',
  'LOSS_UNKNOWN',
  'ARTIFACT_FORMAT_UNKNOWN',
]);

/** The HTTP status of an error. No other function maps codes to statuses. */
export function statusOf(code: ErrorCode, method: string): number {
  if (names.has(code) && method !== 'POST') return 404;
  return statuses[code] ?? 422;
}

/** Seconds after which a client may repeat the request (Retry-After); undefined where a repetition fails again. */
export const retryAfterOf = (status: number): number | undefined => (status === 503 || status === 429 ? 2 : undefined);

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly id: string;
}

/** The problem document of a request that failed. Details of internal errors are written to the log only. */
export function toProblem(error: AppError, { method, path, id }: Asked): Problem {
  const status = statusOf(error.code, method);
  return {
    type: `urn:gradinit:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: errorCodes[error.code],
    status,
    detail: status === 500 ? 'An unexpected error; the log has more under the requestId.' : error.message,
    instance: path,
    code: error.code,
    errors: error.problems.map(({ pointer, message }) => ({ pointer, message })),
    requestId: id,
  };
}
