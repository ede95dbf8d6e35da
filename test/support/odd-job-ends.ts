/** Sends odd jobs through a whole service (API, worker and child process) and lists those with an unexpected result. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeSafetensors } from '../../src/codecs/safetensors.ts';
import { isErrorCode } from '../../src/errors.ts';
import type { OddJob } from './odd-job.ts';

const over = ['succeeded', 'failed', 'cancelled', 'expired'];

interface JobAnswer {
  readonly id: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

async function finished(url: string, id: string): Promise<JobAnswer> {
  for (;;) {
    const job = (await (await patiently(() => fetch(`${url}/v1/jobs/${id}?wait=10`))).json()) as JobAnswer;
    if (over.includes(job.status)) return job;
  }
}

/** Repeats the exchange when the service asks for it. */
async function patiently(exchange: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await exchange();
    if (response.status !== 503) return response;
    await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000);
  }
}

async function hasFiniteWeights(url: string, id: string): Promise<boolean> {
  const response = await patiently(() => fetch(`${url}/v1/jobs/${id}/weights?format=safetensors`));
  if (response.status !== 200) throw new Error(`weights of ${id}: ${await response.text()}`);
  const { tensors } = decodeSafetensors(new Uint8Array(await response.arrayBuffer()), id);
  return [...tensors.values()].every(({ data }) => Array.from(data, Number).every(Number.isFinite));
}

/** The problem of an error; null when its code is in the list and its message is useful to a person. */
function faultOf({ ends }: OddJob, code: string, message: string): string | null {
  if (!isErrorCode(code) || code === 'INTERNAL') return `${code}: ${message}`;
  if (!ends.includes(code)) return `ends in ${code} (${message}) instead of ${ends.join(' or ')}`;
  return message.length < 20 || /TF_Status|at \w+ \(|node_modules/.test(message) ? `says: ${message}` : null;
}

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly unknown[];
}

function upload(url: string, table: string): Promise<Response> {
  const form = new FormData();
  form.append('file', new Blob([table]), 'table.csv');
  return patiently(() => fetch(`${url}/v1/datasets`, { method: 'POST', body: form }));
}

async function endOf(url: string, odd: OddJob): Promise<string | null> {
  let { job } = odd;
  if (odd.table !== undefined) {
    const uploaded = await upload(url, odd.table);
    const answer = (await uploaded.json()) as { id: string } & Problem;
    if (uploaded.status >= 400) return faultOf(odd, answer.code, answer.detail);
    job = { ...job, dataset: { ref: `dataset:${answer.id}` } };
  }
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(job);
  const response = await patiently(() => fetch(`${url}/v1/jobs`, { method: 'POST', headers, body }));
  if (response.status !== 202) {
    const { code, detail, errors } = (await response.json()) as Problem;
    return faultOf(odd, code, detail) ?? (errors.length === 0 ? `${code} has no place` : null);
  }
  const { id } = (await response.json()) as JobAnswer;
  const { status, error } = await finished(url, id);
  if (status !== 'succeeded') return faultOf(odd, error?.code ?? status, error?.message ?? '');
  if (!odd.ends.includes('succeeded')) return `succeeds instead of ${odd.ends.join(' or ')}`;
  return (await hasFiniteWeights(url, id)) ? null : 'succeeds with numbers that are not finite';
}

/** Submits all jobs at once; they wait in the queue. */
export async function oddEnds(url: string, jobs: readonly OddJob[]): Promise<string[]> {
  const ends = await Promise.all(
    jobs.map(async (odd) => {
      const fault = await endOf(url, odd);
      return fault === null ? [] : [`${odd.title}: ${fault}`];
    }),
  );
  return ends.flat();
}
