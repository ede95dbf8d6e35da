/** Sends odd jobs through a whole service, API, worker and child, and lists those that end otherwise than they should. */
import { decodeSafetensors } from '../../src/codecs/safetensors.ts';
import { isErrorCode } from '../../src/errors.ts';
import type { OddJob } from './odd-jobs.ts';

const over = ['succeeded', 'failed', 'cancelled', 'expired'];

interface JobAnswer {
  readonly id: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

async function finished(url: string, id: string): Promise<JobAnswer> {
  for (;;) {
    const job = (await (await fetch(`${url}/v1/jobs/${id}?wait=10`)).json()) as JobAnswer;
    if (over.includes(job.status)) return job;
  }
}

async function hasFiniteWeights(url: string, id: string): Promise<boolean> {
  const response = await fetch(`${url}/v1/jobs/${id}/weights?format=safetensors`);
  const { tensors } = decodeSafetensors(new Uint8Array(await response.arrayBuffer()), id);
  return [...tensors.values()].every(({ data }) => Array.from(data, Number).every(Number.isFinite));
}

/** What is wrong with an error; null when it has a code of the list and words that a person can use. */
function faultOf({ ends }: OddJob, code: string, message: string): string | null {
  if (!isErrorCode(code) || code === 'INTERNAL') return `${code}: ${message}`;
  if (!ends.includes(code)) return `ends in ${code} (${message}) instead of ${ends.join(' or ')}`;
  return message.length < 20 || /TF_Status|at \w+ \(|node_modules/.test(message) ? `says: ${message}` : null;
}

async function endOf(url: string, odd: OddJob): Promise<string | null> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify(odd.job) });
  if (response.status !== 202) {
    const { code, detail, errors } = (await response.json()) as { code: string; detail: string; errors: unknown[] };
    return faultOf(odd, code, detail) ?? (errors.length === 0 ? `${code} has no place` : null);
  }
  const { id } = (await response.json()) as JobAnswer;
  const { status, error } = await finished(url, id);
  if (status !== 'succeeded') return faultOf(odd, error?.code ?? status, error?.message ?? '');
  if (!odd.ends.includes('succeeded')) return `succeeds instead of ${odd.ends.join(' or ')}`;
  return (await hasFiniteWeights(url, id)) ? null : 'succeeds with numbers that are not finite';
}

/** All at once: they wait in the queue. */
export async function oddEnds(url: string, jobs: readonly OddJob[]): Promise<string[]> {
  const ends = await Promise.all(
    jobs.map(async (odd) => {
      const fault = await endOf(url, odd);
      return fault === null ? [] : [`${odd.title}: ${fault}`];
    }),
  );
  return ends.flat();
}
