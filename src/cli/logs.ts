/** gradinit logs: prints the log of a job, without the progress of iterations. */
import type { Client } from '../client/index.ts';
import { type LogLine, logLineOf, logText } from '../contract/log-line.ts';
import { abortOnSignals } from './abort-on-signals.ts';
import { parseFlags } from './args.ts';
import { connect, oneId, serviceFlags, serviceUsage } from './service.ts';

export const usage = `usage: gradinit logs JOB [OPTIONS]

Prints the lines that are kept, oldest first.

  --after ID               only lines after this one
  --follow                 then those to come, until the job has finished
${serviceUsage}`;

async function* linesOf(
  client: Client,
  id: string,
  { after, follow, signal }: { after: string; follow: boolean; signal: AbortSignal },
): AsyncGenerator<LogLine> {
  let last = after;
  for (const line of await client.logs(id, { ...(after === '' ? {} : { after }), signal })) {
    last = line.id;
    yield line;
  }
  if (!follow) return;
  for await (const event of client.events(id, { after: last, signal })) {
    const line = logLineOf(event);
    if (line !== null) yield line;
  }
}

export async function run(args: readonly string[]): Promise<number> {
  const flags = { ...serviceFlags, after: { type: 'string' }, follow: { type: 'boolean' } } as const;
  const parsed = parseFlags(args, flags, usage);
  if (!parsed) return 0;
  const { values, positionals } = parsed;
  const { signal, release } = abortOnSignals();
  try {
    const id = oneId(positionals, usage);
    const range = { after: values.after ?? '', follow: values.follow ?? false, signal };
    for await (const line of linesOf(connect(values), id, range))
      console.log(values.json ? JSON.stringify(line) : logText(line));
    return 0;
  } finally {
    release();
  }
}
