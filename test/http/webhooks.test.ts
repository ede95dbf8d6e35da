import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { startDeliveries } from '../../src/api/deliveries.ts';
import type { Delivery } from '../../src/jobs/webhooks/ports.ts';
import { smallJob, testApi, until } from '../support/api.ts';
import { atEnd } from '../support/at-end.ts';
import { status, webhookReceiver } from '../support/webhook-receiver.ts';

const receiver = await webhookReceiver();
const { app, config, queue, log } = await testApi({
  environment: {
    WEBHOOK_PRIVATE_HOSTS: `${receiver.host},localhost:9`,
    WEBHOOK_RETRY_SECONDS: '0.05,0.05,0.05',
    WEBHOOK_TIMEOUT_SECONDS: '2',
  },
});
const deliveries = startDeliveries(config, queue, {
  warn: (details, message) => void log.push(JSON.stringify({ details, message })),
});
atEnd(() => deliveries?.close());

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const post = (url: string, payload: object = {}) => app.inject({ method: 'POST', url, payload });
const submit = (webhook: object | undefined) => post('/v1/jobs', { ...smallJob, ...(webhook ? { webhook } : {}) });
const newJob = async (webhook?: object): Promise<string> => {
  const response = await submit(webhook);
  assert.equal(response.statusCode, 202, response.body);
  return response.json().id;
};
const cancel = (id: string) => post(`/v1/jobs/${id}/cancel`);
const deliveriesOf = async (id: string): Promise<Delivery[]> =>
  (await app.inject(`/v1/jobs/${id}/deliveries`)).json().deliveries;
/** The one delivery of a job once it is over. */
const settled = async (id: string): Promise<Delivery> => {
  await until(async () => (await deliveriesOf(id)).every((delivery) => delivery.status !== 'pending'));
  const [delivery, ...others] = await deliveriesOf(id);
  assert.equal(others.length, 0);
  return delivery as Delivery;
};
const receivedOf = (id: string) => receiver.received.filter(({ body }) => body.includes(id));

