/**
 * Webhooks: the URL to which the end of a job is announced, and the events. Messages and signatures follow Standard Webhooks
 * (https://www.standardwebhooks.com): a secret is `whsec_` followed by 24 to 64 bytes in base64.
 */
import { type Static, Type } from 'typebox';
import { type JobStatus, terminalStatuses } from './job-status.ts';
import { parseInput } from './parse-input.ts';

/** The statuses that are announced, each as an event `job.STATUS`. */
const announced = ['running', 'paused', 'succeeded', 'failed', 'cancelled', 'expired'] as const satisfies JobStatus[];
const webhookEvents = announced.map((status) => `job.${status}` as const);
export type WebhookEvent = (typeof webhookEvents)[number];

const defaultWebhookEvents: readonly WebhookEvent[] = webhookEvents.filter((event) =>
  terminalStatuses.some((status) => event === `job.${status}`),
);

const url = Type.String({
  minLength: 1,
  maxLength: 2000,
  description: 'https:// on the public internet. Gets a POST for each event; redirects are not followed.',
});
const events = Type.Array(Type.Enum(webhookEvents), {
  minItems: 1,
  uniqueItems: true,
  description: `Default: ${defaultWebhookEvents.join(', ')}.`,
});

export const WebhookSpec = Type.Object(
  {
    url,
    events: Type.Optional(events),
    secret: Type.Optional(
      Type.String({
        pattern: '^whsec_[A-Za-z0-9+/]{32,86}={0,2}$',
        description:
          'Signs the messages: whsec_ and 24 to 64 bytes in base64. Default: the secret of the API key (POST /v1/webhooks/secret). Never shown again.',
      }),
    ),
  },
  { additionalProperties: false, description: 'Where events are announced, by Standard Webhooks.' },
);
export type WebhookSpec = Static<typeof WebhookSpec>;

/** The specification without the secret. */
export const WebhookEcho = Type.Object({ url, events }, { additionalProperties: false });
export type WebhookEcho = Static<typeof WebhookEcho>;

export const echoOfWebhook = ({ url: to, events: wanted }: WebhookSpec): WebhookEcho => ({
  url: to,
  events: [...(wanted ?? defaultWebhookEvents)],
});

const [shortest, longest] = [24, 64];

/** Throws INVALID_INPUT with pointers. */
export const parseWebhook = (input: unknown): WebhookSpec => parseInput(WebhookSpec, input);

/** The problem of a secret whose characters are valid; null when it has none. */
export function secretProblem(secret: string): string | null {
  const { length } = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return length >= shortest && length <= longest
    ? null
    : `must be whsec_ and ${shortest} to ${longest} bytes in base64, has ${length} bytes`;
}
