/** Webhooks, their secrets and their deliveries in Redis. Deliveries are made by scripts/announce.ts, in the step that changes a job's status. */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { WebhookEcho, WebhookSpec } from '../contract/webhook.ts';
import type {
  Delivery,
  DeliveryAttempt,
  DeliveryStatus,
  OwnerSecret,
  Webhook,
  WebhookStore,
} from '../jobs/webhooks/ports.ts';
import { guarded } from './connection.ts';
import type { Keys } from './keys.ts';
import { addWebhookScript, createRunScript, recordDeliveryScript, redeliverScript } from './scripts/index.ts';

/** Only this file and the scripts write these texts. */
type StoredWebhook = WebhookSpec & WebhookEcho & { readonly createdAt: string };

/** For how long the secret before the current one signs too. */
const overlapMs = 86_400_000;

const viewOf = (id: string, { url, events, createdAt, secret }: StoredWebhook): Webhook => ({
  id,
  url,
  events,
  createdAt,
  hasOwnSecret: secret !== undefined,
});

/** "DELIVERY.ROUND" */
function parseTicket(ticket: string): { id: string; round: string } {
  const at = ticket.lastIndexOf('.');
  return { id: ticket.slice(0, at), round: ticket.slice(at + 1) };
}

function ownerSecretOf({ createdAt, previousUntil }: Readonly<Record<string, string>>): OwnerSecret | null {
  if (createdAt === undefined) return null;
  const until = Number(previousUntil ?? 0);
  return { createdAt, previousUntil: until > Date.now() ? new Date(until).toISOString() : null };
}

export function createWebhookStore(redis: Redis, keys: Keys): WebhookStore {
  const run = createRunScript(redis, keys.prefix, 0);

  const secretsOfOwner = async (owner: string): Promise<string[]> => {
    const { current, previous, previousUntil } = await redis.hgetall(keys.webhookSecret(owner));
    const isValid = previous !== undefined && Number(previousUntil ?? 0) > Date.now();
    return [...(current === undefined ? [] : [current]), ...(isValid ? [previous] : [])];
  };

  /** Secrets that sign messages to a webhook; none when it was removed. */
  const secretsOf = async (webhook: string, jobId: string, owner: string): Promise<string[]> => {
    const own = webhook === 'job';
    const text = await (own ? redis.hget(keys.job(jobId), 'webhook') : redis.hget(keys.webhooks(owner), webhook));
    if (text === null) return [];
    const { secret } = JSON.parse(text) as StoredWebhook;
    return secret === undefined ? secretsOfOwner(owner) : [secret];
  };

  const deliveryOf = async (id: string): Promise<Delivery | null> => {
    const found = await redis.hgetall(keys.delivery(id));
    const { webhook, url, event, createdAt, status, nextAttemptAt } = found;
    if (webhook === undefined || url === undefined || event === undefined || createdAt === undefined) return null;
    const attempts = await redis.lrange(keys.deliveryAttempts(id), 0, -1);
    return {
      id,
      webhook,
      url,
      event,
      createdAt,
      status: status as DeliveryStatus,
      nextAttemptAt: nextAttemptAt || null,
      attempts: attempts.map((text) => JSON.parse(text) as DeliveryAttempt),
    };
  };

  return {
    async add(owner, webhook) {
      const id = `webhook_${randomBytes(12).toString('hex')}`;
      const stored: StoredWebhook = { ...webhook, createdAt: new Date().toISOString() };
      return (await run(addWebhookScript, owner, id, JSON.stringify(stored))) === null ? null : viewOf(id, stored);
    },

    list: (owner) =>
      guarded(async () => {
        const entries = Object.entries(await redis.hgetall(keys.webhooks(owner)));
        return entries
          .map(([id, text]) => viewOf(id, JSON.parse(text) as StoredWebhook))
          .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
      }),

    remove: (owner, id) => guarded(async () => (await redis.hdel(keys.webhooks(owner), id)) === 1),

    secretOf: (owner) => guarded(async () => ownerSecretOf(await redis.hgetall(keys.webhookSecret(owner)))),

    setSecret: (owner, secret) =>
      guarded(async () => {
        const key = keys.webhookSecret(owner);
        const [now, previous] = [new Date(), await redis.hget(key, 'current')];
        const before = previous === null ? {} : { previous, previousUntil: String(now.getTime() + overlapMs) };
        const fields = { current: secret, createdAt: now.toISOString(), ...before };
        await redis.hset(key, fields);
        return ownerSecretOf(fields) as OwnerSecret;
      }),

    deliveries: (jobId) =>
      guarded(async () => {
        const ids = await redis.lrange(keys.deliveries(jobId), 0, -1);
        return (await Promise.all(ids.map(deliveryOf))).filter((found) => found !== null);
      }),

    redeliver: async (jobId, deliveryId) => (await run(redeliverScript, jobId, deliveryId)) !== null,

    due: (ticket) =>
      guarded(async () => {
        const { id, round } = parseTicket(ticket);
        const {
          job,
          owner,
          webhook,
          url,
          body,
          status,
          tries,
          round: current,
        } = await redis.hgetall(keys.delivery(id));
        if (job === undefined || owner === undefined || webhook === undefined) return null;
        if (url === undefined || body === undefined || status !== 'pending' || current !== round) return null;
        return { id, url, body, tries: Number(tries), secrets: await secretsOf(webhook, job, owner) };
      }),

    async record(ticket, attempt, status, nextMs) {
      const { id, round } = parseTicket(ticket);
      const next = nextMs === null ? '' : new Date(Date.now() + nextMs).toISOString();
      await run(recordDeliveryScript, id, round, JSON.stringify(attempt), status, next);
    },
  };
}
