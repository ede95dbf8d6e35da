/** Comparisons: create, list, get, cancel, delete, reports, and the best weights in one call. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { artifactFormat, mediaTypeOf } from '../../artifacts/index.ts';
import type { ComparisonView } from '../../comparison/comparisons.ts';
import { toCsv } from '../../comparison/report/csv.ts';
import { toHtml } from '../../comparison/report/html.ts';
import { toMarkdown } from '../../comparison/report/markdown.ts';
import { ComparisonSpec } from '../../contract/comparison-spec.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import {
  Comparison,
  ComparisonList,
  ComparisonListQuery,
  ComparisonParams,
  ComparisonWeightsQuery,
} from '../schemas/comparisons.ts';
import { SubmitHeaders, waitQuery } from '../schemas/job.ts';
import { sendFile } from '../send-file.ts';
import type { HttpOptions, Services } from '../services.ts';
import { baseUrl, visibleOwner } from '../views.ts';

const pageSize = 20;

/** A report is shown, never run: it holds names that a client chose. */
const pagePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

function comparisonView({ record, status, finishedAt, counts, cells }: ComparisonView, base: string): Comparison {
  const self = `${base}/v1/comparisons/${record.id}`;
  const { id, owner, createdAt, spec } = record;
  return {
    id,
    status,
    owner,
    createdAt,
    finishedAt,
    cells,
    counts: { ...counts },
    inapplicable: record.inapplicable.map(({ model, method, reason }) => ({
      model: spec.models[model]?.label ?? '',
      method: spec.methods[method]?.label ?? '',
      reason,
    })),
    jobs: { ...record.jobs },
    links: {
      self,
      report: `${self}/report.json`,
      page: `${self}/report.html`,
      weights: `${self}/weights`,
      cancel: `${self}/cancel`,
    },
  };
}

const text = (description: string, mediaType: string) => ({
  description,
  content: { [mediaType]: { schema: Type.Unsafe<unknown>({ type: 'string' }) } },
});

const textReports = [
  {
    file: 'report.md',
    summary: 'The tables as Markdown',
    description: 'For a pull request or a notebook: set-up, rows, deviations, ties, and the command that repeats it.',
    content: 'Tables.',
    mediaType: 'text/markdown',
    write: toMarkdown,
  },
  {
    file: 'report.csv',
    summary: 'Every number of every cell, one a row',
    description: 'RFC 4180 with a header: a row for each cell and number, missing values empty.',
    content: 'CSV (RFC 4180).',
    mediaType: 'text/csv',
    write: toCsv,
  },
] as const;

