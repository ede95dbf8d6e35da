/** Reports that measurements left under results/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The reports that are there; none where the folder is not. `R` is what their writer writes. */
export function readReports<R>(folder: string): R[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as R);
}
