/**
 * Fetches what a client named by URL, without becoming a way into our own network: names are resolved once, all their addresses are checked, the connection goes
 * to a checked address, redirects are followed by hand under the same rules, bytes and time are capped.
 */
import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '../../errors.ts';
import { timeoutSignal } from '../../time-limit.ts';
import { type CheckedUrl, checkAddresses, checkRemoteUrl, type RemotePolicy } from './policy.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface RemoteContext {
  readonly signal?: AbortSignal;
  /** All addresses of a name. Default: the system's. */
  readonly resolve?: (host: string) => Promise<Address[]>;
}

export interface RemoteFile {
  /** Fails with REMOTE_FAILED when the connection breaks, the time is over or there are more bytes than allowed. */
  readonly stream: Readable;
  /** Last part of the path; '' when there is none. */
  readonly fileName: string;
}

const maxRedirects = 5;
/** A server that sends nothing for this long is given up. */
const idleMs = 30_000;

const failed = (url: string, reason: string, permanent: boolean, cause?: unknown) =>
  new AppError('REMOTE_FAILED', `${url.slice(0, 200)}: ${reason}`, { permanent, cause });

const resolveAll = (host: string) => lookup(host, { all: true, verbatim: true });

/**
 * Opens a URL.
 *
 * @throws REMOTE_REFUSED when the policy forbids the URL, an address or a redirect; REMOTE_FAILED; CANCELLED
 */
export async function openRemote(text: string, policy: RemotePolicy, context: RemoteContext = {}): Promise<RemoteFile> {
  const timeout = timeoutSignal(policy.timeoutMs);
  const signal = context.signal ? AbortSignal.any([context.signal, timeout]) : timeout;
  let checked = checkRemoteUrl(text, policy);
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const response = await connect(checked, signal, context).catch((error: unknown) => {
      throw explain(text, error, context.signal, timeout);
    });
    const { statusCode = 0, headers } = response;
    if (statusCode === 200)
      return {
        stream: capped(text, response, policy, { timeout, signal: context.signal }),
        fileName: fileNameOf(checked.url),
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

async function connect(
  checked: CheckedUrl,
  signal: AbortSignal,
  { resolve = resolveAll }: RemoteContext,
): Promise<IncomingMessage> {
  const { url, host, isPrivate } = checked;
  const addresses = isIP(host) !== 0 ? [{ address: host, family: isIP(host) }] : await resolve(host);
  if (!isPrivate)
    checkAddresses(
      url.href,
      host,
      addresses.map(({ address }) => address),
    );
  if (addresses.length === 0) throw failed(url.href, `${host} has no address`, true);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((accept, reject) => {
    const sent = request(url, {
      signal,
      lookup: pinned(addresses),
      agent: false,
      timeout: idleMs,
      maxHeaderSize: 16_384,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'gradinit-service' },
    });
    sent.once('response', accept);
    sent.once('timeout', () => sent.destroy(new Error(`no byte for ${idleMs / 1000} s`)));
    sent.once('error', reject);
    sent.end();
  });
}

/** Answers with the addresses that were checked: asking again could give others. */
const pinned =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };

function explain(url: string, error: unknown, cancel: AbortSignal | undefined, timeout: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  if (cancel?.aborted)
    return new AppError('CANCELLED', `${url.slice(0, 200)}: the download was cancelled`, { cause: error });
  if (timeout.aborted) return failed(url, 'the download took longer than allowed', false, error);
  return failed(url, error instanceof Error ? error.message : String(error), false, error);
}

interface Signals {
  readonly timeout: AbortSignal;
  readonly signal: AbortSignal | undefined;
}

function capped(
  url: string,
  response: IncomingMessage,
  { maxBytes }: RemotePolicy,
  { timeout, signal }: Signals,
): Readable {
  const tooLarge = () =>
    new AppError('DATASET_TOO_LARGE', `${url.slice(0, 200)}: more than the ${maxBytes} bytes allowed`);
  async function* counted() {
    let bytes = 0;
    try {
      if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) throw tooLarge();
        yield chunk;
      }
    } catch (error) {
      throw explain(url, error, signal, timeout);
    } finally {
      response.destroy();
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
