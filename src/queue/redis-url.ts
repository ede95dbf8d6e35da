/**
 * What REDIS_URL names: one server, the primary that sentinels know, or a cluster.
 *
 *   redis://[USER:PASSWORD@]HOST[:PORT][/DB]                        rediss:// with TLS
 *   unix://[USER:PASSWORD@]/PATH/TO.sock[?db=DB]
 *   redis+sentinel://[USER:PASSWORD@]HOST[:PORT],.../NAME[/DB]      rediss+sentinel:// with TLS, to sentinels and servers
 *                    [?sentinelUsername=USER&sentinelPassword=PASSWORD]
 *   redis+cluster://[USER:PASSWORD@]HOST[:PORT],...                 rediss+cluster:// with TLS
 *
 * User and password end at the last @, so that characters that end the authority of other URLs (#, /, ?) may stand in a password as they are; a percent
 * sign is written as %25. No message holds a part of the URL: any part may be the password.
 */
import { AppError } from '../errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

export type RedisTarget = Credentials & { readonly tls: boolean } & (
    | { readonly kind: 'server'; readonly address: Address; readonly db: number }
    | { readonly kind: 'socket'; readonly path: string; readonly db: number }
    | {
        readonly kind: 'sentinel';
        readonly sentinels: readonly Address[];
        /** Of the group of servers, as the sentinels call it. */
        readonly name: string;
        readonly db: number;
        readonly sentinelCredentials: Credentials;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly Address[] }
  );

const defaultPort = 6379;
const defaultSentinelPort = 26_379;

const refuse = (problem: string) => new AppError('USAGE', `REDIS_URL ${problem}`);

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse(`has a ${what} with a percent sign that begins no escape: write the sign as %25`);
  }
}

function credentialsOf(userinfo: string | undefined): Credentials {
  if (userinfo === undefined) return {};
  const colon = userinfo.indexOf(':');
  const name = colon < 0 ? userinfo : userinfo.slice(0, colon);
  if (/[/?#]/.test(name))
    throw refuse('has an @ behind the host, or a user name with one of / ? #: write these as %40, %2F, %3F, %23');
  const [username, password] = [
    decode(name, 'user name'),
    decode(colon < 0 ? '' : userinfo.slice(colon + 1), 'password'),
  ];
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) };
}

function addressOf(text: string, fallbackPort: number): Address {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? fallbackPort : Number(match[3]);
  if (host === undefined) throw refuse('does not name a host as HOST or HOST:PORT behind the user and password');
  if (port < 1 || port > 65_535) throw refuse('names a port that is none: ports are 1 to 65535');
  return { host, port };
}

const addressesOf = (text: string, fallbackPort: number) =>
  text.split(',').map((part) => addressOf(part.trim(), fallbackPort));

function databaseOf(text: string): number {
  if (!/^\d{0,5}$/.test(text)) throw refuse('names a database that is no number');
  return Number(text);
}

/** The parameters behind the question mark, all of which must be known. */
function parametersOf(query: string | undefined, known: readonly string[]): ReadonlyMap<string, string> {
  const entries = query === undefined || query === '' ? [] : query.split('&');
  return new Map(
    entries.map((entry) => {
      const [name = '', ...value] = entry.split('=');
      if (!known.includes(name))
        throw refuse(
          `has a parameter that it does not take here${known.length > 0 ? `: there are ${known.join(', ')}` : ''}`,
        );
      return [name, decode(value.join('='), 'parameter')];
    }),
  );
}

/**
 * The target of a URL for keys that begin with `prefix`. The scripts of this project and of BullMQ build their keys from it: in a cluster all of them must lie
 * in one hash slot.
 *
 * @throws USAGE, without any part of the URL in its message
 */
export function redisTarget(url: string, prefix: string): RedisTarget {
  const target = parseRedisUrl(url);
  if (target.kind === 'cluster' && !/\{[^}]+\}/.test(prefix))
    throw refuse(`names a cluster: QUEUE_PREFIX, ${JSON.stringify(prefix)}, needs a part in braces, as in {gradinit}`);
  return target;
}

function parseRedisUrl(url: string): RedisTarget {
  const scheme = /^(?:(redis|rediss)(?:\+(sentinel|cluster))?|unix):\/\//.exec(url);
  if (scheme === null)
    throw refuse(
      'must start with redis://, redis+sentinel://, redis+cluster://, the same with rediss for TLS, or unix://',
    );
  const rest = url.slice(scheme[0].length);
  const at = rest.lastIndexOf('@');
  const credentials = credentialsOf(at < 0 ? undefined : rest.slice(0, at));
  const [location = '', query] = splitOnce(rest.slice(at + 1), '?');
  if (scheme[1] === undefined) {
    const db = databaseOf(parametersOf(query, ['db']).get('db') ?? '');
    if (!location.startsWith('/')) throw refuse('needs the path of a socket behind unix://, beginning with /');
    return { kind: 'socket', path: location, db, tls: false, ...credentials };
  }
  const tls = scheme[1] === 'rediss';
  const [hosts = '', path = ''] = splitOnce(location, '/');
  if (scheme[2] === 'sentinel') {
    const [name = '', db = ''] = splitOnce(path, '/');
    if (name === '')
      throw refuse('needs the name of the primary behind the sentinels: redis+sentinel://HOST:PORT,.../NAME');
    const parameters = parametersOf(query, ['sentinelUsername', 'sentinelPassword']);
    const [username, password] = [parameters.get('sentinelUsername'), parameters.get('sentinelPassword')];
    return {
      kind: 'sentinel',
      sentinels: addressesOf(hosts, defaultSentinelPort),
      name: decode(name, 'name'),
      db: databaseOf(db),
      tls,
      sentinelCredentials: { ...(username ? { username } : {}), ...(password ? { password } : {}) },
      ...credentials,
    };
  }
  parametersOf(query, []);
  if (scheme[2] === 'cluster') {
    if (path !== '' && path !== '0') throw refuse('names a database: clusters have number 0 only');
    return { kind: 'cluster', nodes: addressesOf(hosts, defaultPort), tls, ...credentials };
  }
  if (hosts.includes(',')) throw refuse('names several hosts: write redis+sentinel:// or redis+cluster://');
  return { kind: 'server', address: addressOf(hosts, defaultPort), db: databaseOf(path), tls, ...credentials };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
