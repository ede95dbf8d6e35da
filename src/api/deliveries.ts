/** Starts the delivery of messages to webhooks in this process. All API processes share that work. */
import type { Config } from '../config/config.ts';
import { webhookPolicy, webhookRetryMs } from '../config/policies.ts';
import { createDeliver } from '../jobs/webhooks/deliver.ts';
import { createDeliveryQueue, type DeliveryQueue } from '../queue/delivery-queue.ts';
import type { QueueClient } from '../queue/index.ts';
import { createWebhookStore } from '../queue/webhook-store.ts';

/** Null where webhooks are off. Throws USAGE. */
export function startDeliveries(
  config: Config,
  { connectPatient, redis, keys }: Pick<QueueClient, 'connectPatient' | 'redis' | 'keys'>,
  log: { warn(details: object, message: string): void },
): DeliveryQueue | null {
  if (!config.webhooks) return null;
  const policy = webhookPolicy(config);
  const deliver = createDeliver({ store: createWebhookStore(redis, keys), policy, retryMs: webhookRetryMs(config) });
  const connection = connectPatient('gradinit-deliveries');
  const deliveries = createDeliveryQueue(connection, keys, {
    deliver,
    maxAttemptMs: policy.timeoutMs,
    onError: (error) => log.warn({ err: error }, 'deliveries to webhooks'),
  });
  return {
    async close() {
      await deliveries.close();
      connection.disconnect();
    },
  };
}
