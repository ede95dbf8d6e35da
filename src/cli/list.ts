/** gradinit list: lists jobs of the service. */
import type { Job, JobFilter, JobStatus } from '../client/index.ts';
import { jobStatuses } from '../contract/job-status.ts';
import { AppError } from '../errors.ts';
import { integerFlag, parseFlags } from './args.ts';
import { connect, serviceFlags, serviceUsage } from './service.ts';

export const usage = `usage: gradinit list [OPTIONS]

Jobs, newest first. Every filter that is given must match.

  --status LIST            any of these, separated by commas: ${jobStatuses.join(', ')}
  --method NAME            gradinit, kaiming, ...
  --comparison ID          the cells of this comparison
  --metadata KEY=VALUE     may be repeated
  --from TIME              created at or after this time, ISO 8601
  --before TIME            created before this time
  --limit N                1 to 100 (default 20)
  --after JOB              the page that follows this job
${serviceUsage}`;

const flags = {
  ...serviceFlags,
  status: { type: 'string' },
  method: { type: 'string' },
  comparison: { type: 'string' },
  metadata: { type: 'string', multiple: true },
  from: { type: 'string' },
  before: { type: 'string' },
  limit: { type: 'string' },
  after: { type: 'string' },
} as const;

function statusesOf(list: string): readonly JobStatus[] {
  return list.split(',').map((name) => {
    const status = jobStatuses.find((known) => known === name);
    if (status === undefined)
      throw new AppError('USAGE', `--status: there is no status "${name}", only ${jobStatuses.join(', ')}`);
    return status;
  });
}

function row({ id, status, method, createdAt, progress }: Job): string {
  const share =
    progress.iterations === null || status !== 'running' ? '' : `  ${progress.iteration}/${progress.iterations}`;
  return `${id}  ${createdAt}  ${status.padEnd(9)}  ${method}${share}`;
}

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  if (positionals.length > 0) throw new AppError('USAGE', `unexpected argument ${positionals[0]}\n\n${usage}`);
  const filter: JobFilter = {
    limit: integerFlag(values.limit, '--limit', 20, [1, 100]),
    status: values.status === undefined ? undefined : statusesOf(values.status),
    method: values.method,
    comparison: values.comparison,
    metadata: values.metadata,
    createdFrom: values.from,
    createdBefore: values.before,
    after: values.after,
  };
  const page = await connect(values).list(filter);
  if (values.json) console.log(JSON.stringify(page));
  else for (const job of page.jobs) console.log(row(job));
  if (!values.json && page.next !== null) console.error(`there are more: gradinit list --after ${page.next}`);
  return 0;
}
