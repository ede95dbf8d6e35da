/** gradinit download: downloads the artifacts of a job, continues an interrupted download, and verifies the SHA-256 of each file. */
import { stat } from 'node:fs/promises';
import { type Artifact, type Client, isFinished, type Job } from '../client/index.ts';
import { AppError } from '../errors.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { parseFlags, required } from './args.ts';
import { retryableExitCode } from './failure.ts';
import { connect, oneId, serviceFlags, serviceUsage } from './service.ts';

export const usage = `usage: gradinit download JOB --out DIR [OPTIONS]

  --out DIR                where the files go, under their names
  --name NAME              this artifact alone, for example weights.safetensors

Exit code 1: the job failed, was cancelled or expired (what it left is downloaded); 3: it is not over.

${serviceUsage}`;

const flags = { ...serviceFlags, out: { type: 'string' }, name: { type: 'string' } } as const;

async function checkFolder(out: string): Promise<void> {
  const there = await stat(out).catch(() => null);
  if (there !== null && !there.isDirectory())
    throw new AppError('OUTPUT_UNWRITABLE', `${out} is a file; name a folder`);
}

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  const [id, out] = [oneId(positionals, usage), required(values.out, '--out')];
  await checkFolder(out);
  const { signal, release } = abortOnSignals();
  try {
    const client = connect(values);
    const files = await fetchFiles(client, id, out, values.name, signal);
    if (values.json) console.log(JSON.stringify({ id, out, files }));
    else for (const { name, bytes, sha256 } of files) console.log(`${sha256}  ${String(bytes).padStart(12)}  ${name}`);
    return exitCodeOf(await client.get(id, { signal }));
  } finally {
    release();
  }
}

/** The exit code. A job without weights makes the command fail, with a message on standard error. */
function exitCodeOf(job: Job): number {
  if (job.status === 'succeeded') return 0;
  const reason = job.error === null ? '' : `: ${job.error.code}: ${job.error.message}`;
  console.error(`JOB_STATE: ${job.id} is ${job.status}${reason}`);
  return isFinished(job.status) ? 1 : retryableExitCode;
}

async function fetchFiles(
  client: Client,
  id: string,
  out: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<readonly Artifact[]> {
  if (name === undefined) return client.downloadAll(id, out, { signal });
  return [await client.download(id, name, out, { signal })];
}
