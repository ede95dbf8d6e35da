/** Which URLs may be fetched for a client, as far as the URL itself tells. */
import { isIP } from 'node:net';
import { AppError } from '../../errors.ts';
import { isPublicAddress } from './address.ts';

export interface RemotePolicy {
  readonly enabled: boolean;
  /** The only hosts that may be named; empty: any public one. */
  readonly hosts: readonly string[];
  /** HOST or HOST:PORT that may have private addresses and be reached over http://, too. */
  readonly privateHosts: readonly string[];
  readonly ports: readonly string[];
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface CheckedUrl {
  readonly url: URL;
  /** Without brackets. */
  readonly host: string;
  /** May resolve to any address. */
  readonly isPrivate: boolean;
}

const maxLength = 2000;

/** Whoever writes a password into a URL need not find it in a log. */
const shown = (url: string) => url.slice(0, 200).replace(/\/\/[^/]*@/, '//***@');

const refuse = (url: string, reason: string) => new AppError('REMOTE_REFUSED', `${shown(url)}: ${reason}`);

/** The URL parser has written numbers in any base, and short forms, as plain addresses. */
export function checkRemoteUrl(text: string, policy: RemotePolicy): CheckedUrl {
  if (!policy.enabled) throw refuse(text, 'dataset URLs are off here (DATASET_URLS); upload the file instead');
  const url = text.length <= maxLength && URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw refuse(text, `is no URL of at most ${maxLength} characters`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(text, 'only https:// can be fetched');
  if (url.username !== '' || url.password !== '')
    throw refuse(text, 'a URL with a user name or password is not fetched');
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const isPrivate = policy.privateHosts.some((entry) =>
    [url.hostname, host, `${url.hostname}:${port}`].includes(entry),
  );
  if (isPrivate) return { url, host, isPrivate };
  if (url.protocol !== 'https:') throw refuse(text, 'only https:// can be fetched');
  if (!policy.ports.includes(port))
    throw refuse(text, `port ${port} is not allowed; allowed are ${policy.ports.join(', ')}`);
  if (policy.hosts.length > 0 && !policy.hosts.includes(host))
    throw refuse(text, `the host ${host} is not allowed; allowed are ${policy.hosts.join(', ')}`);
  if (isIP(host) !== 0) checkAddresses(text, host, [host]);
  return { url, host, isPrivate };
}

/** Every address of a name counts: whoever answers for the name chooses which one is used. Throws REMOTE_REFUSED. */
export function checkAddresses(url: string, host: string, addresses: readonly string[]): void {
  const inside = addresses.find((address) => !isPublicAddress(address));
  if (inside === undefined) return;
  const what = inside === host ? `${host} is` : `${host} has the address ${inside},`;
  throw refuse(url, `${what} not on the public internet; DATASET_URL_PRIVATE_HOSTS can allow it`);
}
