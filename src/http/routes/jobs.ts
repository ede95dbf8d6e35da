/** Jobs: create, list, get, cancel, retry, delete. */
import { type Static, Type } from 'typebox';
import { Cancellation } from '../../contract/cancellation.ts';
import { JobSpec } from '../../contract/job-spec.ts';
import type { JobStatus } from '../../contract/job-status.ts';
import { AppError } from '../../errors.ts';
import type { JobFilter } from '../../jobs/ports.ts';
import type { App } from '../app-types.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { Job, JobList, JobParams, ListQuery, SubmitHeaders, waitQuery } from '../schemas/job.ts';
import type { HttpOptions, Services } from '../services.ts';
import { jobAnswers } from '../submit-job.ts';
import { visibleOwner } from '../views.ts';

const pageSize = 20;

/** Translates the filters of a query into those of the store. Throws INVALID_INPUT for times that do not exist. */
function filterOf({
  after,
  status,
  method,
  comparison,
  metadata,
  created_from: from,
  created_before: before,
}: Static<typeof ListQuery>): Omit<JobFilter, 'owner' | 'limit'> {
  return {
    ...(after === undefined ? {} : { after }),
    ...(method === undefined ? {} : { method }),
    ...(comparison === undefined ? {} : { comparison }),
    // The schema lets nothing but statuses through.
    ...(status === undefined ? {} : { statuses: [status].flat().flatMap((list) => list.split(',')) as JobStatus[] }),
    ...(metadata === undefined ? {} : { metadata: Object.fromEntries([metadata].flat().map(pairOf)) }),
    ...(from === undefined ? {} : { createdFromMs: timeOf('created_from', from) }),
    ...(before === undefined ? {} : { createdBeforeMs: timeOf('created_before', before) }),
  };
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function timeOf(field: string, text: string): number {
  const timeMs = Date.parse(text);
  if (!Number.isNaN(timeMs)) return timeMs;
  const message = `is ${JSON.stringify(text)}: there is no such time`;
  throw new AppError('INVALID_INPUT', `${field} ${message}`, {
    problems: [{ pointer: `/${field}`, message }],
  });
}

export function jobRoutes(app: App, services: Services, { publicUrl, maxWaitSeconds }: HttpOptions): void {
  const { manage, jobs } = services;
  const { view, submit } = jobAnswers(services, publicUrl);

  app.post('/v1/jobs', {
    config: { access: 'jobs:write' },
    schema: {
      tags: ['jobs'],
      summary: 'Create a job',
      description: 'Checks everything that can be known before the job runs, stores the job and queues it.',
      headers: SubmitHeaders,
      body: JobSpec,
      response: { 202: Job, ...commonProblems, 413: problems[413], 415: problems[415], 422: problems[422] },
    },
    handler: (request, reply) => submit(request, reply, request.body),
  });

  app.get('/v1/jobs', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['jobs'],
      summary: 'List jobs, newest first',
      description: 'Every filter that is given must match.',
      querystring: ListQuery,
      response: { 200: JobList, ...commonProblems },
    },
    async handler(request) {
      const { records, next } = await jobs.list({
        owner: visibleOwner(request.caller),
        limit: request.query.limit ?? pageSize,
        ...filterOf(request.query),
      });
      const page = await Promise.all(records.map((record) => view(request, record)));
      return { jobs: page, has_more: next !== null, next };
    },
  });

  app.get('/v1/jobs/:id', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['jobs'],
      summary: 'Get a job, at once or when it is over',
      description:
        'With `wait` the answer comes when the job is over, or after so many seconds with the state of then. Unfinished jobs are no error: look at `status`.',
      params: JobParams,
      querystring: waitQuery(maxWaitSeconds),
      response: { 200: Job, ...commonProblems, 404: problems[404] },
    },
    async handler(request, reply) {
      const { wait = 0 } = request.query;
      const owner = visibleOwner(request.caller);
      const record =
        wait > 0
          ? await manage.wait(request.params.id, owner, wait, request.signal)
          : await manage.get(request.params.id, owner);
      return reply.header('cache-control', 'no-store').send(await view(request, record));
    },
  });

  app.post('/v1/jobs/:id/cancel', {
    config: { access: 'jobs:write' },
    schema: {
      tags: ['jobs'],
      summary: 'Cancel a job',
      description:
        'A queued job is cancelled at once, a running one within an iteration or when its grace time is over.',
      params: JobParams,
      body: Type.Optional(Cancellation),
      response: { 202: Job, ...commonProblems, 404: problems[404], 409: problems[409] },
    },
    async handler(request, reply) {
      const record = await manage.cancel(request.params.id, visibleOwner(request.caller), request.body);
      return reply.code(202).send(await view(request, record));
    },
  });

  for (const [verb, summary, description] of [
    [
      'pause',
      'Pause a job',
      'A queued job leaves the queue, a running one writes a checkpoint and leaves its worker (status pausing until it has). The time does not count as running.',
    ],
    ['resume', 'Resume a paused job', 'It waits in the queue and goes on from its checkpoint, to the same weights.'],
  ] as const) {
    app.post(`/v1/jobs/:id/${verb}`, {
      config: { access: 'jobs:write' },
      schema: {
        tags: ['jobs'],
        summary,
        description,
        params: JobParams,
        response: { 202: Job, ...commonProblems, 404: problems[404], 409: problems[409] },
      },
      async handler(request, reply) {
        const record = await manage[verb](request.params.id, visibleOwner(request.caller));
        return reply.code(202).send(await view(request, record));
      },
    });
  }

  app.post('/v1/jobs/:id/retry', {
    config: { access: 'jobs:write' },
    schema: {
      tags: ['jobs'],
      summary: 'Run a failed, cancelled or expired job again',
      description:
        'The same job, under the same id, from its last checkpoint where there is one. Jobs in another state are refused with 409.',
      params: JobParams,
      response: { 202: Job, ...commonProblems, 404: problems[404], 409: problems[409] },
    },
    async handler(request, reply) {
      const record = await manage.retry(request.params.id, visibleOwner(request.caller));
      return reply.code(202).send(await view(request, record));
    },
  });

  app.delete('/v1/jobs/:id', {
    config: { access: 'jobs:write' },
    schema: {
      tags: ['jobs'],
      summary: 'Delete a job that is over, with its artifacts',
      description:
        'Its record, events, log and artifacts are gone afterwards; uploads that it used stay. A job that is not over is refused with 409: cancel it first.',
      params: JobParams,
      response: {
        204: Type.Null({ description: 'The job is gone.' }),
        ...commonProblems,
        404: problems[404],
        409: problems[409],
      },
    },
    async handler(request, reply) {
      await manage.remove(request.params.id, visibleOwner(request.caller));
      return reply.code(204).send(null);
    },
  });
}
