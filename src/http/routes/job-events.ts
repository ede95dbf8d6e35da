/** Events of a job: a JSON page, or a stream of server-sent events. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isTerminal } from '../../contract/job-status.ts';
import { toAppError } from '../../errors.ts';
import type { App } from '../app-types.ts';
import { problemOf } from '../error-handler.ts';
import { createEventStream } from '../event-stream.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { cursorOf, EventList, EventsHeaders, EventsQuery } from '../schemas/event.ts';
import { JobParams } from '../schemas/job.ts';
import type { Services } from '../services.ts';
import { visibleOwner } from '../views.ts';

const pageSize = 100;

const wantsStream = (request: FastifyRequest) => /\btext\/event-stream\b/i.test(request.headers.accept ?? '');

export function jobEventRoutes(app: App, { manage, events }: Services): void {
  async function stream(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    after: string,
  ): Promise<FastifyReply> {
    const owner = visibleOwner(request.caller);
    const isOver = async () => isTerminal((await manage.get(id, owner)).status);
    // After 204 an EventSource does not connect again (HTML standard).
    if (after !== '' && (await isOver()) && (await events.read(id, after, 1)).length === 0)
      return reply.code(204).send();
    const source = createEventStream({
      follow: (from, onEvent, signal) => events.follow(id, from, onEvent, signal),
      isOver,
      problemOf: (thrown) => problemOf(toAppError(thrown), request),
      after,
    });
    return reply
      .headers({ 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' })
      .type('text/event-stream')
      .send(source);
  }

  app.get('/v1/jobs/:id/events', {
    exposeHeadRoute: false,
    config: { access: 'jobs:read' },
    schema: {
      tags: ['jobs'],
      summary: 'Events of a job: a page, or with Accept: text/event-stream a stream until the job is over',
      description:
        '`after` (or the header Last-Event-ID of a stream) goes on behind an event that was seen; without it the oldest event that is kept comes first.',
      params: JobParams,
      querystring: EventsQuery,
      headers: EventsHeaders,
      response: {
        200: {
          description: 'Events in their order.',
          content: {
            'application/json': { schema: EventList },
            'text/event-stream': {
              schema: Type.String({
                description:
                  'Server-sent events; data is JSON. A stream that cannot go on, because the job was removed say, ends with an event `problem` whose data is a problem document.',
              }),
            },
          },
        },
        204: Type.Null({ description: 'The job is over and the client has seen everything.' }),
        ...commonProblems,
        404: problems[404],
      },
    },
    async handler(request, reply) {
      const { id } = await manage.get(request.params.id, visibleOwner(request.caller));
      const { limit = pageSize } = request.query;
      const after = cursorOf(request.query.after, request.headers['last-event-id']);
      if (wantsStream(request)) return stream(request, reply, id, after);
      const found = await events.read(id, after, limit + 1);
      return reply.send({ events: found.slice(0, limit), has_more: found.length > limit });
    },
  });
}
