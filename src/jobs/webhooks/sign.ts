/**
 * The headers of a message by Standard Webhooks:
 *
 *   webhook-signature = "v1," base64(HMAC-SHA256(secret, id "." timestamp "." body)), one for each secret, separated by spaces
 */
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

const secretBytes = 32;

export const newSecret = (): string => `whsec_${randomBytes(secretBytes).toString('base64')}`;

/** @param secrets those that receivers may know: during a rotation the new one and the one before */
export function signedHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  at: Date,
  secrets: readonly string[],
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
