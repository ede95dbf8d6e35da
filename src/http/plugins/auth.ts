/** Who may do what: bearer tokens against the configured keys; every route says what it needs. */
import { AppError } from '../../errors.ts';
import { type ApiKey, findKey } from '../api-keys.ts';
import type { Access, App, Caller } from '../app-types.ts';

const everybody: Caller = { name: '', isAdmin: true };

const isLoopbackName = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host);

/** True for the pages of this server itself, and for programs, which name no origin. */
function isOwnOrigin({ origin, host = '' }: { origin?: string | undefined; host?: string | undefined }): boolean {
  return origin === undefined || origin.replace(/^https?:\/\//, '') === host;
}

export interface AuthOptions {
  /** None: whoever reaches the socket may do everything. */
  readonly keys: readonly ApiKey[];
  /** Other origins whose pages may use the API. */
  readonly corsOrigins: readonly string[];
}

export function installAuth(app: App, { keys, corsOrigins }: AuthOptions): void {
  app.decorateRequest('caller');

  app.addHook('onRoute', ({ config, method, url }) => {
    if (config?.access === undefined) throw new Error(`${method} ${url} does not say which access it needs`);
  });

  app.addHook('onRequest', async (request) => {
    request.caller = everybody;
    const access = request.routeOptions.config.access ?? 'public';
    if (keys.length === 0) {
      // A web page may make a browser ask us under a name of its own (DNS rebinding); without keys nothing else stops it.
      if (access !== 'public' && !isLoopbackName(request.headers.host ?? ''))
        throw new AppError('FORBIDDEN', 'without API_KEYS the service answers only to localhost; configure keys');
      // A form of any web page can be sent here; a browser says from where.
      if (
        access === 'jobs:write' &&
        !isOwnOrigin(request.headers) &&
        !corsOrigins.includes(request.headers.origin ?? '')
      )
        throw new AppError('FORBIDDEN', 'pages of that origin may not use the service; name it in CORS_ORIGINS');
      return;
    }
    if (access === 'public') return;
    request.caller = authenticate(keys, request.headers.authorization, access);
  });
}

function authenticate(keys: readonly ApiKey[], header: string | undefined, access: Access): Caller {
  const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(header ?? '')?.[1];
  if (token === undefined)
    throw new AppError('UNAUTHENTICATED', 'the request needs a key: Authorization: Bearer TOKEN');
  const key = findKey(keys, token);
  if (key === undefined) throw new AppError('UNAUTHENTICATED', 'the bearer token is not known');
  const isAdmin = key.scopes.has('admin');
  const isAllowed = access === 'public' || isAdmin || key.scopes.has(access);
  if (!isAllowed) throw new AppError('FORBIDDEN', `the key "${key.name}" lacks the scope ${access}`);
  return { name: key.name, isAdmin };
}
