/**
 * npm run bench:http [-- --seconds N] [--only post,get,sse,upload,queue] [--json FILE]: measures the API with its own Valkey and without workers.
 *
 *   post    POST /v1/jobs, a small topology, 32 connections
 *   get     GET /v1/jobs/ID, 32 connections
 *   sse     1,000 followers of one job; memory while 2,000 events are sent
 *   upload  a table of 1 GiB; growth of the API's memory
 *   queue   10,000 waiting jobs; Valkey's memory for each
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { createQueueClient } from '../src/queue/index.ts';
import { type Server, startServer } from './api-server.ts';

const connections = 32;
const followers = 1000;
const eventsSent = 2000;
/** Interval between events in milliseconds: 100 per second to every follower. */
const eventPauseMs = 10;
const uploadBytes = 2 ** 30;
const queuedJobs = 10_000;
const mebi = 2 ** 20;

const queueClient = (redisUrl: string) =>
  createQueueClient(
    {
      redisUrl,
      queuePrefix: '{gradinit}',
      redisTimeoutSeconds: 5,
      idempotencySeconds: 60,
      maxQueueSeconds: 60,
      maxPausedSeconds: 60,
      eventsPerJob: 2000,
      maxQueuedJobsPerKey: 10_000_000,
      name: 'bench',
    },
    { warn() {}, info() {} },
  );

const smallJob = {
  model: {
    topology: {
      class_name: 'Sequential',
      config: {
        name: 'small',
        layers: [
          {
            class_name: 'Dense',
            config: { name: 'hidden', units: 16, activation: 'relu', batch_input_shape: [null, 64] },
          },
          { class_name: 'Dense', config: { name: 'logits', units: 10 } },
        ],
      },
    },
  },
  dataset: { ref: 'builtin:digits' },
  method: { name: 'gradinit', options: { iterations: 10, batchSize: 32, learningRate: 1e-3 } },
};

type Row = Readonly<Record<string, string | number>>;

async function submit(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(smallJob),
  });
  if (response.status !== 202) throw new Error(await response.text());
  return ((await response.json()) as { id: string }).id;
}

async function load(server: Server, options: autocannon.Options): Promise<Row> {
  await autocannon({ ...options, connections, duration: 2 });
  const before = await server.cpuMs();
  const result = await autocannon({ ...options, connections });
  const cpuMs = (await server.cpuMs()) - before;
  return {
    'requests/s': Math.round(result.requests.average),
    'p50 ms': result.latency.p50,
    'p99 ms': result.latency.p99,
    'CPU ms/request': Number((cpuMs / result.requests.total).toFixed(3)),
    failed: result.non2xx + result.errors,
  };
}

