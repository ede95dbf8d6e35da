/** The queue at a glance: jobs by status and tenant. Workers are in /health/ready. */
import type { App } from '../app-types.ts';
import { commonProblems } from '../schemas/common.ts';
import { QueueState } from '../schemas/queue.ts';
import type { HttpOptions, Services } from '../services.ts';
import { visibleOwner } from '../views.ts';

export function queueRoutes(app: App, { countJobs }: Services, { keys }: HttpOptions): void {
  const everyName = [...new Set(keys.map(({ name }) => name))].sort();

  app.get('/v1/queue', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['jobs'],
      summary: 'How many jobs wait, run and ended, by tenant',
      description: 'A key sees its own jobs, one with the scope admin those of every key.',
      response: { 200: QueueState, ...commonProblems },
    },
    async handler({ caller }, reply) {
      const owner = visibleOwner(caller);
      const names = owner === null && keys.length > 0 ? everyName : [caller.name];
      const [jobs, tenants] = await Promise.all([
        countJobs(owner),
        Promise.all(names.map(async (name) => ({ name, jobs: await countJobs(name) }))),
      ]);
      return reply.header('cache-control', 'no-store').send({ jobs, tenants });
    },
  });
}
