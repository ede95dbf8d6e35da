/** gradinit events: prints the events of a job as they occur. */
import type { JobEvent } from '../client/index.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { parseFlags } from './args.ts';
import { connect, oneId, serviceFlags, serviceUsage } from './service.ts';

export const usage = `usage: gradinit events JOB [OPTIONS]

Prints the events that are kept, then those to come, until the job has finished.

  --after ID               only events after this one
${serviceUsage}`;

const show = (value: unknown) =>
  typeof value === 'number' ? value.toPrecision(6) : typeof value === 'string' ? value : JSON.stringify(value);

function line({ at, type, data }: JobEvent): string {
  const fields = Object.entries(data).filter(
    ([, value]) => value !== null && (typeof value !== 'object' || type !== 'progress'),
  );
  return `${at}  ${type.padEnd(8)}  ${fields.map(([name, value]) => `${name}=${Number.isInteger(value) ? value : show(value)}`).join(' ')}`;
}

export async function run(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args, { ...serviceFlags, after: { type: 'string' } }, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  const { signal, release } = abortOnSignals();
  try {
    for await (const event of connect(values).events(oneId(positionals, usage), {
      after: values.after ?? '',
      signal,
    })) {
      console.log(values.json ? JSON.stringify(event) : line(event));
    }
    return 0;
  } finally {
    release();
  }
}
