/** Set-up writes only to standard error, because standard output belongs to the command that runs after it. */

/** @param {string} message */
export function say(message) {
  process.stderr.write(`setup: ${message}\n`);
}

/** An error that the user can fix; it is printed as one message, without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * Prints the error that stopped the set-up: only the message if the user can fix it, the stack for errors of the scripts.
 *
 * @param {unknown} thrown
 */
export function reportFailure(thrown) {
  if (thrown instanceof SetupError) say(thrown.message);
  else say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
}
