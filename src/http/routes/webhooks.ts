/** Webhooks of an API key, the secret that signs their messages, and what was delivered for a job. */
import { Type } from 'typebox';
import { WebhookSpec } from '../../contract/webhook.ts';
import type { App } from '../app-types.ts';
import { commonProblems, problems } from '../schemas/common.ts';
import { JobParams } from '../schemas/job.ts';
import {
  DeliveryList,
  DeliveryParams,
  Webhook,
  WebhookList,
  WebhookParams,
  WebhookSecret,
  WebhookSecretState,
} from '../schemas/webhook.ts';
import type { Services } from '../services.ts';
import { visibleOwner } from '../views.ts';

const tags = ['webhooks'];

export function webhookRoutes(app: App, services: Services): void {
  endpointRoutes(app, services);
  secretRoutes(app, services);
  deliveryRoutes(app, services);
}

function endpointRoutes(app: App, { webhooks }: Services): void {
  app.post('/v1/webhooks', {
    config: { access: 'jobs:write' },
    schema: {
      tags,
      summary: 'Announce the events of all jobs of this key',
      description: 'Ten webhooks at most. Jobs name a webhook of their own in `webhook`.',
      body: WebhookSpec,
      response: { 201: Webhook, ...commonProblems, 413: problems[413], 415: problems[415] },
    },
    async handler(request, reply) {
      return reply.code(201).send(await webhooks.create(request.caller.name, request.body));
    },
  });

  app.get('/v1/webhooks', {
    config: { access: 'jobs:read' },
    schema: {
      tags,
      summary: 'List the webhooks of this key',
      description: 'All of them, oldest first, without their secrets.',
      response: { 200: WebhookList, ...commonProblems },
    },
    handler: async (request) => ({ webhooks: await webhooks.list(request.caller.name) }),
  });

  app.delete('/v1/webhooks/:id', {
    config: { access: 'jobs:write' },
    schema: {
      tags,
      summary: 'Remove a webhook; what is not delivered yet is not delivered any more',
      description: 'Webhooks that jobs name for themselves are not among them: they end with their jobs.',
      params: WebhookParams,
      response: { 204: Type.Null({ description: 'It is gone.' }), ...commonProblems, 404: problems[404] },
    },
    async handler(request, reply) {
      await webhooks.remove(request.caller.name, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

function secretRoutes(app: App, { webhooks }: Services): void {
  app.post('/v1/webhooks/secret', {
    config: { access: 'jobs:write' },
    schema: {
      tags,
      summary: 'Make a new secret for the webhooks of this key',
      description:
        'The answer is the only place that shows it. For a day messages are signed with the secret before, too.',
      response: { 201: WebhookSecret, ...commonProblems },
    },
    async handler(request, reply) {
      const made = await webhooks.newSecret(request.caller.name);
      return reply.code(201).header('cache-control', 'no-store').send(made);
    },
  });

  app.get('/v1/webhooks/secret', {
    config: { access: 'jobs:read' },
    schema: {
      tags,
      summary: 'Since when this key has its secret',
      description: 'The times of the secret, never the secret. `createdAt: null` says that there is none.',
      response: { 200: WebhookSecretState, ...commonProblems },
    },
    handler: async (request) =>
      (await webhooks.secretOf(request.caller.name)) ?? { createdAt: null, previousUntil: null },
  });
}

function deliveryRoutes(app: App, { webhooks, manage }: Services): void {
  app.get('/v1/jobs/:id/deliveries', {
    config: { access: 'jobs:read' },
    schema: {
      tags,
      summary: 'What was announced of a job, to whom, and how that went',
      description: 'One entry for every message and webhook, with its last attempts: status codes, errors, durations.',
      params: JobParams,
      response: { 200: DeliveryList, ...commonProblems, 404: problems[404] },
    },
    async handler(request) {
      const { id } = await manage.get(request.params.id, visibleOwner(request.caller));
      return { deliveries: await webhooks.deliveries(id) };
    },
  });

  app.post('/v1/jobs/:id/deliveries/:delivery/redeliver', {
    config: { access: 'jobs:write' },
    schema: {
      tags,
      summary: 'Deliver a message once more, under the same webhook-id',
      description:
        'The message goes out again at once, with a new timestamp and signature, whether or not it was delivered before.',
      params: DeliveryParams,
      response: { 202: DeliveryList, ...commonProblems, 404: problems[404] },
    },
    async handler(request, reply) {
      const { id } = await manage.get(request.params.id, visibleOwner(request.caller));
      await webhooks.redeliver(id, request.params.delivery);
      return reply.code(202).send({ deliveries: await webhooks.deliveries(id) });
    },
  });
}
