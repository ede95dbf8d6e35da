/** Uploads files of this machine to the service. */
import { openAsBlob } from 'node:fs';
import path from 'node:path';
import type { Client, Upload } from '../client/index.ts';
import { AppError } from '../errors.ts';

/** The kinds of uploads. */
export const uploadKinds = ['dataset', 'model', 'weights'] as const satisfies readonly Upload['kind'][];

/** Uploads files as one dataset, topology or set of weights. Throws USAGE for a file that cannot be read, and the errors of the client. */
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
    // For a missing file openAsBlob throws synchronously instead of rejecting, so that it is called inside the try block.
    return await openAsBlob(file);
  } catch (cause) {
    throw new AppError('USAGE', `the file ${file} cannot be read`, { cause });
  }
}