export function comparisonRoutes(
  app: App,
  { comparisons, artifacts }: Services,
  { publicUrl, maxWaitSeconds }: HttpOptions,
): void {
  const view = (request: FastifyRequest, found: ComparisonView) => comparisonView(found, baseUrl(request, publicUrl));
  const tags = ['comparisons'];

  app.post('/v1/comparisons', {
    config: { access: 'jobs:write' },
    schema: {
      tags,
      summary: 'Compare initialisations: one job for every model, method, protocol and seed',
      description:
        'Every combination becomes a job that initialises and trains; methods that do not apply to a model are listed with the reason. The report grows as jobs end.',
      headers: SubmitHeaders,
      body: ComparisonSpec,
      response: { 202: Comparison, ...commonProblems, 413: problems[413], 415: problems[415], 422: problems[422] },
    },
    async handler(request, reply) {
      const { view: made, isReplay } = await comparisons.create({
        input: request.body,
        owner: request.caller.name,
        visibleOwner: visibleOwner(request.caller),
        idempotencyKey: request.headers['idempotency-key'] ?? null,
      });
      if (isReplay) reply.header('idempotency-replayed', 'true');
      return reply.code(202).header('location', `/v1/comparisons/${made.record.id}`).send(view(request, made));
    },
  });

  app.get('/v1/comparisons', {
    config: { access: 'jobs:read' },
    schema: {
      tags,
      summary: 'List comparisons, newest first',
      description: '`after` takes the id of the last comparison of the page before.',
      querystring: ComparisonListQuery,
      response: { 200: ComparisonList, ...commonProblems },
    },
    async handler(request) {
      const { limit = pageSize, after } = request.query;
      const { views, hasMore } = await comparisons.list(visibleOwner(request.caller), limit, after);
      return { comparisons: views.map((found) => view(request, found)), has_more: hasMore };
    },
  });

  app.get('/v1/comparisons/:id', {
    config: { access: 'jobs:read' },
    schema: {
      tags,
      summary: 'Get a comparison, at once or when it is over',
      description:
        'With `wait` the answer comes when all cells are over, or after so many seconds with the state of then.',
      params: ComparisonParams,
      querystring: waitQuery(maxWaitSeconds),
      response: { 200: Comparison, ...commonProblems, 404: problems[404] },
    },
    async handler(request, reply) {
      const { wait = 0 } = request.query;
      const owner = visibleOwner(request.caller);
      const found =
        wait > 0
          ? await comparisons.wait(request.params.id, owner, wait, request.signal)
          : await comparisons.get(request.params.id, owner);
      return reply.header('cache-control', 'no-store').send(view(request, found));
    },
  });

  app.post('/v1/comparisons/:id/cancel', {
    config: { access: 'jobs:write' },
    schema: {
      tags,
      summary: 'Cancel every cell that is not over',
      description: 'Cells that are over stay, and the report shows them.',
      params: ComparisonParams,
      response: { 202: Comparison, ...commonProblems, 404: problems[404] },
    },
    async handler(request, reply) {
      const found = await comparisons.cancel(request.params.id, visibleOwner(request.caller));
      return reply.code(202).send(view(request, found));
    },
  });

  app.delete('/v1/comparisons/:id', {
    config: { access: 'jobs:write' },
    schema: {
      tags,
      summary: 'Delete a comparison that is over, with its jobs and artifacts',
      description: 'One that is not over is refused with 409: cancel it first.',
      params: ComparisonParams,
      response: {
        204: Type.Null({ description: 'The comparison is gone.' }),
        ...commonProblems,
        404: problems[404],
        409: problems[409],
      },
    },
    async handler(request, reply) {
      await comparisons.remove(request.params.id, visibleOwner(request.caller));
      return reply.code(204).send(null);
    },
  });

  app.get('/v1/comparisons/:id/report.json', {
    config: { access: 'jobs:read' },
    schema: {
      tags,
      summary: 'The report so far: every row with mean and standard deviation over seeds, every cell',
      description:
        'The same data as the other reports, for programs. It can be asked for at any time; rows that have no cell yet say so.',
      params: ComparisonParams,
      response: {
        200: Type.Unsafe<unknown>({ type: 'object', description: 'gradinit-comparison/1' }),
        ...commonProblems,
        404: problems[404],
      },
    },
    handler: (request) => comparisons.report(request.params.id, visibleOwner(request.caller)),
  });

  for (const { file, summary, description, content, mediaType, write } of textReports)
    app.get(`/v1/comparisons/:id/${file}`, {
      config: { access: 'jobs:read' },
      schema: {
        tags,
        summary,
        description,
        params: ComparisonParams,
        response: { 200: text(content, mediaType), ...commonProblems, 404: problems[404] },
      },
      async handler(request, reply) {
        const report = await comparisons.report(request.params.id, visibleOwner(request.caller));
        return reply.type(`${mediaType}; charset=utf-8`).header('cache-control', 'no-store').send(write(report));
      },
    });

  app.get('/v1/comparisons/:id/report.html', {
    config: { access: 'jobs:read' },
    schema: {
      tags,
      summary: 'One page with tables and plots',
      description: 'Self-contained: no script, no request to anywhere. Prints.',
      params: ComparisonParams,
      response: { 200: text('A page.', 'text/html'), ...commonProblems, 404: problems[404] },
    },
    async handler(request, reply) {
      const report = await comparisons.report(request.params.id, visibleOwner(request.caller));
      reply.headers({ 'cache-control': 'no-store', 'content-security-policy': pagePolicy });
      return reply.type('text/html; charset=utf-8').send(await toHtml(report));
    },
  });

  app.get('/v1/comparisons/:id/weights', {
    config: { access: 'jobs:read' },
    schema: {
      tags,
      summary: 'The weights of the best method, its best seed',
      description:
        'Best by the number that the report ranks by; `model` and `training` choose where there are several. tfjs-layers answers with a redirection to its model.json.',
      params: ComparisonParams,
      querystring: ComparisonWeightsQuery,
      response: {
        200: text('The bytes.', 'application/octet-stream'),
        206: text('The wanted range.', 'application/octet-stream'),
        303: Type.Null({ description: 'The first of several files.' }),
        304: Type.Null({ description: 'The client has these bytes.' }),
        ...commonProblems,
        404: problems[404],
        416: problems[416],
      },
    },
    async handler(request, reply) {
      const { format = 'safetensors', model, training } = request.query;
      const { job } = await comparisons.best(request.params.id, visibleOwner(request.caller), {
        ...(model === undefined ? {} : { model }),
        ...(training === undefined ? {} : { training }),
      });
      const { entry } = artifactFormat(format);
      if (entry.includes('/'))
        return reply.redirect(`${baseUrl(request, publicUrl)}/v1/jobs/${job}/artifacts/${entry}`, 303);
      const files = (await artifacts.list(job)) ?? [];
      const file = files.find(({ name }) => name === entry);
      if (!file)
        throw new AppError(
          'ARTIFACT_NOT_FOUND',
          `job ${job} has no ${format} artifact; there are ${files.map(({ name }) => name).join(', ')}`,
        );
      reply.header('content-disposition', `attachment; filename="${job}-${entry}"`);
      return sendFile(request, reply, {
        ...file,
        mediaType: mediaTypeOf(entry),
        open: (range) => artifacts.open(job, entry, range),
      });
    },
  });
}
