/** gradinit wait: returns when a job has finished. */

import { isFinished } from '../client/index.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { integerFlag, parseFlags } from './args.ts';
import { retryableExitCode } from './failure.ts';
import { connect, oneId, reportJob, serviceFlags, serviceUsage } from './service.ts';

export const usage = `usage: gradinit wait JOB [OPTIONS]

Exit code 0: succeeded; 1: failed, cancelled or expired; 3: not finished within --timeout.

  --timeout SECONDS        default: wait for ever
${serviceUsage}`;

const longestSeconds = 30 * 86_400;

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, { ...serviceFlags, timeout: { type: 'string' } }, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  const timeoutMs = integerFlag(values.timeout, '--timeout', longestSeconds, [0, longestSeconds]) * 1000;
  const { signal, release } = abortOnSignals();
  try {
    const job = await connect(values).wait(oneId(positionals, usage), { timeoutMs, signal });
    const code = reportJob(job, values.json ?? false);
    return isFinished(job.status) ? code : retryableExitCode;
  } finally {
    release();
  }
}
