/** Parses the flags of commands with Node's parser and reports problems as AppErrors. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { AppError } from '../errors.ts';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** Parses flags strictly. Throws USAGE. For `--help` and `-h`, prints `usage` and returns null. */
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

/** The value of a required flag. Throws USAGE when it is missing. */
export function required(value: string | undefined, flag: string): string {
  if (value === undefined) throw new AppError('USAGE', `${flag} is missing`);
  return value;
}

/** The value of a flag as an integer in [min, max]. Throws USAGE. */
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

/** The value of a flag as a JSON object. Throws USAGE. */
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

/** Throws USAGE naming the flag. */
export function numberFlag(value: string, flag: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number)) return number;
  throw new AppError('USAGE', `${flag} must be a number, got "${value}"`);
}
