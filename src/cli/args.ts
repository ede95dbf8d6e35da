/** Flags of the commands: node's own parser, with the project's errors. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AppError } from '../errors.ts';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** Parses flags strictly. Throws USAGE. `--help` and `-h` print `usage` and give null. */
export function parseFlags<const T extends OptionsConfig>(args: readonly string[], options: T, usage: string) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return null;
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new AppError('USAGE', `${cause instanceof Error ? cause.message : cause}\n\n${usage}`, { cause });
  }
}

/** A flag that must be there. */
export function required(value: string | undefined, flag: string): string {
  if (value === undefined) throw new AppError('USAGE', `${flag} is missing`);
  return value;
}

/** A whole number in [min, max]. */
export function integerFlag(
  value: string | undefined,
  flag: string,
  fallback: number,
  [min, max]: readonly [number, number],
): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < min || number > max || value.trim() === '') {
    throw new AppError('USAGE', `${flag} must be a whole number in [${min}, ${max}], got "${value}"`);
  }
  return number;
}

/** A JSON object. */
export function jsonFlag(value: string | undefined, flag: string): Record<string, unknown> {
  if (value === undefined) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (cause) {
    throw new AppError('USAGE', `${flag} is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new AppError('USAGE', `${flag} must be a JSON object`);
  return parsed as Record<string, unknown>;
}
