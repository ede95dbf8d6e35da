/** Artifacts: list, content, and the weights in one format. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { artifactFormat, mediaTypeOf } from '../../artifacts/index.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../app-types.ts';
import { ArtifactList, ArtifactParams, WeightsQuery } from '../schemas/artifact.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { JobParams } from '../schemas/job.ts';
import { sendFile } from '../send-file.ts';
import type { HttpOptions, Services } from '../services.ts';
import { baseUrl, visibleOwner } from '../views.ts';

const content = (description: string) => ({
  description,
  content: { 'application/octet-stream': { schema: Type.Unsafe<unknown>({ type: 'string', format: 'binary' }) } },
});

const contentAnswers = {
  200: content('The bytes. ETag and Repr-Digest hold their SHA-256.'),
  206: content('The wanted range.'),
  304: Type.Null({ description: 'The client has these bytes.' }),
  ...commonProblems,
  404: problems[404],
  416: problems[416],
};

export function artifactRoutes(app: App, { manage, artifacts }: Services, { publicUrl }: HttpOptions): void {
  async function send(request: FastifyRequest, reply: FastifyReply, id: string, name: string): Promise<FastifyReply> {
    const { status } = await manage.get(id, visibleOwner(request.caller));
    const files = (await artifacts.list(id)) ?? [];
    const file = files.find((candidate) => candidate.name === name);
    if (file === undefined) throw notThere(id, name, status, files);
    return sendFile(request, reply, {
      ...file,
      mediaType: mediaTypeOf(name),
      open: (range) => artifacts.open(id, name, range),
    });
  }

  app.get('/v1/jobs/:id/artifacts', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['artifacts'],
      summary: 'List the files of a job',
      description:
        'Names, sizes, sha256 and addresses. Weights in every format of the job, report.json with what was found, and the specification.',
      params: JobParams,
      response: { 200: ArtifactList, ...commonProblems, 404: problems[404] },
    },
    async handler(request) {
      const { id } = await manage.get(request.params.id, visibleOwner(request.caller));
      const files = (await artifacts.list(id)) ?? [];
      const base = `${baseUrl(request, publicUrl)}/v1/jobs/${id}/artifacts`;
      return {
        artifacts: files.map((file) => ({
          ...file,
          mediaType: mediaTypeOf(file.name),
          url: `${base}/${file.name.split('/').map(encodeURIComponent).join('/')}`,
        })),
      };
    },
  });

  app.get('/v1/jobs/:id/artifacts/*', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['artifacts'],
      summary: 'One file; tfjs/model.json and the shards beside it load with tf.loadLayersModel(url)',
      description: 'The bytes, with ETag (their sha256), Repr-Digest and Range.',
      params: ArtifactParams,
      response: contentAnswers,
    },
    handler: (request, reply) => send(request, reply, request.params.id, request.params['*']),
  });

  app.get('/v1/jobs/:id/weights', {
    config: { access: 'jobs:read' },
    schema: {
      tags: ['artifacts'],
      summary: 'The weights in one format',
      description: 'tfjs-layers is a model of several files: the answer leads to its model.json.',
      params: JobParams,
      querystring: WeightsQuery,
      response: { 303: Type.Null({ description: 'The first of several files.' }), ...contentAnswers },
    },
    async handler(request, reply) {
      const { id } = await manage.get(request.params.id, visibleOwner(request.caller));
      const { entry } = artifactFormat(request.query.format ?? 'safetensors');
      // Shards are named relative to the file that names them.
      if (entry.includes('/'))
        return reply.redirect(`${baseUrl(request, publicUrl)}/v1/jobs/${id}/artifacts/${entry}`, 303);
      reply.header('content-disposition', `attachment; filename="${id}-${entry}"`);
      return send(request, reply, id, entry);
    },
  });
}

function notThere(id: string, name: string, status: string, files: readonly { name: string }[]): AppError {
  const shown = JSON.stringify(name.slice(0, 200));
  const why =
    files.length === 0
      ? `it is ${status} and has published nothing`
      : `there are ${files.map((file) => file.name).join(', ')}`;
  return new AppError('ARTIFACT_NOT_FOUND', `job ${id} has no artifact ${shown}: ${why}`);
}
