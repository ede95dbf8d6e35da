/** gradinit pause: a job leaves the queue or its worker, to go on later. */
import { describeJob, parseJobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit pause JOB [OPTIONS]

A job that waits leaves the queue; one that runs writes a checkpoint and leaves its worker. Exit code 0: asked for.

${serviceUsage}`;

/** Runs the command. */
export async function run(args: readonly string[]): Promise<number> {
  const command = parseJobCommand(args, usage);
  if (!command) return 0;
  const job = await command.client.pause(command.id);
  console.log(command.json ? JSON.stringify(job) : describeJob(job));
  return 0;
}
