/** gradinit resume: a paused job goes on. */
import { describeJob, parseJobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit resume JOB [OPTIONS]

A paused job waits in the queue again and goes on from its checkpoint.

${serviceUsage}`;

/** Runs the command. */
export async function run(args: readonly string[]): Promise<number> {
  const command = parseJobCommand(args, usage);
  if (!command) return 0;
  const job = await command.client.resume(command.id);
  console.log(command.json ? JSON.stringify(job) : describeJob(job));
  return 0;
}
