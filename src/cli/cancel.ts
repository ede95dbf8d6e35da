/** gradinit cancel: ends a job. */
import { describeJob, parseJobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit cancel JOB [OPTIONS]

A job that waits is cancelled at once; one that runs stops within an iteration, or is killed after a grace time. Exit code 0: asked for.

${serviceUsage}`;

/** Runs the command. */
export async function run(args: readonly string[]): Promise<number> {
  const command = parseJobCommand(args, usage);
  if (!command) return 0;
  const job = await command.client.cancel(command.id);
  console.log(command.json ? JSON.stringify(job) : describeJob(job));
  return 0;
}
