/** Uploads: streamed in, listed, deleted. */
import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { DatasetSpec, parseDatasetSpec } from '../../contract/job-spec.ts';
import { AppError } from '../../errors.ts';
import { kindOf } from '../../jobs/inspect/describe.ts';
import { DatasetDescription } from '../../jobs/inspect/describe-dataset.ts';
import { DatasetSamples } from '../../jobs/inspect/show-samples.ts';
import type { UploadRecord } from '../../jobs/uploads/records.ts';
import type { IncomingFile } from '../../jobs/uploads/uploads.ts';
import type { App } from '../app-types.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import {
  Dataset,
  DatasetList,
  DatasetListQuery,
  DatasetParams,
  SamplesQuery,
  UploadBody,
  UploadQuery,
} from '../schemas/dataset.ts';
import type { HttpOptions, Services } from '../services.ts';
import { baseUrl, visibleOwner } from '../views.ts';

const pageSize = 20;
const defaultSamples = 12;
const maxFields = 10;
const maxFieldBytes = 1000;

export async function datasetRoutes(
  app: App,
  { uploads, datasets }: Services,
  { publicUrl, maxUploadBytes }: HttpOptions,
): Promise<void> {
  const view = (request: FastifyRequest, { owner: _, ...record }: UploadRecord): Dataset => ({
    ...record,
    kind: kindOf(record.description),
    ref: `dataset:${record.id}`,
    links: { self: `${baseUrl(request, publicUrl)}/v1/datasets/${record.id}` },
  });

  await app.register(async (scope) => {
    // A JSON body of that size would be read into memory.
    scope.removeAllContentTypeParsers();
    // The plugin would end a file that is too large in silence; the store counts for itself and says so.
    await scope.register(multipart, {
      limits: {
        fileSize: maxUploadBytes + 1,
        files: 65,
        fields: maxFields,
        fieldSize: maxFieldBytes,
        parts: 100,
        headerPairs: 100,
      },
    });
    uploadRoute(scope as App);
  });

  function uploadRoute(scope: App): void {
    scope.post('/v1/datasets', {
      config: { access: 'jobs:write' },
      // Streamed: what counts is the limit of uploads, not that of bodies.
      bodyLimit: Number.MAX_SAFE_INTEGER,
      schema: {
        tags: ['datasets'],
        summary: 'Upload data, a topology (JSON) or weights (safetensors, npz)',
        description:
          'multipart/form-data with one file, or with the files of a format that has several. The format is recognised and the files are read to their end. Equal uploads are stored once.',
        consumes: ['multipart/form-data'],
        querystring: UploadQuery,
        body: UploadBody,
        response: {
          200: Dataset,
          201: Dataset,
          ...commonProblems,
          413: problems[413],
          415: problems[415],
          422: problems[422],
        },
      },
      async handler(request, reply) {
        checkMultipart(request);
        awaitReading(request);
        const { kind = null } = request.query;
        const { record, existed } = await uploads.add(filesOf(request), request.caller.name, kind).catch(rethrow);
        return reply
          .code(existed ? 200 : 201)
          .header('location', `/v1/datasets/${record.id}`)
          .send(view(request, record));
      },
    });
  }

  app.post('/v1/datasets/inspect', {
    config: { access: 'jobs:write' },
    schema: {
      tags: ['datasets'],
      summary: 'Look at a dataset: format, parts, classes, ranges, normalisation and first samples',
      description: 'Opens what a job with this reference and these options would open, and says what it finds.',
      body: DatasetSpec,
      response: {
        200: DatasetDescription,
        ...commonProblems,
        413: problems[413],
        415: problems[415],
        422: problems[422],
      },
    },
    async handler(request) {
      const spec = parseDatasetSpec(request.body);
      awaitReading(request);
      return datasets.inspect(spec, visibleOwner(request.caller));
    },
  });

  app.get('/v1/datasets', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['datasets'],
      summary: 'List uploads, newest first',
      description: '`after` takes the id of the last upload of the page before.',
      querystring: DatasetListQuery,
      response: { 200: DatasetList, ...commonProblems },
    },
    async handler(request) {
      const { limit = pageSize, after } = request.query;
      const all = await uploads.list(visibleOwner(request.caller));
      const start = after === undefined ? 0 : startAfter(all, after);
      const page = all.slice(start, start + limit);
      return { datasets: page.map((record) => view(request, record)), has_more: start + limit < all.length };
    },
  });

  app.get('/v1/datasets/:id', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['datasets'],
      summary: 'Get an upload',
      description: 'What it was recognised as, with its files and their sha256.',
      params: DatasetParams,
      response: { 200: Dataset, ...commonProblems, 404: problems[404] },
    },
    handler: async (request) => view(request, await uploads.get(request.params.id, visibleOwner(request.caller))),
  });

  app.get('/v1/datasets/:id/samples', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['datasets'],
      summary: 'Get the first samples of an upload, or of builtin:NAME: labels by name, pictures as PNG',
      description:
        'Reads the data with the default options. Data that needs options is looked at by POST /v1/datasets/inspect.',
      params: DatasetParams,
      querystring: SamplesQuery,
      response: { 200: DatasetSamples, ...commonProblems, 404: problems[404], 422: problems[422] },
    },
    async handler(request) {
      const { part = 'train', count = defaultSamples } = request.query;
      const { id } = request.params;
      awaitReading(request);
      const ref = id.startsWith('builtin:') ? id : `dataset:${id}`;
      return datasets.samples({ ref, options: { part } }, count, visibleOwner(request.caller));
    },
  });

  app.delete('/v1/datasets/:id', {
    config: { access: 'jobs:write' },
    schema: {
      tags: ['datasets'],
      summary: 'Delete an upload that no unfinished job needs',
      description: 'One that a waiting or running job refers to is refused with 409.',
      params: DatasetParams,
      response: {
        204: Type.Null({ description: 'The upload is gone.' }),
        ...commonProblems,
        404: problems[404],
        409: problems[409],
      },
    },
    async handler(request, reply) {
      await uploads.remove(request.params.id, visibleOwner(request.caller));
      return reply.code(204).send(null);
    },
  });
}

