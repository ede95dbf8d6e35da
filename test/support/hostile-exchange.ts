/** Sends hostile requests over real connections and checks the answers. */
import assert from 'node:assert/strict';
import { Agent, request as requestHttp } from 'node:http';
import { text } from 'node:stream/consumers';
import { isErrorCode } from '../../src/errors.ts';
import { layer } from '../http/refused-specifications.ts';
import { smallJob, type TestApi } from './api.ts';
import type { HostileRequest, ValidBodies } from './hostile-requests.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A few connections more than a browser opens to one host; answers arrive in any order. */
const connections = 8;
const patienceMs = 60_000;

const fullJob = {
  ...smallJob,
  loss: { name: 'softmax-cross-entropy', options: {} },
  seed: 7,
  artifacts: ['safetensors'],
  limits: { maxQueueSeconds: 60, maxRunSeconds: 60 },
  priority: 'low',
  resources: { device: 'cpu' },
  metadata: { a: 'b' },
};
const comparison = {
  models: [{ label: 'a', model: smallJob.model }, { model: { topology: layer('Flatten').topology } }],
  dataset: { ref: 'builtin:digits', options: { validationSplit: 0.2 } },
  methods: ['kaiming', { name: 'gradinit', options: { iterations: 2 } }],
  seeds: [0, 1],
  training: { epochs: 1, batchSize: 64 },
};

/** A valid body for each operation with a JSON body. */
export const validBodies: ValidBodies = {
  'POST /v1/jobs': fullJob,
  'POST /v1/jobs/validate': fullJob,
  'POST /v1/comparisons': comparison,
  'POST /v1/datasets/inspect': smallJob.dataset,
  'POST /v1/jobs/{id}/cancel': { artifacts: 'partial' },
  'POST /v1/recommendations': { model: smallJob.model, dataset: smallJob.dataset },
  'POST /v1/webhooks': {
    url: 'https://hooks.example.com/gradinit',
    secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  },
};

function send(base: URL, agent: Agent, { method, path, headers, body }: HostileRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = requestHttp(
      { host: base.hostname, port: base.port, agent, method, path, headers, timeout: patienceMs },
      (response) => {
        const { statusCode: status = 0, headers: received } = response;
        const answered = (answer: string) => resolve({ status, type: received['content-type'] ?? '', body: answer });
        text(response).then(answered, reject);
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${patienceMs} ms`)));
    sent.once('error', reject);
    sent.end(body ?? undefined);
  });
}

/** Repeats the exchange when the service asks for it, because few processes inspect large bodies. */
async function patiently(exchange: () => Promise<Answer>): Promise<Answer> {
  const answer = await exchange();
  return answer.status === 503 && answer.body.includes('"OVERLOADED"') ? exchange() : answer;
}

/** The problem of an answer; null for a correct one. `secrets` are texts that no answer may contain. */
export function faultOf(
  { method, path }: HostileRequest,
  { status, type, body }: Answer,
  secrets: readonly string[],
): string | null {
  // A service without workers is not ready.
  if (status === 503 && path.startsWith('/health/ready')) return null;
  if (status >= 500) return `status ${status}`;
  const secret = secrets.find((one) => body.includes(one));
  if (secret !== undefined) return `the answer holds ${secret}`;
  if (status < 400 || method === 'HEAD') return null;
  if (!type.startsWith('application/problem+json')) return `${status} of type ${type}`;
  const problem = JSON.parse(body) as { code: string; status: number; detail: string; errors: { pointer: string }[] };
  if (!isErrorCode(problem.code) || problem.code === 'INTERNAL') return `code ${problem.code}`;
  if (problem.status !== status) return `status ${problem.status} in an answer of ${status}`;
  if (body.length > 20_000) return `an answer of ${body.length} characters`;
  if (problem.detail === '') return 'no detail';
  const isPlaced = problem.errors.length > 0 && problem.errors.every(({ pointer }) => /^(\/|$)/.test(pointer));
  const needsPlace = problem.code === 'INVALID_INPUT' || problem.code === 'OPTION_INVALID';
  return needsPlace && !isPlaced ? `${problem.code} without a pointer` : null;
}

/** Sends all requests, several concurrently, and lists the problems of the answers. Then checks that the API still works. */
export async function faultsOf({ app, config }: TestApi, requests: readonly HostileRequest[]): Promise<string[]> {
  const base = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const secrets = [config.stateDir, import.meta.dirname.split('/test/')[0] ?? '', 'node_modules', 'at Object.'];
  const faults: string[] = [];
  const waiting = requests.values();
  const work = async () => {
    for (const one of waiting) {
      const fault = await patiently(() => send(base, agent, one)).then(
        (answer) => {
          const found = faultOf(one, answer, secrets);
          return found && `${found}: ${answer.body.slice(0, 300)}`;
        },
        (error: Error) => `no answer: ${error.message}`,
      );
      if (fault !== null) faults.push(`${one.title}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  const served = await app.inject({ method: 'POST', url: '/v1/jobs', payload: smallJob });
  assert.equal(served.statusCode, 202, served.body);
  return faults;
}
