/**
 * npm run bench:event-loop [-- --write-docs]: measures the longest turn of the API's event loop while it processes the largest and most expensive
 * bodies that clients may send. Other requests are delayed by this time. Each body is sent three times; the very first request, which starts the
 * inspector's processes, is not counted.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Server, startServer } from './api-server.ts';
import { machineLine, markdownTable, writeSection } from './docs.ts';

const rounds = 3;
/** Time in milliseconds for work that continues after the answer. */
const settleMs = 200;
const goalMs = 100;

const dense = (name: string, more: object = {}) => ({ class_name: 'Dense', config: { name, units: 8, ...more } });
const topologyOf = (layers: number) => ({
  class_name: 'Sequential',
  config: {
    name: 'deep',
    layers: [
      dense('d0', { batch_input_shape: [null, 64] }),
      ...Array.from({ length: layers - 2 }, (_, at) => dense(`d${at + 1}`)),
      { class_name: 'Dense', config: { name: 'logits', units: 10 } },
    ],
  },
});
const job = (more: object = {}) => ({
  model: { topology: topologyOf(3) },
  dataset: { ref: 'builtin:digits' },
  method: { name: 'gradinit', options: { iterations: 10, batchSize: 32, learningRate: 1e-3 } },
  ...more,
});
const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`field${at}`, at]));

/** A member of the body that is passed on but never used. */
const note = 'x'.repeat(12e6);

type Send = (url: string) => Promise<Response>;

const post =
  (route: string, body: object): Send =>
  (url) =>
    fetch(`${url}${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

function upload(files: number): Send {
  return (url) => {
    const form = new FormData();
    const rows = Array.from({ length: 500 }, (_, row) => `${row},${row * 2},${row % 3}`).join('\n');
    for (let at = 0; at < files; at += 1) form.append('file', new Blob([`a,b,label\n${rows}\n`]), `t${at}.csv`);
    return fetch(`${url}/v1/datasets`, { method: 'POST', body: form });
  };
}

const cases: Readonly<Record<string, Send>> = {
  'a small job': post('/v1/jobs', job()),
  '20,000 wrong entries of a list': post(
    '/v1/jobs',
    job({ artifacts: Array.from({ length: 20_000 }, (_, at) => `x${at}`) }),
  ),
  '500,000 unknown fields': post('/v1/jobs', { ...job(), ...fields(500_000) }),
  'metadata with a name of 5 MB': post('/v1/jobs', job({ metadata: { ['k'.repeat(5e6)]: 'x' } })),
  'a topology of 5,000 layers': post('/v1/jobs', job({ model: { topology: topologyOf(5000) } })),
  'a topology with a text of 12 MB': post('/v1/jobs', job({ model: { topology: { ...topologyOf(3), note } } })),
  'a topology of 150,000 layers (13 MB)': post('/v1/jobs', job({ model: { topology: topologyOf(150_000) } })),
  'a topology of 5,000 layers, dry run': post('/v1/jobs/validate', job({ model: { topology: topologyOf(5000) } })),
  '64 tables in one upload': upload(64),
};

async function longestTurns(server: Server, send: Send): Promise<{ status: number; turnsMs: number[] }> {
  const turnsMs: number[] = [];
  let status = 0;
  for (let round = 0; round < rounds; round += 1) {
    await server.longestTurnMs();
    const response = await send(server.url);
    status = response.status;
    await response.arrayBuffer();
    await sleep(settleMs);
    turnsMs.push(await server.longestTurnMs());
  }
  return { status, turnsMs: turnsMs.sort((a, b) => a - b) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'write-docs': { type: 'boolean', default: false } } });
  const stateDir = await mkdtemp(path.join(tmpdir(), 'gradinit-bench-'));
  const server = await startServer(stateDir);
  const rows: (string | number)[][] = [];
  try {
    for (const send of Object.values(cases)) await (await send(server.url)).arrayBuffer();
    for (const [title, send] of Object.entries(cases)) {
      const { status, turnsMs } = await longestTurns(server, send);
      const [median = 0, longest = 0] = [turnsMs[Math.floor(rounds / 2)], turnsMs.at(-1)];
      rows.push([title, status, Math.round(median), Math.round(longest)]);
      console.log(rows.at(-1)?.join(' | '), longest > goalMs ? `(more than ${goalMs} ms)` : '');
    }
  } finally {
    await server.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
  if (!values['write-docs']) return;
  const table = markdownTable(['body', 'answer', 'longest turn, median ms', 'longest turn of all, ms'], rows);
  writeSection('event-loop', `${machineLine(`${rounds} times each`)}\n\n${table}`);
}

await main();