/** @throws INVALID_INPUT for an id that is not listed (any more) */
function startAfter(records: readonly UploadRecord[], after: string): number {
  const index = records.findIndex(({ id }) => id === after);
  if (index >= 0) return index + 1;
  const problem = {
    pointer: '/query/after',
    message: 'names no upload, or one that was deleted: begin with the first page',
  };
  throw new AppError('INVALID_INPUT', `after ${problem.message}`, { problems: [problem] });
}

/** The longest boundary of RFC 2046. */
const maxBoundary = 70;

/** @throws MEDIA_TYPE_UNSUPPORTED for other bodies, REQUEST_MALFORMED for a boundary that is none */
function checkMultipart(request: FastifyRequest): void {
  const given = request.headers['content-type'] ?? 'none';
  if (!request.isMultipart())
    throw new AppError('MEDIA_TYPE_UNSUPPORTED', `an upload is multipart/form-data, got ${given.slice(0, 100)}`);
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(given) ?? [];
  const { length } = quoted ?? plain ?? '';
  if (length < 1 || length > maxBoundary)
    throw new AppError('REQUEST_MALFORMED', `the boundary has ${length} characters; it has 1 to ${maxBoundary}`);
}

/** A file is read for as long as the inspector allows, in which nothing is sent: the connection must not be taken for dead. */
const awaitReading = ({ raw }: FastifyRequest) => raw.socket?.setTimeout?.(0);

/** What the parser of multipart bodies says of bodies that are none; its errors have no codes. */
const parserMessages = /^(Multipart: |Unexpected end of |Malformed |Part terminated early|File terminated early)/;

function rethrow(error: unknown): never {
  if (!(error instanceof Error) || !parserMessages.test(error.message)) throw error;
  throw new AppError('REQUEST_MALFORMED', `the multipart body is cut off or malformed: ${error.message}`, {
    cause: error,
  });
}

/** The files of a request, one after the other. Fields are of no meaning and are skipped. */
async function* filesOf(request: FastifyRequest): AsyncGenerator<IncomingFile> {
  for await (const part of request.parts()) {
    if (part.type !== 'file') continue;
    const stream: Readable = part.file;
    yield { name: part.filename, stream };
  }
}
