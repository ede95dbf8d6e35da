/** Set-up talks on standard error only: standard output belongs to the command that runs after it. */

/** @param {string} message */
export function say(message) {
  process.stderr.write(`setup: ${message}\n`);
}

/** A failure the user can act on: printed as one message, without a stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * Prints what stopped the set-up: a message for what the user can fix, the stack for faults of the scripts.
 * @param {unknown} thrown
 */
export function reportFailure(thrown) {
  if (thrown instanceof SetupError) say(thrown.message);
  else say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
}
