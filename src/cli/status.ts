/** gradinit status: the state of a job. */
import { describeJob, parseJobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit status JOB [OPTIONS]

${serviceUsage}`;

/** Runs the command. */
export async function run(args: readonly string[]): Promise<number> {
  const command = parseJobCommand(args, usage);
  if (!command) return 0;
  const job = await command.client.get(command.id);
  console.log(command.json ? JSON.stringify(job) : describeJob(job));
  return 0;
}
