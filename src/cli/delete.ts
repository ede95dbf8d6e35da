/** gradinit delete: removes finished jobs. */
import { AppError } from '../errors.ts';
import { parseFlags } from './args.ts';
import { connect, serviceFlags, serviceUsage } from './service.ts';

export const usage = `usage: gradinit delete JOB... [OPTIONS]

Removes jobs that are over, with their events and artifacts; one that is not over is refused: cancel it first.

${serviceUsage}`;

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, serviceFlags, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  if (positionals.length === 0) throw new AppError('USAGE', `expected the id of a job\n\n${usage}`);
  const client = connect(values);
  for (const id of positionals) {
    await client.remove(id);
    console.log(values.json ? JSON.stringify({ id, deleted: true }) : `${id}  deleted`);
  }
  return 0;
}
