/** Pages of other origins: those of the allow-list may use the API from a browser, others may not. */
import cors from '@fastify/cors';
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';
import type { HttpOptions } from '../services.ts';

const preflightSeconds = 600;

/** Request headers that pages of allowed origins may send. */
const allowedHeaders = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-none-match',
  'if-range',
  'last-event-id',
  'range',
];

/** What a page may read of an answer beyond the few headers that it always may. */
const exposedHeaders = [
  'Content-Disposition',
  'Content-Range',
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'Repr-Digest',
  'Retry-After',
  'X-Request-Id',
];

const originPattern = /^https?:\/\/[^/\s]+$/;

/** Throws USAGE for an entry of CORS_ORIGINS that is no origin. */
export function parseOrigins(entries: readonly string[]): readonly string[] {
  const wrong = entries.find((origin) => !originPattern.test(origin));
  if (wrong === undefined) return entries;
  const form = 'an origin is written https://HOST or https://HOST:PORT, without a path';
  throw new AppError('USAGE', `CORS_ORIGINS: ${JSON.stringify(wrong)} is no origin; ${form}`);
}

/** Before every plugin that may refuse a request: a browser asks for permission without a key. */
export async function installCors(app: App, { corsOrigins }: Pick<HttpOptions, 'corsOrigins'>): Promise<void> {
  if (corsOrigins.length === 0) return;
  await app.register(cors, {
    origin: [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders,
    exposedHeaders,
    maxAge: preflightSeconds,
  });
  app.addHook('onSend', async (request, reply) => {
    const { origin } = request.headers;
    // Pages that isolate themselves (Cross-Origin-Embedder-Policy) load nothing that does not say this.
    if (origin !== undefined && corsOrigins.includes(origin))
      reply.header('cross-origin-resource-policy', 'cross-origin');
  });
}
