/** The version of this package, from package.json. */
import { readFileSync } from 'node:fs';

const read = (url: URL): string | null => {
  try {
    const parsed = JSON.parse(readFileSync(url, 'utf8')) as { name?: unknown; version?: unknown };
    return parsed.name === 'gradinit-service' && typeof parsed.version === 'string' ? parsed.version : null;
  } catch {
    return null;
  }
};

/** package.json is in the parent folder of src, and one folder higher for the compiled dist. */
export const version =
  read(new URL('../package.json', import.meta.url)) ??
  read(new URL('../../package.json', import.meta.url)) ??
  'unknown';
