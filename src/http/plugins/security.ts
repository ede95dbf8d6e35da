/** Security headers of every answer, the rate limit, and load shedding. */
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';
import type { HttpOptions } from '../services.ts';

export async function installSecurity(
  app: App,
  { requestsPerMinute, maxEventLoopDelayMs }: HttpOptions,
): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // The proxy that terminates TLS sets HSTS: the service itself serves HTTP only.
    strictTransportSecurity: false,
  });

  await app.register(underPressure, {
    maxEventLoopDelay: maxEventLoopDelayMs,
    pressureHandler: (request) => {
      // Health and metrics must be answered under load, too.
      if (request.routeOptions.config.access === 'public') return;
      throw new AppError('OVERLOADED', 'the server has more work than it can do; try again later', {
        permanent: false,
      });
    },
  });

  if (requestsPerMinute > 0) {
    await app.register(rateLimit, {
      max: requestsPerMinute,
      timeWindow: '1 minute',
      enableDraftSpec: true,
      keyGenerator: (request) => request.caller.name || request.ip,
      allowList: (request) => request.routeOptions.config.access === 'public',
      errorResponseBuilder: (_request, { after }) =>
        new AppError('RATE_LIMITED', `more than ${requestsPerMinute} requests in a minute; try again in ${after}`, {
          permanent: false,
        }),
    });
  }

  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
}
