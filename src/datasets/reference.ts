/** Where a dataset reference leads: `builtin:NAME`, `file:PATH` or a plain path. Other schemes are resolved by the service before. */
import { access, realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../errors.ts';
import type { FormatName } from './formats.ts';

export interface Location {
  readonly path: string;
  /** Known for built-in datasets; null where it must be detected. */
  readonly format: FormatName | null;
}

const builtins: Readonly<Record<string, { file: string; format: FormatName }>> = {
  digits: { file: 'digits.csv.gz', format: 'digits' },
};

/** Names that `builtin:` takes. */
export const builtinNames: readonly string[] = Object.keys(builtins);

/**
 * Resolves a reference to a file or folder that exists. With `dataRoot` relative paths start there, and whatever leaves it, by a link too, is not found.
 *
 * @throws DATASET_NOT_FOUND
 */
export async function locate(ref: string, dataRoot?: string): Promise<Location> {
  if (ref.startsWith('builtin:')) return locateBuiltin(ref.slice('builtin:'.length));
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(ref)?.[1];
  if (scheme !== undefined && scheme !== 'file') {
    throw new AppError(
      'DATASET_NOT_FOUND',
      `${ref}: "${scheme}:" references are not available here; use builtin:NAME, file:PATH or a path`,
    );
  }
  const given = ref.replace(/^file:/, '').replace(/^\/\/(?=\/)/, '');
  const notFound = (cause?: unknown) =>
    new AppError(
      'DATASET_NOT_FOUND',
      `${ref}: no such file or folder${dataRoot === undefined ? '' : ' under the data root'}`,
      { cause },
    );
  if (given === '' || given.includes('\0')) throw notFound();
  const wanted = path.resolve(dataRoot ?? '.', given);
  const found = await realpath(wanted).catch((cause) => {
    throw notFound(cause);
  });
  if (dataRoot !== undefined && !isInside(found, await realpath(dataRoot))) throw notFound();
  // Without a data root the path is kept as given, so that a link's own name and neighbours count.
  return { path: dataRoot === undefined ? wanted : found, format: null };
}

function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return !relative.startsWith('..') && !path.isAbsolute(relative);
}

async function locateBuiltin(name: string): Promise<Location> {
  const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (builtin === undefined) {
    throw new AppError(
      'DATASET_NOT_FOUND',
      `builtin:${name}: no built-in dataset has that name; there is ${builtinNames.join(', ')}`,
    );
  }
  // From src/datasets as well as from dist/src/datasets.
  for (const up of ['../../data', '../../../data']) {
    const file = fileURLToPath(new URL(`${up}/${builtin.file}`, import.meta.url));
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return { path: file, format: builtin.format };
  }
  throw new AppError('DATASET_NOT_FOUND', `builtin:${name}: data/${builtin.file} is missing from the installation`);
}
