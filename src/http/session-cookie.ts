/** The cookie of a browser that signed in. */
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';

export const sessionCookie = 'gradinit_session';

/** Seconds of a working day. The user signs in again on the next one. */
export const sessionSeconds = 12 * 3600;

/**
 * Scripts cannot read the cookie, pages of other sites do not send it, and it is sent over TLS only wherever the service is reached over TLS: directly, through a
 * proxy that sets X-Forwarded-Proto, or by PUBLIC_URL.
 */
export const cookieOptions = (request: FastifyRequest, publicUrl: string | null): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict',
  secure: request.protocol === 'https' || (publicUrl?.startsWith('https:') ?? false),
});
