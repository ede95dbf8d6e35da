/** Liveness and readiness. Both are public: orchestrators have no keys, and nothing in them is a secret. */
import { version } from '../../version.ts';
import type { App } from '../app-types.ts';
import { commonProblems } from '../schemas/common.ts';
import { Liveness, Readiness } from '../schemas/health.ts';
import type { Services } from '../services.ts';

export function healthRoutes(app: App, { readiness }: Services): void {
  app.get('/health/live', {
    config: { access: 'public' },
    logLevel: 'warn',
    schema: {
      tags: ['health'],
      summary: 'The process answers',
      description: 'Asks nothing of Redis or the store: for restarts by an orchestrator.',
      response: { 200: Liveness, ...commonProblems },
    },
    handler: async () => ({ live: true as const, version }),
  });

  app.get('/health/ready', {
    config: { access: 'public' },
    logLevel: 'warn',
    schema: {
      tags: ['health'],
      summary: 'Redis and the store answer and a worker is alive',
      description: '503 when one of them does not; `checks` says which. `workers` lists devices with what they run.',
      response: { 200: Readiness, ...commonProblems, 503: Readiness },
    },
    async handler(_request, reply) {
      const state = await readiness();
      return reply
        .code(state.ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(state);
    },
  });
}
