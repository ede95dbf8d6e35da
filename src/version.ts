/** The version of this package, from package.json, and the commit of the checkout. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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

const textOf = (...parts: string[]): string | null => {
  try {
    return readFileSync(path.join(...parts), 'utf8').trim();
  } catch {
    return null;
  }
};

/** The commit of the checkout in `root`, read from its files; null where there is none. Uncommitted changes are not detected. */
export function readCommit(root: string): string | null {
  // In a linked work tree .git is a file with the path of a folder whose `commondir` has the branches.
  const link = /^gitdir: (.+)$/.exec(textOf(root, '.git') ?? '')?.[1];
  const folder = path.resolve(root, link ?? '.git');
  const common = path.resolve(folder, textOf(folder, 'commondir') ?? '.');
  const head = textOf(folder, 'HEAD');
  const branch = /^ref: (.+)$/.exec(head ?? '')?.[1];
  const packed = textOf(common, 'packed-refs')?.split('\n') ?? [];
  const found =
    branch === undefined
      ? head
      : (textOf(common, branch) ?? packed.find((line) => line.endsWith(` ${branch}`))?.split(' ')[0]);
  return found && /^[0-9a-f]{40,64}$/.test(found) ? found : null;
}

/** The commit of the checkout with this file; null in an image or an installed package. */
export const commit = readCommit(fileURLToPath(new URL('..', import.meta.url)));

/** The versions of software that a report names. */
export const softwareVersions = (): Readonly<Record<string, string>> => ({
  'gradinit-service': version,
  ...(commit ? { commit } : {}),
  node: process.versions.node,
});
