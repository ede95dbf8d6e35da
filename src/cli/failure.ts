/** Exit codes and messages of failed commands. */
import { AppError, toAppError } from '../errors.ts';

/** True for the error with which waiting operations reject when a signal aborts (./abort-on-signals.ts). */
const isAbort = (thrown: unknown) => thrown instanceof Error && thrown.name === 'AbortError';

/** Exit code when the service cannot be reached or answers that it is busy: the same command may succeed later. */
export const retryableExitCode = 3;

/**
 * Prints one line on standard error, and the stack for an internal error.
 *
 * @returns the exit code: 130 for an interruption, 70 for an internal error, 3 when the same command may succeed later, else `otherwise`
 */
export function reportFailure(thrown: unknown, otherwise: number): number {
  const error = isAbort(thrown) ? new AppError('CANCELLED', 'interrupted') : toAppError(thrown);
  console.error(`${error.code}: ${error.message}`);
  if (error.code === 'CANCELLED') return 130;
  if (error.code !== 'INTERNAL') return error.permanent ? otherwise : retryableExitCode;
  console.error(error.cause instanceof Error ? error.cause.stack : error.stack);
  return 70;
}
