/** What clients do with webhooks: their own ones, the secret that signs, and what was delivered for a job. Those of others do not exist. */
import { echoOfWebhook, parseWebhook, secretProblem, type WebhookSpec } from '../../contract/webhook.ts';
import { AppError } from '../../errors.ts';
import { checkRemoteUrl, type RemotePolicy } from '../../storage/remote/policy.ts';
import { assertSound, type SpecProblem } from '../check/problems.ts';
import type { Delivery, OwnerSecret, Webhook, WebhookStore } from './ports.ts';
import { newSecret } from './sign.ts';

export interface WebhookDependencies {
  readonly store: WebhookStore;
  readonly policy: RemotePolicy;
}

/** All throw QUEUE_UNAVAILABLE. */
export interface Webhooks {
  /** Throws INVALID_INPUT, REMOTE_REFUSED with pointers; QUOTA_EXCEEDED. */
  create(owner: string, input: unknown): Promise<Webhook>;
  list(owner: string): Promise<Webhook[]>;
  /** Throws WEBHOOK_NOT_FOUND. */
  remove(owner: string, id: string): Promise<void>;
  /** A new secret of the key. The only time that it is shown. */
  newSecret(owner: string): Promise<OwnerSecret & { readonly secret: string }>;
  secretOf(owner: string): Promise<OwnerSecret | null>;
  /** What keeps a webhook of the owner from being taken, below the pointer. */
  problems(webhook: WebhookSpec, owner: string, pointer: string): Promise<SpecProblem[]>;
  deliveries(jobId: string): Promise<Delivery[]>;
  /** Throws DELIVERY_NOT_FOUND. */
  redeliver(jobId: string, deliveryId: string): Promise<void>;
}

/** The problem with a URL as far as it can be seen without asking for its addresses. */
function urlProblem(url: string, policy: RemotePolicy, pointer: string): SpecProblem[] {
  try {
    checkRemoteUrl(url, policy);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ code: error.code, pointer, message: error.message }];
  }
}

export function createWebhooks({ store, policy }: WebhookDependencies): Webhooks {
  const problems: Webhooks['problems'] = async ({ url, secret }, owner, pointer) => {
    const wrongUrl = urlProblem(url, policy, `${pointer}/url`);
    const place = { code: 'INVALID_INPUT', pointer: `${pointer}/secret` } as const;
    if (secret !== undefined) {
      const message = secretProblem(secret);
      return message === null ? wrongUrl : [...wrongUrl, { ...place, message }];
    }
    if ((await store.secretOf(owner)) !== null) return wrongUrl;
    const message = 'is missing, and the API key has none: give one, or make one by POST /v1/webhooks/secret';
    return [...wrongUrl, { ...place, message }];
  };

  return {
    problems,
    async create(owner, input) {
      const spec = parseWebhook(input);
      assertSound(await problems(spec, owner, ''));
      const made = await store.add(owner, { ...spec, ...echoOfWebhook(spec) });
      if (made === null)
        throw new AppError('QUOTA_EXCEEDED', 'the key has as many webhooks as it may have; remove one');
      return made;
    },
    list: (owner) => store.list(owner),
    async remove(owner, id) {
      if (!(await store.remove(owner, id)))
        throw new AppError('WEBHOOK_NOT_FOUND', `there is no webhook ${JSON.stringify(id.slice(0, 100))}`);
    },
    async newSecret(owner) {
      const secret = newSecret();
      return { secret, ...(await store.setSecret(owner, secret)) };
    },
    secretOf: (owner) => store.secretOf(owner),
    deliveries: (jobId) => store.deliveries(jobId),
    async redeliver(jobId, deliveryId) {
      if (!(await store.redeliver(jobId, deliveryId)))
        throw new AppError(
          'DELIVERY_NOT_FOUND',
          `job ${jobId} has no delivery ${JSON.stringify(deliveryId.slice(0, 100))}`,
        );
    },
  };
}
