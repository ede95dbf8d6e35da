/** gradinit cancel: cancels a job. */
import { parseFlags } from './args.ts';
import { connect, describeJob, oneId, serviceFlags, serviceUsage } from './service.ts';

export const usage = `usage: gradinit cancel JOB [OPTIONS]

A job that waits is cancelled at once; one that runs stops within an iteration, or is killed after a grace time. Exit code 0: asked for.

  --partial                a job that runs publishes its weights as they are
${serviceUsage}`;

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, { ...serviceFlags, partial: { type: 'boolean' } } as const, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  const id = oneId(positionals, usage);
  const job = await connect(values).cancel(id, values.partial ? { artifacts: 'partial' } : {});
  console.log(values.json ? JSON.stringify(job) : describeJob(job));
  return 0;
}
