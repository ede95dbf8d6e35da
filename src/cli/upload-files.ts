/** Files of this machine as uploads of the service. */
import { openAsBlob } from 'node:fs';
import path from 'node:path';
import type { Client, Upload } from '../client/index.ts';
import { AppError } from '../errors.ts';

/** What an upload can be. */
export const uploadKinds = ['dataset', 'model', 'weights'] as const satisfies readonly Upload['kind'][];

/** Uploads files as one dataset, topology or set of weights. Throws USAGE for one that cannot be read, and what the client throws. */
export async function uploadFiles(
  client: Client,
  files: readonly string[],
  options: { readonly kind?: Upload['kind'] | undefined; readonly signal: AbortSignal },
): Promise<Upload> {
  const contents = await Promise.all(
    files.map(async (file) => ({ name: path.basename(file), content: await open(file) })),
  );
  return client.upload(contents, options);
}

async function open(file: string): Promise<Blob> {
  try {
    // For a file that is not there it throws instead of giving a promise that rejects.
    return await openAsBlob(file);
  } catch (cause) {
    throw new AppError('USAGE', `the file ${file} cannot be read`, { cause });
  }
}
