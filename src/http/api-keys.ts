/** Keys of the API: bearer tokens, of which only the SHA-256 is configured. An entry is NAME:SCOPES:sha256:HEX, with scopes joined by +. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors.ts';

export const scopes = ['jobs:read', 'jobs:write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export interface ApiKey {
  /** Owner of the jobs and datasets that the key creates. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly hash: Buffer;
}

const isScope = (text: string): text is Scope => (scopes as readonly string[]).includes(text);
const hashOf = (token: string) => createHash('sha256').update(token).digest();

/** Tokens are 256 random bits. They cannot be found from a plain hash, so that a slow hash would only delay every request. */
const tokenBytes = 32;

/**
 * Parses the entries of API_KEYS.
 *
 * @throws USAGE with the position of the entry and without its content
 */
export function parseApiKeys(entries: readonly string[]): ApiKey[] {
  const keys = entries.map((entry, index) => {
    const [, name = '', scopeText = '', hex = ''] = /^([^:]*):(.*):sha256:([0-9a-fA-F]*)$/.exec(entry) ?? [];
    const refuse = (problem: string) =>
      new AppError('USAGE', `API_KEYS: entry ${index + 1} ${problem}; expected NAME:SCOPES:sha256:HEX`);
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
      throw refuse('has no name of letters, digits, dots, - and _ (64 at most)');
    if (!/^[0-9a-f]{64}$/i.test(hex)) throw refuse('has no SHA-256 of 64 hex digits');
    const wanted = scopeText.split('+');
    const unknown = wanted.find((scope) => !isScope(scope));
    if (unknown !== undefined) throw refuse(`has the scope ${JSON.stringify(unknown)}; there are ${scopes.join(', ')}`);
    return { name, scopes: new Set(wanted.filter(isScope)), hash: Buffer.from(hex, 'hex') };
  });
  const hashes = new Set(keys.map(({ hash }) => hash.toString('hex')));
  if (hashes.size < keys.length) throw new AppError('USAGE', 'API_KEYS: two entries have the same hash');
  return keys;
}

/** The key with that SHA-256 (hex); undefined when it is not configured any more. */
export const keyOfHash = (keys: readonly ApiKey[], hash: string): ApiKey | undefined =>
  keys.find((key) => key.hash.toString('hex') === hash);

/** The key of a token; undefined when there is none. The time does not depend on which key it is. */
export function findKey(keys: readonly ApiKey[], token: string): ApiKey | undefined {
  const hash = hashOf(token);
  let found: ApiKey | undefined;
  for (const key of keys) if (timingSafeEqual(hash, key.hash)) found = key;
  return found;
}

/** A new token and the entry of API_KEYS that admits it. */
export function createKey(name: string, wanted: readonly string[]): { token: string; entry: string } {
  const token = `gik_${randomBytes(tokenBytes).toString('base64url')}`;
  const entry = `${name}:${wanted.join('+')}:sha256:${hashOf(token).toString('hex')}`;
  parseApiKeys([entry]);
  return { token, entry };
}
