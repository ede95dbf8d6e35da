/** A request to a checked URL: its name is resolved once, all its addresses are checked, and the connection goes to a checked address. */
import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { AppError } from '../../errors.ts';
import { type CheckedUrl, checkAddresses } from './policy.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface ConnectContext {
  /** All addresses of a name. Default: the system's. */
  readonly resolve?: (host: string) => Promise<Address[]>;
}

export interface RemoteRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that sends nothing for this long is given up. */
const idleMs = 30_000;
const maxHeaderBytes = 16_384;

const resolveAll = (host: string) => lookup(host, { all: true, verbatim: true });

/**
 * Sends the request and gives the head of the answer. Follows no redirect.
 *
 * @throws REMOTE_REFUSED when an address is not allowed; what DNS and sockets throw
 */
export async function connectRemote(
  { url, host, isPrivate, policy }: CheckedUrl,
  { method, headers, body }: RemoteRequest,
  signal: AbortSignal,
  { resolve = resolveAll }: ConnectContext = {},
): Promise<IncomingMessage> {
  const addresses = isIP(host) !== 0 ? [{ address: host, family: isIP(host) }] : await resolve(host);
  if (!isPrivate) {
    const found = addresses.map(({ address }) => address);
    checkAddresses(url.href, host, found, policy);
  }
  if (addresses.length === 0) throw new AppError('REMOTE_FAILED', `${url.href.slice(0, 200)}: ${host} has no address`);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((accept, reject) => {
    const sent = request(url, {
      method,
      signal,
      lookup: pinned(addresses),
      agent: false,
      timeout: idleMs,
      maxHeaderSize: maxHeaderBytes,
      headers: { 'user-agent': 'gradinit-service', ...headers },
    });
    sent.once('response', accept);
    sent.once('timeout', () => sent.destroy(new Error(`no byte for ${idleMs / 1000} s`)));
    sent.once('error', reject);
    sent.end(body);
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
