/** Which URLs may be fetched from or posted to for a client, as far as the URL itself shows. */
import { isIP } from 'node:net';
import { AppError } from '../../errors.ts';
import type { S3Server } from '../s3-bucket.ts';
import { isPublicAddress } from './address.ts';

export interface RemotePolicy {
  /** What the URLs are for, and the variables that say which are allowed; for messages. */
  readonly wording: {
    readonly what: string;
    readonly enabled: string;
    readonly privateHosts: string;
    /** What to do where they are off. */
    readonly instead: string;
  };
  readonly enabled: boolean;
  /** The only hosts that may be named; empty: any public one. */
  readonly hosts: readonly string[];
  /** HOST or HOST:PORT that may have private addresses and be reached over http://, too. */
  readonly privateHosts: readonly string[];
  readonly ports: readonly string[];
  /** Of s3:// references; left out where there are none. */
  readonly buckets?: S3Server & {
    /** BUCKET or BUCKET/PREFIX that may be read. */
    readonly allowed: readonly string[];
  };
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface CheckedUrl {
  readonly url: URL;
  /** Without brackets. */
  readonly host: string;
  /** May resolve to any address. */
  readonly isPrivate: boolean;
  /** That it was checked by. */
  readonly policy: RemotePolicy;
}

const maxLength = 2000;

/** A URL without user and password, which must not be logged. */
const shown = (url: string) => url.slice(0, 200).replace(/\/\/[^/]*@/, '//***@');

const refuse = (url: string, reason: string) => new AppError('REMOTE_REFUSED', `${shown(url)}: ${reason}`);

/** The URL parser has written numbers in any base, and short forms, as plain addresses. */
export function checkRemoteUrl(text: string, policy: RemotePolicy): CheckedUrl {
  const { what, enabled, instead } = policy.wording;
  if (!policy.enabled) throw refuse(text, `${what} are off here (${enabled})${instead}`);
  const url = text.length <= maxLength && URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw refuse(text, `is no URL of at most ${maxLength} characters`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(text, 'only https:// is allowed');
  if (url.username !== '' || url.password !== '') throw refuse(text, 'a URL with a user name or password is not taken');
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const isPrivate = policy.privateHosts.some((entry) =>
    [url.hostname, host, `${url.hostname}:${port}`].includes(entry),
  );
  if (isPrivate) return { url, host, isPrivate, policy };
  if (url.protocol !== 'https:') throw refuse(text, 'only https:// is allowed');
  if (!policy.ports.includes(port))
    throw refuse(text, `port ${port} is not allowed; allowed are ${policy.ports.join(', ')}`);
  if (policy.hosts.length > 0 && !policy.hosts.includes(host))
    throw refuse(text, `the host ${host} is not allowed; allowed are ${policy.hosts.join(', ')}`);
  if (isIP(host) !== 0) checkAddresses(text, host, [host], policy);
  return { url, host, isPrivate, policy };
}

/** Every address of a name is checked: the name's server chooses which one is used. Throws REMOTE_REFUSED. */
export function checkAddresses(
  url: string,
  host: string,
  addresses: readonly string[],
  { wording }: Pick<RemotePolicy, 'wording'>,
): void {
  const inside = addresses.find((address) => !isPublicAddress(address));
  if (inside === undefined) return;
  const what = inside === host ? `${host} is` : `${host} has the address ${inside},`;
  throw refuse(url, `${what} not on the public internet; ${wording.privateHosts} can allow it`);
}
