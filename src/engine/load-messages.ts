/**
 * Suppresses two lines that libtensorflow writes to standard error while it is loaded. It writes them to file descriptor 2 before its log level can
 * be set, and the standard error of a command should not begin with them. All other output is passed on.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Interface of scripts/setup/native/standard-error.cc. */
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
    // Without the compiled module the two lines are printed, which is harmless.
    return null;
  }
}

/** The lines of a text except the two known ones. */
export const unexpectedLines = (text: string): string =>
  text
    .split(/(?<=\n)/)
    .filter((line) => !known.some((pattern) => pattern.test(line.trimEnd())))
    .join('');

/**
 * Loads a library and suppresses its two known messages.
 *
 * @param file the compiled module that redirects standard error; without it the messages are printed
 * @throws the error of `load`, after everything else that was written has been printed
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
