/** npm run docs:examples: starts a service, sends the example requests, and writes its answers to src/http/examples.json. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startService } from '../../src/cli/service-process.ts';
import { bodyExamples } from '../../src/http/examples.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/json.ts';
import { projectRoot } from '../setup/paths.mjs';

const publicUrl = 'https://gradinit.example.com';
const hookUrl = bodyExamples.createWebhook.url;
const longestText = 700;

/** Shortens lists of objects to two entries, which suffice to show their form. */
const trimmed = (value: Json): Json => {
  if (Array.isArray(value)) return (value.some(isJsonObject) ? value.slice(0, 2) : value.slice(0, 8)).map(trimmed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, trimmed(inner)]));
};
const member = (value: Json | undefined, ...keys: (string | number)[]): Json =>
  keys.reduce<Json>((node, key) => {
    const inner = Array.isArray(node) ? node[Number(key)] : isJsonObject(node) ? node[key] : undefined;
    assert.ok(inner !== undefined, `an answer has no ${key}: ${JSON.stringify(node).slice(0, 300)}`);
    return inner;
  }, value ?? null);

async function record(url: string, receiver: string): Promise<JsonObject> {
  const ask = async (method: string, place: string, body?: object | FormData) => {
    const form = body instanceof FormData;
    const headers = body === undefined || form ? {} : { 'content-type': 'application/json' };
    const sent = body === undefined ? null : form ? body : JSON.stringify(body);
    return fetch(`${url}${place}`, { method, headers, body: sent });
  };
  const json = async (method: string, place: string, body?: object | FormData): Promise<JsonObject> =>
    (await ask(method, place, body)).json() as Promise<JsonObject>;
  const text = async (place: string, accept = '*/*') =>
    `${(await (await fetch(`${url}${place}`, { headers: { accept } })).text()).slice(0, longestText)}`;

  const form = new FormData();
  form.append('file', new Blob([bodyExamples.createDataset.file]), 'table.csv');
  const secret = await json('POST', '/v1/webhooks/secret');
  const webhook = await json('POST', '/v1/webhooks', { ...bodyExamples.createWebhook, url: receiver });
  const upload = await json('POST', '/v1/datasets', form);
  const comparison = await json('POST', '/v1/comparisons', bodyExamples.createComparison);
  const made = await json('POST', '/v1/jobs', bodyExamples.createJob);
  const job = `/v1/jobs/${made.id}`;
  const comparing = `/v1/comparisons/${comparison.id}`;
  const ended = await json('GET', `${job}?wait=60`);
  assert.equal(ended.status, 'succeeded');
  assert.equal((await json('GET', `${comparing}?wait=60`)).status, 'succeeded');
  const artifacts = await json('GET', `${job}/artifacts`);
  const events = await json('GET', `${job}/events`);
  const progress = (events.events as JsonObject[]).find(({ type }) => type === 'progress');
  const deliveries = await json('GET', `${job}/deliveries`);
  const methods = await json('GET', '/v1/methods');
  const zoo = await json('GET', '/v1/zoo');
  return {
    Artifact: member(artifacts, 'artifacts', 0),
    ArtifactList: artifacts,
    Comparison: await json('GET', comparing),
    ComparisonList: await json('GET', '/v1/comparisons'),
    Dataset: upload,
    DatasetDescription: await json('POST', '/v1/datasets/inspect', bodyExamples.inspectDataset),
    DatasetSamples: await json('GET', '/v1/datasets/builtin:digits/samples?count=2'),
    DatasetList: await json('GET', '/v1/datasets'),
    Delivery: member(deliveries, 'deliveries', 0),
    DeliveryList: deliveries,
    EventList: events,
    FormatList: await json('GET', '/v1/formats'),
    Job: ended,
    JobEvent: member(progress),
    JobList: await json('GET', '/v1/jobs?limit=2'),
    Liveness: await json('GET', '/health/live'),
    LogPage: await json('GET', `${job}/logs`),
    LossList: await json('GET', '/v1/losses'),
    Method: await json('GET', '/v1/methods/lsuv'),
    MethodList: methods,
    Problem: await json('GET', '/v1/jobs/job_unknown'),
    QueueState: await json('GET', '/v1/queue'),
    Readiness: await json('GET', '/health/ready'),
    Session: await json('GET', '/v1/session'),
    ValidationResult: await json('POST', '/v1/jobs/validate', bodyExamples.validateJob),
    Webhook: webhook,
    WebhookList: await json('GET', '/v1/webhooks'),
    WebhookSecret: { ...secret, secret: bodyExamples.createWebhook.secret },
    WebhookSecretState: await json('GET', '/v1/webhooks/secret'),
    ZooList: zoo,
    ZooModel: await json('GET', '/v1/zoo/small-cnn'),
    'getJobEvents text/event-stream': await text(`${job}/events`, 'text/event-stream'),
    'getJobLogs text/plain': await text(`${job}/logs`, 'text/plain'),
    'getComparisonReportJson application/json': await json('GET', `${comparing}/report.json`),
    'getComparisonReportMd text/markdown': await text(`${comparing}/report.md`),
    'getComparisonReportCsv text/csv': await text(`${comparing}/report.csv`),
    'getComparisonReportHtml text/html': '<!doctype html>\n<html lang="en">...</html>\n',
  };
}

const stateDir = await mkdtemp(path.join(tmpdir(), 'gradinit-examples-'));
const receiver = createServer((_, response) => void response.writeHead(204).end()).listen(0, '127.0.0.1');
await once(receiver, 'listening');
const port = (receiver.address() as AddressInfo).port;
const receiverUrl = `http://127.0.0.1:${port}/hook`;
const env = { DEVICES: 'cpu', WORKER_NAME: 'worker-1', WEBHOOK_PRIVATE_HOSTS: `127.0.0.1:${port}` };
const service = await startService({ stateDir, env });
try {
  const answers = JSON.stringify(trimmed(await record(service.url, receiverUrl)), null, 1);
  const portable = answers.replaceAll(service.url, publicUrl).replaceAll(receiverUrl, hookUrl);
  await writeFile(path.join(projectRoot, 'src/http/examples.json'), `${portable}\n`);
  console.log('wrote src/http/examples.json');
} finally {
  await service.stop();
  receiver.close();
  await rm(stateDir, { recursive: true, force: true });
}
