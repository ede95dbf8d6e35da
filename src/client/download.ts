/**
 * Downloads artifacts to disk. Received bytes are kept as FILE.part, and a broken download is continued with a Range request, in the same or a later
 * call. The file gets its final name only when its SHA-256 equals that of the listing.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import { pauseMs, type Transport } from './transport.ts';
import type { Artifact } from './types.ts';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes of this file that are on disk. */
  readonly onBytes?: (bytes: number) => void;
}

const sizeOf = (file: string) =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

async function hashInto(hash: Hash, file: string): Promise<void> {
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
}

/** Appends the missing bytes to `part`. Returns early, without an error, when the connection breaks. */
async function continuePart(
  transport: Transport,
  url: string,
  part: string,
  { sha256, bytes }: Artifact,
  { signal, onBytes }: DownloadOptions,
) {
  let have = await sizeOf(part);
  // With If-Range, a server whose content has changed sends the whole file.
  const headers: Record<string, string> = { accept: '*/*' };
  if (have > 0) Object.assign(headers, { range: `bytes=${have}-`, 'if-range': `"${sha256}"` });
  const response = await transport.send({ path: url, headers, signal });
  const appending = response.status === 206;
  if (!appending) have = 0;
  const file = await open(part, appending ? 'a' : 'w');
  try {
    for await (const chunk of response.body ?? []) {
      have += chunk.byteLength;
      if (have > bytes)
        throw new AppError('DOWNLOAD_CORRUPT', `${url} is longer than the ${bytes} bytes of the listing`);
      await file.write(chunk);
      onBytes?.(have);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AppError) {
      await rm(part, { force: true });
      throw error;
    }
  } finally {
    await file.close();
  }
}

/**
 * Downloads one artifact to `file`, whose folder is created.
 *
 * @throws DOWNLOAD_CORRUPT when size or SHA-256 differ from the listing; the received bytes are then removed
 * @throws SERVICE_UNREACHABLE when the connection broke too often; FILE.part stays for the next call
 */
export async function downloadArtifact(
  transport: Transport,
  url: string,
  artifact: Artifact,
  file: string,
  options: DownloadOptions = {},
): Promise<void> {
  const part = `${file}.part`;
  await mkdir(path.dirname(file), { recursive: true });
  if ((await sizeOf(part)) > artifact.bytes) await rm(part);
  for (let broken = 0, before = await sizeOf(part); before < artifact.bytes || before === 0; ) {
    await continuePart(transport, url, part, artifact, options);
    const now = await sizeOf(part);
    if (now >= artifact.bytes) break;
    broken = now > before ? 1 : broken + 1;
    if (broken > transport.retries)
      throw new AppError(
        'SERVICE_UNREACHABLE',
        `the download of ${artifact.name} broke off at ${now} of ${artifact.bytes} bytes`,
        { permanent: false },
      );
    await sleep(pauseMs(broken, null), undefined, options.signal ? { signal: options.signal } : {});
    before = now;
  }
  const hash = createHash('sha256');
  await hashInto(hash, part);
  const found = hash.digest('hex');
  if (found !== artifact.sha256) {
    await rm(part, { force: true });
    throw new AppError(
      'DOWNLOAD_CORRUPT',
      `${artifact.name} has sha256 ${found}, the service lists ${artifact.sha256}; download it again`,
    );
  }
  await rename(part, file);
}

/** The path of an artifact below `folder`. Throws SERVICE_ANSWER for a name that leads outside of it. */
export function placeOf(folder: string, name: string): string {
  const parts = name.split('/');
  if (
    parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\') || part.includes('\0'))
  ) {
    throw new AppError('SERVICE_ANSWER', `the service lists an artifact under the unsafe name ${JSON.stringify(name)}`);
  }
  return path.join(folder, ...parts);
}
