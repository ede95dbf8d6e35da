/** gradinit retry: runs a job again that is over without success. */
import { describeJob, parseJobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit retry JOB [OPTIONS]

A failed, cancelled or expired job is queued again under its id; it continues from its checkpoint where there is one.

${serviceUsage}`;

/** Runs the command. */
export async function run(args: readonly string[]): Promise<number> {
  const command = parseJobCommand(args, usage);
  if (!command) return 0;
  const job = await command.client.retry(command.id);
  console.log(command.json ? JSON.stringify(job) : describeJob(job));
  return 0;
}
