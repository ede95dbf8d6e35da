/**
 * One attempt to deliver a message, and whether there is another one. A receiver takes it with any 2xx; 410 Gone ends it; everything else, redirects
 * included, is tried again later.
 */
import { AppError } from '../../errors.ts';
import type { RemotePolicy } from '../../storage/remote/policy.ts';
import { sendRemote } from '../../storage/remote/send-remote.ts';
import type { DeliveryAttempt, DueDelivery, WebhookStore } from './ports.ts';
import { signedHeaders } from './sign.ts';

export interface DeliverOptions {
  readonly store: Pick<WebhookStore, 'due' | 'record'>;
  readonly policy: RemotePolicy;
  /** Before the second attempt, the third, and so on; there is one attempt more than delays. */
  readonly retryMs: readonly number[];
}

interface Outcome extends Pick<DeliveryAttempt, 'statusCode' | 'error'> {
  readonly isFinal: boolean;
}

const gone = 410;

function outcomeOf(statusCode: number): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { statusCode, error: null, isFinal: true };
  if (statusCode === gone) return { statusCode, error: 'the receiver wants no more: 410 Gone', isFinal: true };
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const why = isRedirect ? 'redirects are not followed' : 'only 2xx takes a message';
  return { statusCode, error: `the receiver answered ${statusCode}: ${why}`, isFinal: false };
}

async function attempt({ id, url, body, secrets }: DueDelivery, options: DeliverOptions): Promise<Outcome> {
  if (secrets.length === 0)
    return { statusCode: null, error: 'the webhook was removed, or its key has no secret any more', isFinal: true };
  try {
    const headers = { 'content-type': 'application/json', ...signedHeaders({ id, body }, new Date(), secrets) };
    return outcomeOf(await sendRemote(url, { headers, body }, options.policy));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { statusCode: null, error: error.message, isFinal: error.permanent };
  }
}

/** @returns delivers the message of a ticket; the milliseconds until the next attempt, null: there is none */
export function createDeliver(options: DeliverOptions): (ticket: string) => Promise<number | null> {
  const { store, retryMs } = options;
  return async (ticket) => {
    const due = await store.due(ticket);
    if (due === null) return null;
    const at = new Date().toISOString();
    const start = performance.now();
    const { isFinal, ...seen } = await attempt(due, options);
    const durationMs = Math.round(performance.now() - start);
    const nextMs = isFinal ? null : (retryMs[due.tries] ?? null);
    const status = seen.error === null ? 'delivered' : nextMs === null ? 'failed' : 'pending';
    await store.record(ticket, { at, ...seen, durationMs }, status, nextMs);
    return nextMs;
  };
}
