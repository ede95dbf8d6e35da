/** How a command ends that could not do its work. */
import { AppError, toAppError } from '../errors.ts';

/** An abort comes from a signal (./abort-on-signals.ts): whatever was waiting throws it. */
const isAbort = (thrown: unknown) => thrown instanceof Error && thrown.name === 'AbortError';

/** Exit code of a command whose service cannot be reached or asks to come later: the same command may succeed then. */
export const retryableExitCode = 3;

/**
 * One line on standard error, and the stack of a bug of this project.
 *
 * @returns the exit code: 130 interrupted, 70 a bug, 3 when the same command may succeed later, else `otherwise`
 */
export function reportFailure(thrown: unknown, otherwise: number): number {
  const error = isAbort(thrown) ? new AppError('CANCELLED', 'interrupted') : toAppError(thrown);
  console.error(`${error.code}: ${error.message}`);
  if (error.code === 'CANCELLED') return 130;
  if (error.code !== 'INTERNAL') return error.permanent ? otherwise : retryableExitCode;
  console.error(error.cause instanceof Error ? error.cause.stack : error.stack);
  return 70;
}
