/** What an upload is called, and what makes two uploads the same. */
import { createHash } from 'node:crypto';
import { isPlainName } from '../../storage/blob-store.ts';
import type { UploadKind } from '../inspect/describe.ts';

interface IdentifiedFile {
  readonly name: string;
  readonly sha256: string;
}

/** Formats of several files have a few. */
const maxFiles = 64;

/** What is wrong with the name of a file of an upload; null when nothing is. `before` are the files before it. */
export function nameProblem(name: string, before: readonly { name: string }[]): string | null {
  const shown = JSON.stringify(name.slice(0, 100));
  if (!isPlainName(name) || /[/\p{Cc}]/u.test(name) || Buffer.byteLength(name) > 255)
    return `${shown} is no file name; give a plain name without folders, 255 bytes at most`;
  if (before.some((other) => other.name === name)) return `the upload holds two files named ${shown}`;
  if (before.length >= maxFiles) return `the upload holds more than ${maxFiles} files`;
  return null;
}

/** Of one file: its own; of several: of the lines that `sha256sum` prints for them. */
export function digestOf(files: readonly IdentifiedFile[]): string {
  const [first] = files;
  if (files.length === 1 && first !== undefined) return first.sha256;
  const lines = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/**
 * The id of an upload. Equal files of one owner under equal names are one upload; other names may be read otherwise, and another owner's upload is
 * another one, of which the id says nothing.
 */
export function uploadIdOf(owner: string, kind: UploadKind, files: readonly IdentifiedFile[]): string {
  const lines = files.map(({ name, sha256 }) => [sha256, name]).sort();
  const identity = JSON.stringify([owner, kind, lines]);
  return `ds_${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`;
}
