/** Authorisation: bearer tokens and sessions of browsers are compared with the configured keys. Every route declares the scope that it requires. */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import type { Sessions } from '../../jobs/ports.ts';
import { type ApiKey, findKey, keyOfHash, scopes } from '../api-keys.ts';
import type { Access, App, Caller } from '../app-types.ts';
import { originOf } from '../origin.ts';
import { sessionCookie } from '../session-cookie.ts';

const everybody: Caller = { name: '', isAdmin: true, scopes };

const isLoopbackName = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host);
const isSafe = (method: string) => method === 'GET' || method === 'HEAD';

export interface AuthOptions {
  /** Empty: every client that reaches the socket may do everything. */
  readonly keys: readonly ApiKey[];
  /** Other origins whose pages may use the API. */
  readonly corsOrigins: readonly string[];
}

export function installAuth(app: App, { sessions }: { sessions: Sessions }, { keys, corsOrigins }: AuthOptions): void {
  app.decorateRequest('caller');

  app.addHook('onRoute', ({ config, method, url }) => {
    if (config?.access === undefined) throw new Error(`${method} ${url} does not say which access it needs`);
  });

  app.addHook('onRequest', async (request) => {
    request.caller = everybody;
    const access = request.routeOptions.config.access ?? 'public';
    if (keys.length === 0) return admitEverybody(request, access, corsOrigins);
    if (access === 'public') return;
    const key = await authenticate(request, keys, sessions);
    request.caller = callerOf(key);
    checkScope(key, access);
  });
}

/** Without keys. Throws FORBIDDEN for requests that a browser sends for a page of another origin. */
function admitEverybody({ headers }: FastifyRequest, access: Access, corsOrigins: readonly string[]): void {
  // DNS rebinding: a web page may make a browser send requests to this address under a host name of its own. Without keys this check alone refuses them.
  if (access !== 'public' && !isLoopbackName(headers.host ?? ''))
    throw new AppError('FORBIDDEN', 'without API_KEYS the service answers only to localhost; configure keys');
  // A form of any web page can be sent here. The headers of the browser name the origin of that page.
  if (access === 'jobs:write' && originOf(headers) === 'other' && !corsOrigins.includes(headers.origin ?? ''))
    throw new AppError('FORBIDDEN', 'pages of that origin may not use the service; name it in CORS_ORIGINS');
}

/** @throws UNAUTHENTICATED, FORBIDDEN for a session that another page uses, QUEUE_UNAVAILABLE */
async function authenticate(request: FastifyRequest, keys: readonly ApiKey[], sessions: Sessions): Promise<ApiKey> {
  const { authorization } = request.headers;
  const session = request.cookies[sessionCookie];
  if (authorization === undefined && session !== undefined) return keyOfSession(request, session, keys, sessions);
  const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined)
    throw new AppError('UNAUTHENTICATED', 'the request needs a key: Authorization: Bearer TOKEN');
  const key = findKey(keys, token);
  if (key === undefined) throw new AppError('UNAUTHENTICATED', 'the bearer token is not known');
  return key;
}

async function keyOfSession(
  { method, headers }: FastifyRequest,
  session: string,
  keys: readonly ApiKey[],
  sessions: Sessions,
): Promise<ApiKey> {
  // A browser adds cookies to requests of any page: only pages of this server may change something with them.
  if (!isSafe(method) && originOf(headers) !== 'own')
    throw new AppError('FORBIDDEN', 'a session changes things from the pages of this server only; use a bearer token');
  const hash = await sessions.find(session);
  const key = hash === null ? undefined : keyOfHash(keys, hash);
  if (key === undefined) throw new AppError('UNAUTHENTICATED', 'the session is over; sign in again');
  return key;
}

/** The caller that a key identifies. */
export const callerOf = ({ name, scopes: own }: ApiKey): Caller => ({
  name,
  isAdmin: own.has('admin'),
  scopes: [...own],
});

/** @throws FORBIDDEN */
function checkScope({ name, scopes: own }: ApiKey, access: Access): void {
  const isAllowed = access === 'any' || access === 'public' || own.has('admin') || own.has(access);
  if (!isAllowed) throw new AppError('FORBIDDEN', `the key "${name}" lacks the scope ${access}`);
}
