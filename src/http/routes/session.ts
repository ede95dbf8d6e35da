/** Signing in with a key from a browser, who is signed in, and signing out. */
import { Type } from 'typebox';
import { AppError } from '../../errors.ts';
import { findKey } from '../api-keys.ts';
import type { App, Caller } from '../app-types.ts';
import { originOf } from '../origin.ts';
import { callerOf } from '../plugins/auth.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { Session, SignIn } from '../schemas/session.ts';
import type { HttpOptions, Services } from '../services.ts';
import { cookieOptions, sessionCookie, sessionSeconds } from '../session-cookie.ts';

const maxFormBytes = 4096;

export async function sessionRoutes(app: App, { sessions }: Services, { keys, publicUrl }: HttpOptions): Promise<void> {
  const tags = ['session'];
  const view = ({ name, scopes }: Pick<Caller, 'name' | 'scopes'>): Session => ({
    keysRequired: keys.length > 0,
    name,
    scopes: [...scopes],
  });

  app.get('/v1/session', {
    config: { access: 'any' },
    schema: {
      tags,
      summary: 'Who asks, and what the key allows',
      description: 'For pages and commands that want to say as whom they act; works with a token and with a session.',
      response: { 200: Session, ...commonProblems },
    },
    handler: async (request, reply) => reply.header('cache-control', 'no-store').send(view(request.caller)),
  });

  app.delete('/v1/session', {
    config: { access: 'any' },
    schema: {
      tags,
      summary: 'Sign out',
      description: 'Ends the session of the cookie and takes the cookie away. Does nothing for bearer tokens.',
      response: { 204: Type.Null({ description: 'Signed out.' }), ...commonProblems },
    },
    async handler(request, reply) {
      const session = request.cookies[sessionCookie];
      if (session !== undefined) await sessions.close(session);
      return reply.clearCookie(sessionCookie, cookieOptions(request, publicUrl)).code(204).send(null);
    },
  });

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: maxFormBytes },
      async (_request: unknown, body: string) => Object.fromEntries(new URLSearchParams(body)),
    );
    signInRoute(scope as App);
  });

  function signInRoute(scope: App): void {
    scope.post('/v1/session', {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Sign in from a browser',
        description:
          'Takes the form of the page and sets a cookie that stands for the key: HttpOnly, SameSite=Strict, Secure over TLS, for 12 hours. Programs send `Authorization: Bearer TOKEN` instead.',
        consumes: ['application/x-www-form-urlencoded'],
        body: SignIn,
        response: { 200: Session, ...commonProblems, 413: problems[413], 415: problems[415] },
      },
      async handler(request, reply) {
        // Else another site could sign a visitor in under its own key, and see what the visitor then creates.
        if (originOf(request.headers) === 'other')
          throw new AppError('FORBIDDEN', 'pages of another origin cannot sign in here');
        if (keys.length === 0) return view(request.caller);
        const key = findKey(keys, tokenOf(request.body));
        if (key === undefined) throw new AppError('UNAUTHENTICATED', 'this key is not known to the service');
        const session = await sessions.open(key.hash.toString('hex'), sessionSeconds);
        reply.setCookie(sessionCookie, session, { ...cookieOptions(request, publicUrl), maxAge: sessionSeconds });
        request.caller = callerOf(key);
        return reply.header('cache-control', 'no-store').send(view(request.caller));
      },
    });
  }
}

/** @throws INVALID_INPUT for a form without a key */
function tokenOf(form: unknown): string {
  const token: unknown = typeof form === 'object' && form !== null ? Reflect.get(form, 'key') : undefined;
  if (typeof token === 'string' && token.trim() !== '') return token.trim();
  const problem = { pointer: '/key', message: 'is missing: the key to sign in with' };
  throw new AppError('INVALID_INPUT', `key ${problem.message}`, { problems: [problem] });
}
