/**
 * What libtensorflow writes to standard error while it is loaded. It writes two lines to file descriptor 2 before any setting of its log can reach
 * it; a command whose standard error is read by people or programs must not begin with them. Everything else that it writes is passed on.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

/** scripts/setup/native/standard-error.cc */
interface StandardError {
  readonly divert: () => boolean;
  readonly restore: () => string;
}

const known = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /^I\d{4} .*oneDNN custom operations are on\./,
];

function open(file: string): StandardError | null {
  try {
    return createRequire(import.meta.url)(file) as StandardError;
  } catch {
    // Not compiled yet: the lines are only noise.
    return null;
  }
}

/** The lines of a text that are not expected. */
export const unexpectedLines = (text: string): string =>
  text
    .split(/(?<=\n)/)
    .filter((line) => !known.some((pattern) => pattern.test(line.trimEnd())))
    .join('');

/**
 * Loads a library without its known messages.
 *
 * @param file the compiled module that diverts standard error; without it the messages are written
 * @throws what `load` throws, after everything that was written until then
 */
export function withoutLoadMessages<T>(file: string, load: () => T): T {
  const standardError = open(file);
  if (!standardError?.divert()) return load();
  try {
    return load();
  } finally {
    const text = unexpectedLines(standardError.restore());
    if (text !== '') writeSync(2, text);
  }
}
