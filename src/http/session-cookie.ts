/** The cookie of a browser that signed in. */
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';

export const sessionCookie = 'gradinit_session';

/** A working day; on the next one the user signs in again. */
export const sessionSeconds = 12 * 3600;

/**
 * Scripts cannot read it, other sites' pages never send it, and it travels encrypted wherever the service is reached over TLS: directly, through a proxy
 * that says so, or by PUBLIC_URL.
 */
export const cookieOptions = (request: FastifyRequest, publicUrl: string | null): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict',
  secure: request.protocol === 'https' || (publicUrl?.startsWith('https:') ?? false),
});
