/** Reads the reports of measurements under results/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The reports in a folder; an empty list where it does not exist. `R` is the type that their program writes. */
export function readReports<R>(folder: string): R[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as R);
}
