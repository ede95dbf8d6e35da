/** The common parts of all commands that use a service: flags, client, and the description of a job. */
import { type Client, createClient, isFinished, type Job } from '../client/index.ts';
import { loadClientConfig } from '../config/config.ts';
import { AppError } from '../errors.ts';
import { parseFlags } from './args.ts';
import type { Command } from './command.ts';

export const serviceFlags = {
  url: { type: 'string' },
  key: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const serviceUsage = `  --url URL                address of the service (default GRADINIT_URL, else http://127.0.0.1:8080)
  --key TOKEN              bearer token (default GRADINIT_API_KEY, which other users of the machine cannot see)
  --json                   JSON on standard output`;

/** The client for the given flags and the environment. */
export function connect({ url, key }: { url?: string | undefined; key?: string | undefined }): Client {
  const config = loadClientConfig();
  return createClient({ baseUrl: url ?? config.url, apiKey: key ?? config.apiKey ?? undefined });
}

/** The single id in the arguments. Throws USAGE. */
export function oneId(positionals: readonly string[], usage: string): string {
  const [id, ...rest] = positionals;
  if (id === undefined || rest.length > 0) throw new AppError('USAGE', `expected the id of one job\n\n${usage}`);
  return id;
}

/** A command that calls one method of the client for one job and prints the job. */
export const jobCommand =
  (usage: string, act: (client: Client, id: string) => Promise<Job>): Command['run'] =>
  async (args) => {
    const parsed = parseFlags(args, serviceFlags, usage);
    if (!parsed) return 0;
    const { values, positionals } = parsed;
    const job = await act(connect(values), oneId(positionals, usage));
    console.log(values.json ? JSON.stringify(job) : describeJob(job));
    return 0;
  };

/** A description of a job for people, in a few lines. */
export function describeJob(job: Job): string {
  const { iteration, iterations, etaSeconds } = job.progress;
  const lines = [`${job.id}  ${job.status}${job.phase === null ? '' : ` (${job.phase})`}  ${job.method}`];
  if (job.queuePosition !== null) lines.push(`  place in the queue: ${job.queuePosition}`);
  if (iterations !== null && iteration > 0) {
    lines.push(
      `  iteration ${iteration} of ${iterations}${etaSeconds === null ? '' : `, about ${Math.ceil(etaSeconds)} s left`}`,
    );
  }
  if (job.metrics !== null && job.metrics.loss !== null) {
    lines.push(
      `  loss ${job.metrics.loss.toPrecision(5)}  gradient norm ${job.metrics.gradientNorm?.toPrecision(5) ?? '-'}`,
    );
  }
  if (job.device !== null) lines.push(`  device: ${job.device}`);
  if (job.error !== null) lines.push(`  ${job.error.code}: ${job.error.message}`);
  return lines.join('\n');
}

/** Prints a job and returns the exit code: 1 when it finished without success, else 0. */
export function reportJob(job: Job, json: boolean): number {
  console.log(json ? JSON.stringify(job) : describeJob(job));
  return isFinished(job.status) && job.status !== 'succeeded' ? 1 : 0;
}
