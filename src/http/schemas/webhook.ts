/** Webhooks and deliveries as clients see them. */
import { Type } from 'typebox';
import { WebhookEcho } from '../../contract/webhook.ts';
import { nullable, strict, Timestamp } from './common.ts';
import { JobParams } from './job.ts';

export const Webhook = strict(
  {
    id: Type.String(),
    ...WebhookEcho.properties,
    createdAt: Timestamp,
    hasOwnSecret: Type.Boolean({ description: 'false: messages are signed with the secret of the API key.' }),
  },
  { description: 'Where the events of all jobs of an API key are announced.' },
);

export const WebhookList = strict({ webhooks: Type.Array(Webhook) }, { description: 'The webhooks of a key.' });

const secretTimes = {
  createdAt: Timestamp,
  previousUntil: nullable(Type.String({ description: 'Until then the secret before signs messages too.' })),
};

export const WebhookSecretState = strict(
  { ...secretTimes, createdAt: nullable(Timestamp) },
  { description: 'null: the key has no secret. The secret itself is not shown again.' },
);

export const WebhookSecret = strict(
  { secret: Type.String({ description: 'whsec_ and 32 bytes in base64. Shown this once.' }), ...secretTimes },
  { description: 'A new secret of the API key.' },
);

export const WebhookParams = strict({ id: Type.String({ minLength: 1, maxLength: 100 }) });

export const DeliveryParams = strict({
  ...JobParams.properties,
  delivery: Type.String({ minLength: 1, maxLength: 100 }),
});

export const Delivery = strict(
  {
    id: Type.String({ description: 'The webhook-id of the message, the same in every attempt.' }),
    webhook: Type.String({ description: "Id of a webhook of the key; `job` for the job's own." }),
    url: Type.String(),
    event: Type.String(),
    createdAt: Timestamp,
    status: Type.Enum(['pending', 'delivered', 'failed']),
    nextAttemptAt: nullable(Timestamp),
    attempts: Type.Array(
      strict({
        at: Timestamp,
        statusCode: nullable(Type.Integer()),
        error: nullable(Type.String({ description: 'null: the receiver took it.' })),
        durationMs: Type.Integer(),
      }),
      { description: 'The last 20, oldest first.' },
    ),
  },
  { description: 'One message to one webhook.' },
);

export const DeliveryList = strict(
  { deliveries: Type.Array(Delivery) },
  { description: 'Messages about one job, oldest first.' },
);
