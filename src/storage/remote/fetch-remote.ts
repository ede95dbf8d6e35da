/**
 * Fetches what a client named by URL, without giving access to the network of the service: names are resolved once, all their addresses are checked, the connection goes
 * to a checked address, redirects are followed by hand under the same rules, bytes and time are capped.
 */
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../../errors.ts';
import { timeoutSignal } from '../../time-limit.ts';
import { type ConnectContext, connectRemote } from './connect.ts';
import { checkRemoteUrl, type RemotePolicy } from './policy.ts';

export interface RemoteContext extends ConnectContext {
  readonly signal?: AbortSignal;
  /** The ETag of what is there already. */
  readonly ifNoneMatch?: string;
}

export interface RemoteFile {
  /** Fails with REMOTE_FAILED when the connection breaks, the time is over or there are more bytes than allowed. */
  readonly stream: Readable;
  /** Last part of the path: of the URL, or of where it leads where that has no extension; '' when there is none. */
  readonly fileName: string;
  /** What names this version of the file; null where the server gives none. */
  readonly etag: string | null;
  /** True when the file is the one of `ifNoneMatch`; then the stream is empty. */
  readonly isUnchanged: boolean;
}

const maxRedirects = 5;
const getHeaders = { accept: '*/*', 'accept-encoding': 'identity' };

export const failed = (url: string, reason: string, permanent: boolean, cause?: unknown) =>
  new AppError('REMOTE_FAILED', `${url.slice(0, 200)}: ${reason}`, { permanent, cause });

/**
 * Opens a URL.
 *
 * @throws REMOTE_REFUSED when the policy forbids the URL, an address or a redirect; REMOTE_FAILED; CANCELLED
 */
export async function openRemote(text: string, policy: RemotePolicy, context: RemoteContext = {}): Promise<RemoteFile> {
  const timeout = timeoutSignal(policy.timeoutMs);
  const signal = context.signal ? AbortSignal.any([context.signal, timeout]) : timeout;
  const { ifNoneMatch } = context;
  const condition = ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch };
  const request = { method: 'GET', headers: { ...getHeaders, ...condition } } as const;
  let checked = checkRemoteUrl(text, policy);
  const ownName = fileNameOf(checked.url);
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const response = await connectRemote(checked, request, signal, context).catch((error: unknown) => {
      throw explain(text, error, context.signal, timeout);
    });
    const { statusCode = 0, headers } = response;
    const isUnchanged = statusCode === 304 && ifNoneMatch !== undefined;
    if (statusCode === 200 || isUnchanged)
      return {
        stream: capped(text, contentOf(response), policy, { timeout, signal: context.signal }),
        fileName: path.extname(ownName) === '' ? fileNameOf(checked.url) : ownName,
        etag: headers.etag ?? null,
        isUnchanged,
      };
    response.destroy();
    const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
    if (!isRedirect) throw failed(text, `the server answered ${statusCode}`, statusCode < 500 && statusCode !== 429);
    checked = checkRemoteUrl(absolute(headers.location ?? '', checked.url), policy);
  }
  throw failed(text, `more than ${maxRedirects} redirects`, true);
}

const absolute = (location: string, base: URL): string =>
  URL.canParse(location, base.href) ? new URL(location, base.href).href : location;

export function explain(url: string, error: unknown, cancel: AbortSignal | undefined, timeout: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  if (cancel?.aborted)
    return new AppError('CANCELLED', `${url.slice(0, 200)}: the download was cancelled`, { cause: error });
  if (timeout.aborted) return failed(url, 'the download took longer than allowed', false, error);
  return failed(url, error instanceof Error ? error.message : String(error), false, error);
}

const contentOf = (response: IncomingMessage): Content => ({
  body: response,
  bytes: Number(response.headers['content-length'] ?? 0),
  close: () => void response.destroy(),
});

interface Signals {
  readonly timeout: AbortSignal;
  readonly signal: AbortSignal | undefined;
}

interface Content {
  readonly body: AsyncIterable<Buffer> | Iterable<Buffer>;
  /** As promised; 0 where nothing is. */
  readonly bytes: number;
  close(): void;
}

export function capped(
  url: string,
  { body, bytes: promised, close }: Content,
  { maxBytes }: RemotePolicy,
  { timeout, signal }: Signals,
): Readable {
  const tooLarge = () =>
    new AppError('DATASET_TOO_LARGE', `${url.slice(0, 200)}: more than the ${maxBytes} bytes allowed`);
  async function* counted() {
    let bytes = 0;
    try {
      if (promised > maxBytes) throw tooLarge();
      for await (const chunk of body) {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) throw tooLarge();
        yield chunk;
      }
    } catch (error) {
      throw explain(url, error, signal, timeout);
    } finally {
      close();
    }
  }
  return Readable.from(counted(), { objectMode: false });
}

function fileNameOf(url: URL): string {
  const last = path.posix.basename(url.pathname);
  try {
    return decodeURIComponent(last)
      .replace(/[/\\\p{Cc}]/gu, '_')
      .slice(0, 200);
  } catch {
    return last.slice(0, 200);
  }
}