const benchmarks: Readonly<Record<string, (server: Server, seconds: number) => Promise<Row>>> = {
  async post(server, seconds) {
    // The first job opens the dataset, which is not measured.
    await submit(server.url);
    return load(server, {
      url: `${server.url}/v1/jobs`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(smallJob),
      duration: seconds,
    });
  },

  get: async (server, seconds) =>
    load(server, { url: `${server.url}/v1/jobs/${await submit(server.url)}`, duration: seconds }),

  async sse(server) {
    const id = await submit(server.url);
    const agent = new Agent({ maxSockets: followers });
    let received = 0;
    const before = await server.residentBytes();
    const requests = Array.from({ length: followers }, () =>
      get(`${server.url}/v1/jobs/${id}/events`, { agent, headers: { accept: 'text/event-stream' } }, (response) => {
        response.setEncoding('utf8').on('data', (part: string) => {
          received += part.split('event: progress').length - 1;
        });
      }).on('error', () => {}),
    );
    await sleep(3000);
    const connected = await server.residentBytes();
    const client = queueClient(server.redisUrl);
    await sleep(500);
    const start = performance.now();
    let half = connected;
    for (let iteration = 1; iteration <= eventsSent; iteration += 1) {
      await client.events.append(id, { type: 'progress', data: { iteration, loss: 0.123, gradientNorm: 1.5 } });
      await sleep(eventPauseMs);
      if (iteration === eventsSent / 2) half = await server.residentBytes();
    }
    while (received < followers * eventsSent && performance.now() - start < 120_000) await sleep(50);
    const seconds = (performance.now() - start) / 1000;
    const after = await server.residentBytes();
    for (const sent of requests) sent.destroy();
    await client.close();
    return {
      followers,
      'events delivered': received,
      'events/s': Math.round(received / seconds),
      'MiB for followers': Math.round((connected - before) / mebi),
      'MiB for the first half of the events': Math.round((half - connected) / mebi),
      'MiB for the second': Math.round((after - half) / mebi),
    };
  },

  async upload(server) {
    const before = await server.residentBytes();
    let peak = before;
    const watch = setInterval(async () => {
      peak = Math.max(peak, await server.residentBytes().catch(() => 0));
    }, 50);
    const start = performance.now();
    const status = await sendLargeTable(server.url).finally(() => clearInterval(watch));
    return {
      status,
      seconds: Math.round((performance.now() - start) / 1000),
      'growth MiB': Math.round((peak - before) / mebi),
    };
  },

  async queue({ url, redisUrl }) {
    const client = queueClient(redisUrl);
    await sleep(500);
    const used = async () => Number(/used_memory:(\d+)/.exec(await client.redis.info('memory'))?.[1]);
    const before = await used();
    for (let sent = 0; sent < queuedJobs; sent += 50) await Promise.all(Array.from({ length: 50 }, () => submit(url)));
    const bytes = (await used()) - before;
    await client.close();
    return { jobs: queuedJobs, 'KiB/job': Number((bytes / queuedJobs / 1024).toFixed(2)) };
  },
};

/** The header of an array of bytes in numpy's format. */
function npyHead(shape: string): Buffer {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`;
  const lines = `${header.padEnd(117)}\n`;
  return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), Buffer.from([118, 0]), Buffer.from(lines)]);
}

/** Uploads x.npy and y.npy of bytes: a large upload that is cheap to parse. */
async function sendLargeTable(url: string): Promise<number> {
  const columns = 2 ** 14;
  const rows = uploadBytes / columns;
  const part = (name: string) => `--b\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  const sent = request(`${url}/v1/datasets`, { method: 'POST', headers });
  const answered = once(sent, 'response');
  sent.write(Buffer.concat([Buffer.from(part('x.npy')), npyHead(`(${rows}, ${columns})`)]));
  const chunk = Buffer.alloc(mebi, 1);
  // A server that answers before the end of the request does not read the rest of it.
  let isAnswered = false;
  void answered.then(() => {
    isAnswered = true;
  });
  for (let left = uploadBytes; left > 0 && !isAnswered; left -= chunk.length)
    if (!sent.write(chunk)) await Promise.race([once(sent, 'drain'), answered]);
  const labels = Buffer.from(Uint8Array.from({ length: rows }, (_, row) => row % 2));
  const end = Buffer.from('\r\n--b--\r\n');
  sent.end(Buffer.concat([Buffer.from(`\r\n${part('y.npy')}`), npyHead(`(${rows},)`), labels, end]));
  const [response] = await answered;
  const answer = await text(response);
  if (response.statusCode !== 201) throw new Error(answer);
  return response.statusCode;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '10' }, only: { type: 'string' }, json: { type: 'string' } },
  });
  const wanted = values.only?.split(',') ?? Object.keys(benchmarks);
  const stateDir = await mkdtemp(path.join(tmpdir(), 'gradinit-bench-'));
  const server = await startServer(stateDir);
  const results: Record<string, Row> = {};
  try {
    for (const name of wanted) {
      const benchmark = benchmarks[name];
      if (benchmark === undefined)
        throw new Error(`no benchmark ${name}; there are ${Object.keys(benchmarks).join(', ')}`);
      results[name] = await benchmark(server, Number(values.seconds));
      console.log(
        name.padEnd(8),
        Object.entries(results[name] ?? {})
          .map(([key, value]) => `${key} ${value}`)
          .join(', '),
      );
    }
  } finally {
    await server.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
}

await main();
