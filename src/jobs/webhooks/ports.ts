/** What the use cases of webhooks need of the queue. src/queue/webhook-store.ts implements it. */
import type { WebhookEcho, WebhookSpec } from '../../contract/webhook.ts';

/** A webhook of an API key: it gets the events of all jobs of that key. */
export interface Webhook extends WebhookEcho {
  readonly id: string;
  readonly createdAt: string;
  /** False: signed with the secret of the key. */
  readonly hasOwnSecret: boolean;
}

export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

export interface DeliveryAttempt {
  readonly at: string;
  /** Null when there was no answer. */
  readonly statusCode: number | null;
  /** Null when it was taken. */
  readonly error: string | null;
  readonly durationMs: number;
}

/** One message to one webhook. */
export interface Delivery {
  /** The `webhook-id` of the message: the same in every attempt. */
  readonly id: string;
  /** That of a webhook of the key, or `job` for the job's own. */
  readonly webhook: string;
  readonly url: string;
  readonly event: string;
  readonly createdAt: string;
  readonly status: DeliveryStatus;
  readonly nextAttemptAt: string | null;
  /** The last ones, oldest first. */
  readonly attempts: DeliveryAttempt[];
}

/** A delivery that is due, with all that an attempt needs. */
export interface DueDelivery {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  /** Attempts since it was created or asked for again. */
  readonly tries: number;
  /** Empty when the webhook was removed. */
  readonly secrets: readonly string[];
}

export interface OwnerSecret {
  readonly createdAt: string;
  /** Until when the secret before it signs too; null when there is none. */
  readonly previousUntil: string | null;
}

/** Rejects with QUEUE_UNAVAILABLE while Redis is away. */
export interface WebhookStore {
  /** Null: the owner has as many as it may have. */
  add(owner: string, webhook: WebhookSpec & WebhookEcho): Promise<Webhook | null>;
  list(owner: string): Promise<Webhook[]>;
  /** False: there is no such webhook. */
  remove(owner: string, id: string): Promise<boolean>;
  secretOf(owner: string): Promise<OwnerSecret | null>;
  /** The secret before goes on signing for a while, so that receivers can change over. */
  setSecret(owner: string, secret: string): Promise<OwnerSecret>;
  /** Of a job, oldest first. */
  deliveries(jobId: string): Promise<Delivery[]>;
  /** Delivers once more. False: the job has no such delivery. */
  redeliver(jobId: string, deliveryId: string): Promise<boolean>;
  /** Null: it is not to be delivered any more. */
  due(ticket: string): Promise<DueDelivery | null>;
  /** Writes an attempt down. `nextMs` null: there is no further one. */
  record(ticket: string, attempt: DeliveryAttempt, status: DeliveryStatus, nextMs: number | null): Promise<void>;
}