test('the end of a job is announced once, signed by Standard Webhooks', async () => {
  const id = await newJob({ url: receiver.url, secret });
  await cancel(id);
  const delivery = await settled(id);
  assert.deepEqual([delivery.status, delivery.event, delivery.webhook], ['delivered', 'job.cancelled', 'job']);
  const [message, ...more] = receivedOf(id);
  assert.equal(more.length, 0);
  const headers = message?.headers as Record<string, string>;
  const body = message?.body ?? '';
  assert.equal(headers['webhook-id'], delivery.id);
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = createHmac('sha256', Buffer.alloc(32, 7)).update(text).digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${signature}`);
  const { type, timestamp, data } = new Webhook(secret).verify(body, headers) as {
    type: string;
    timestamp: string;
    data: object;
  };
  assert.equal(type, 'job.cancelled');
  assert.ok(!Number.isNaN(Date.parse(timestamp)));
  const job = (await app.inject(`/v1/jobs/${id}`)).json();
  const { method, comparison, attempt, createdAt, startedAt, finishedAt, error, metadata } = job;
  const expected = {
    id,
    status: 'cancelled',
    method,
    comparison,
    attempt,
    createdAt,
    startedAt,
    finishedAt,
    error,
    metadata,
  };
  assert.deepEqual(data, expected);
});

test('only the events that are asked for are announced, each with the state of its moment', async () => {
  const id = await newJob({ url: receiver.url, secret, events: ['job.running', 'job.failed'] });
  await queue.jobs.move(id, 'running');
  await queue.jobs.move(id, 'failed', { error: { code: 'DIVERGED', message: 'a "quoted" \n reason' } });
  await queue.jobs.requeue(id);
  await cancel(id);
  await until(() => receivedOf(id).length === 2);
  const bodies = receivedOf(id).map(({ body }) => JSON.parse(body));
  const byType = Object.fromEntries(bodies.map(({ type, data }) => [type, data.error]));
  assert.deepEqual(byType, {
    'job.running': null,
    'job.failed': { code: 'DIVERGED', message: 'a "quoted" \n reason' },
  });
});

test('a secret is shown nowhere: not in the job, its listing, the deliveries, Redis beyond the hook, or the log', async () => {
  const id = await newJob({ url: receiver.url, secret });
  const job = (await app.inject(`/v1/jobs/${id}`)).json();
  assert.deepEqual(job.specification.webhook, {
    url: receiver.url,
    events: ['job.succeeded', 'job.failed', 'job.cancelled', 'job.expired'],
  });
  await cancel(id);
  await settled(id);
  const answers = await Promise.all(
    ['', '/deliveries', '/events', '/logs'].map(async (rest) => (await app.inject(`/v1/jobs/${id}${rest}`)).body),
  );
  const specification = JSON.stringify(await queue.jobs.spec(id));
  for (const text of [...answers, (await app.inject('/v1/jobs')).body, specification, ...log])
    assert.ok(!text.includes(secret.slice(6)), text);
});

const refused: readonly { webhook: object; pointer: string; code?: string; says: RegExp }[] = [
  {
    webhook: { url: 'http://example.com/x', secret },
    pointer: '/webhook/url',
    code: 'REMOTE_REFUSED',
    says: /only https/,
  },
  {
    webhook: { url: 'https://10.0.0.1/x', secret },
    pointer: '/webhook/url',
    code: 'REMOTE_REFUSED',
    says: /10\.0\.0\.1.*WEBHOOK_PRIVATE_HOSTS/,
  },
  {
    webhook: { url: 'https://[::ffff:169.254.169.254]/', secret },
    pointer: '/webhook/url',
    code: 'REMOTE_REFUSED',
    says: /public internet/,
  },
  {
    webhook: { url: 'https://u:p@example.com/', secret },
    pointer: '/webhook/url',
    code: 'REMOTE_REFUSED',
    says: /password/,
  },
  {
    webhook: { url: 'https://example.com:8443/', secret },
    pointer: '/webhook/url',
    code: 'REMOTE_REFUSED',
    says: /port 8443/,
  },
  { webhook: { secret }, pointer: '/webhook/url', says: /missing/ },
  { webhook: { url: 'https://example.com/' }, pointer: '/webhook/secret', says: /POST \/v1\/webhooks\/secret/ },
  { webhook: { url: 'https://example.com/', secret: 'hunter2' }, pointer: '/webhook/secret', says: /whsec_/ },
  {
    webhook: { url: 'https://example.com/', secret: `whsec_${'A'.repeat(88)}` },
    pointer: '/webhook/secret',
    says: /pattern|bytes|match/,
  },
  {
    webhook: { url: 'https://example.com/', secret, events: ['job.done'] },
    pointer: '/webhook/events/0',
    says: /job\.succeeded/,
  },
  { webhook: { url: 'https://example.com/', secret, retries: 3 }, pointer: '/webhook/retries', says: /./ },
];
for (const { webhook, pointer, code = 'INVALID_INPUT', says } of refused) {
  test(`a job with the webhook ${JSON.stringify(webhook).slice(0, 80)} is refused at ${pointer}, by a dry run too`, async () => {
    const problem = (await submit(webhook)).json();
    assert.deepEqual([problem.code, problem.errors[0].pointer], [code, pointer], JSON.stringify(problem));
    assert.match(`${problem.detail} ${problem.errors[0].message}`, says);
    assert.ok(!JSON.stringify(problem).includes(secret.slice(6)));
    const { problems } = (await post('/v1/jobs/validate', { ...smallJob, webhook })).json();
    assert.deepEqual([problems[0].code, problems[0].pointer], [code, pointer]);
  });
}

test('a receiver that fails is asked again under the same id until it takes the message', async () => {
  receiver.answer = (response, count) => status(count === failing + 3 ? 200 : 500)(response);
  const failing = receiver.received.length;
  const id = await newJob({ url: receiver.url, secret });
  await cancel(id);
  const { status: end, attempts, id: message } = await settled(id);
  assert.equal(end, 'delivered');
  assert.deepEqual(
    attempts.map(({ statusCode, error }) => [statusCode, error === null]),
    [
      [500, false],
      [500, false],
      [200, true],
    ],
  );
  assert.deepEqual([...new Set(receivedOf(id).map(({ headers }) => headers['webhook-id']))], [message]);
});

test('a delivery that failed for good is kept, and is delivered when asked for again', async () => {
  receiver.answer = status(503);
  const id = await newJob({ url: receiver.url, secret });
  await cancel(id);
  const failed = await settled(id);
  assert.deepEqual([failed.status, failed.attempts.length, failed.nextAttemptAt], ['failed', 4, null]);
  receiver.answer = status(204);
  const asked = await post(`/v1/jobs/${id}/deliveries/${failed.id}/redeliver`);
  assert.deepEqual([asked.statusCode, asked.json().deliveries[0].status], [202, 'pending']);
  const delivered = await settled(id);
  assert.deepEqual([delivered.status, delivered.id, delivered.attempts.length], ['delivered', failed.id, 5]);
  const unknown = await post(`/v1/jobs/${id}/deliveries/msg_x/redeliver`);
  assert.deepEqual([unknown.statusCode, unknown.json().code], [404, 'DELIVERY_NOT_FOUND']);
  const other = await newJob();
  const foreign = await post(`/v1/jobs/${other}/deliveries/${failed.id}/redeliver`);
  assert.equal(foreign.json().code, 'DELIVERY_NOT_FOUND');
});

test('410 Gone ends a delivery at once', async () => {
  receiver.answer = status(410);
  const id = await newJob({ url: receiver.url, secret });
  await cancel(id);
  const { status: end, attempts } = await settled(id);
  assert.deepEqual([end, attempts.length], ['failed', 1]);
});

test('redirects are not followed, to wherever they lead', async () => {
  const inside = await webhookReceiver();
  receiver.answer = status(307, { location: inside.url });
  const id = await newJob({ url: receiver.url, secret });
  await cancel(id);
  const { attempts } = await settled(id);
  assert.match(attempts[0]?.error ?? '', /307: redirects are not followed/);
  assert.equal(inside.received.length, 0);
});

test('a receiver that is not there, and one that never answers, are tried again', async () => {
  const away = await newJob({ url: 'http://localhost:9/', secret });
  await cancel(away);
  const { status: end, attempts } = await settled(away);
  assert.deepEqual([end, attempts.length], ['failed', 4]);
  assert.match(attempts[0]?.error ?? '', /cannot be reached: no answer \(ECONNREFUSED\)/);
  receiver.answer = (response, count) => (count === hung + 1 ? undefined : status(200)(response));
  const hung = receiver.received.length;
  const silent = await newJob({ url: receiver.url, secret });
  await cancel(silent);
  const found = await settled(silent);
  assert.deepEqual([found.status, found.attempts.length], ['delivered', 2]);
  assert.match(found.attempts[0]?.error ?? '', /no answer within 2 s/);
  receiver.answer = status(204);
});

test('a webhook of the key gets the events of all its jobs, signed with the secret of the key; a new secret signs beside the old one', async () => {
  const missing = await post('/v1/webhooks', { url: receiver.url });
  assert.deepEqual([missing.statusCode, missing.json().errors[0].pointer], [400, '/secret']);
  assert.deepEqual((await app.inject('/v1/webhooks/secret')).json(), { createdAt: null, previousUntil: null });
  const first = (await post('/v1/webhooks/secret')).json();
  const made = await post('/v1/webhooks', { url: receiver.url, events: ['job.cancelled'] });
  assert.equal(made.statusCode, 201, made.body);
  const { id: webhook, ...seen } = made.json();
  assert.deepEqual([seen.url, seen.events, seen.hasOwnSecret], [receiver.url, ['job.cancelled'], false]);
  const id = await newJob();
  await cancel(id);
  assert.deepEqual([(await settled(id)).status, (await settled(id)).webhook], ['delivered', webhook]);
  const verify = (key: string, job: string) => {
    const [message] = receivedOf(job);
    return new Webhook(key).verify(message?.body ?? '', message?.headers as Record<string, string>);
  };
  verify(first.secret, id);
  const second = (await post('/v1/webhooks/secret')).json();
  assert.ok(Date.parse(second.previousUntil) > Date.now() + 23 * 3600_000);
  const later = await newJob({ url: receiver.url });
  await cancel(later);
  await until(() => receivedOf(later).length === 2);
  verify(first.secret, later);
  verify(second.secret, later);
  assert.deepEqual((await app.inject('/v1/webhooks')).json().webhooks, [made.json()]);
  assert.equal((await app.inject({ method: 'DELETE', url: `/v1/webhooks/${webhook}` })).statusCode, 204);
  const gone = await app.inject({ method: 'DELETE', url: `/v1/webhooks/${webhook}` });
  assert.deepEqual([gone.statusCode, gone.json().code], [404, 'WEBHOOK_NOT_FOUND']);
  const quiet = await newJob();
  await cancel(quiet);
  assert.deepEqual(await deliveriesOf(quiet), []);
});

test('a key has ten webhooks at most', async () => {
  const codes: number[] = [];
  for (let count = 0; count < 11; count += 1)
    codes.push((await post('/v1/webhooks', { url: receiver.url, secret })).statusCode);
  assert.deepEqual(codes, [...Array.from({ length: 10 }, () => 201), 429]);
  for (const { id } of (await app.inject('/v1/webhooks')).json().webhooks)
    await app.inject({ method: 'DELETE', url: `/v1/webhooks/${id}` });
});

test('with a job everything of its deliveries is removed, delivered or not', async () => {
  receiver.answer = status(500);
  const id = await newJob({ url: receiver.url, secret });
  await cancel(id);
  await until(async () => (await deliveriesOf(id)).length === 1);
  await app.inject({ method: 'DELETE', url: `/v1/jobs/${id}` });
  const tail = id.slice('job_'.length);
  // The mark that the job was removed stays a while, by itself.
  const left = async () => (await queue.redis.keys(`*${tail}*`)).filter((key) => !key.includes(':removed:'));
  await until(async () => (await left()).length === 0);
  assert.ok(!(await queue.redis.zrangebyscore(queue.keys.due, '-inf', '+inf')).some((ticket) => ticket.includes(tail)));
});
