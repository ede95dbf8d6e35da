/** Deliveries survive the processes that make them: two APIs, a receiver that one of them dies at. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { until } from '../support/api.ts';
import { startPart } from '../support/chaos-service.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { testValkey } from '../support/valkey.ts';
import { status, webhookReceiver } from '../support/webhook-receiver.ts';

const receiver = await webhookReceiver();
const valkey = await testValkey();
const environment = {
  STATE_DIR: await temporaryFolder(),
  REDIS_URL: valkey.url,
  WEBHOOK_PRIVATE_HOSTS: receiver.host,
  WEBHOOK_TIMEOUT_SECONDS: '3',
  WEBHOOK_RETRY_SECONDS: '0.5,0.5,0.5,0.5,0.5,0.5',
};
const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const job = {
  model: { format: 'zoo', name: 'mlp', options: { inputShape: [64], sizes: [16], classes: 10 } },
  dataset: { ref: 'builtin:digits' },
  method: { name: 'kaiming' },
  webhook: { url: receiver.url, secret },
};

const start = async (name: string) => {
  const part = await startPart(name, 'src/api/server.ts', environment);
  const ask = (method: string, path: string, body?: object) =>
    fetch(`${part.url}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
  await until(() =>
    ask('GET', '/health/live').then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return { ...part, ask };
};

/** A job that is over, announced by whoever delivers. */
async function cancelledJob({ ask }: { ask: (method: string, path: string, body?: object) => Promise<Response> }) {
  const { id } = (await (await ask('POST', '/v1/jobs', job)).json()) as { id: string };
  await ask('POST', `/v1/jobs/${id}/cancel`);
  return id;
}

test('a delivery whose process is killed in the middle is taken up by another one, under the same id', async () => {
  const first = await start('api 1');
  const held: ServerResponse[] = [];
  receiver.answer = (response) => void held.push(response);
  const id = await cancelledJob(first);
  await until(() => held.length === 1);
  first.signal('SIGKILL');
  receiver.answer = status(200);
  const second = await start('api 2');
  const state = async () => {
    const { deliveries } = (await (await second.ask('GET', `/v1/jobs/${id}/deliveries`)).json()) as {
      deliveries: { status: string; attempts: unknown[] }[];
    };
    return deliveries[0];
  };
  await until(async () => (await state())?.status === 'delivered');
  const messages = receiver.received.filter(({ body }) => body.includes(id));
  assert.equal(messages.length, 2);
  assert.equal(new Set(messages.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal((await state())?.attempts.length, 1, 'the attempt that died wrote nothing down');
});

test('a delivery that waits for its next attempt survives a restart of everything', async () => {
  const before = await start('api 3');
  receiver.answer = status(500);
  const id = await cancelledJob(before);
  await until(() => receiver.received.some(({ body }) => body.includes(id)));
  await before.stop();
  await valkey.stop();
  await valkey.start();
  receiver.answer = status(200);
  const after = await start('api 4');
  await until(async () => (await (await after.ask('GET', `/v1/jobs/${id}/deliveries`)).text()).includes('"delivered"'));
});
