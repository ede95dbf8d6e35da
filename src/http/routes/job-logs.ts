/** The log of a job: a page of lines, as JSON or as text. */
import { Type } from 'typebox';
import { logLineOf, logText } from '../../contract/log-line.ts';
import type { App } from '../app-types.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { cursorOf, EventsQuery, LogPage } from '../schemas/event.ts';
import { JobParams } from '../schemas/job.ts';
import type { Services } from '../services.ts';
import { visibleOwner } from '../views.ts';

const pageSize = 100;

/** The first of the two media types that an Accept header names. */
function wantsText(accept = ''): boolean {
  const text = accept.search(/\btext\/(plain|\*)/i);
  const json = accept.search(/\bapplication\/json\b/i);
  return text >= 0 && (json < 0 || text < json);
}

export function jobLogRoutes(app: App, { manage, events }: Services): void {
  app.get('/v1/jobs/:id/logs', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['jobs'],
      summary: 'Log of a job: what happened, what was decided, what went wrong; with Accept: text/plain as text',
      description:
        'Without the progress of iterations, which is in the events. Lines are kept as long as the job, the last EVENTS_PER_JOB of them.',
      params: JobParams,
      querystring: EventsQuery,
      response: {
        200: {
          description: 'Lines, oldest first.',
          content: {
            'application/json': { schema: LogPage },
            'text/plain': { schema: Type.String({ description: 'TIME  LEVEL  MESSAGE, one line each.' }) },
          },
        },
        ...commonProblems,
        404: problems[404],
      },
    },
    async handler(request, reply) {
      const { id } = await manage.get(request.params.id, visibleOwner(request.caller));
      const { limit = pageSize } = request.query;
      const found = await events.readLog(id, cursorOf(request.query.after, undefined), limit + 1);
      const lines = found.slice(0, limit).flatMap((event) => logLineOf(event) ?? []);
      reply.headers({ 'cache-control': 'no-store', vary: 'accept' });
      if (wantsText(request.headers.accept))
        return reply.type('text/plain; charset=utf-8').send(lines.map((line) => `${logText(line)}\n`).join(''));
      return reply.type('application/json').send({ lines, has_more: found.length > limit });
    },
  });
}
