/** gradinit compare --service: the workers of a service run the cells, and the reports are downloaded. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Client, type Comparison, type ComparisonRequest, isComparisonOver } from '../client/index.ts';
import { writeWhole } from '../comparison/runner.ts';
import { AppError } from '../errors.ts';

export interface CompareOnService {
  readonly client: Client;
  readonly spec: ComparisonRequest;
  /** The folder of the reports, which is created if it does not exist. */
  readonly out: string;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** Interval between two status lines, in milliseconds. */
const pollMs = 10_000;

const line = ({ status, counts, cells }: Comparison) =>
  `${status}: ${Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')} of ${cells} cells`;

/** Runs the comparison. Returns exit code 1 when a cell failed. After an interruption the comparison continues on the service. */
export async function compareOnService({ client, spec, out, json, signal }: CompareOnService): Promise<number> {
  const { comparisons } = client;
  const show = (state: Comparison) => (json ? console.log(JSON.stringify(state)) : console.error(line(state)));
  let state = await comparisons.create(spec, { signal });
  if (!json) console.error(state.id);
  try {
    for (show(state); !isComparisonOver(state); show(state))
      state = await comparisons.wait(state.id, { timeoutMs: pollMs, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new AppError('CANCELLED', `stopped; ${state.id} goes on at ${client.baseUrl}`);
  }
  await mkdir(out, { recursive: true });
  for (const ending of ['json', 'md', 'html'] as const)
    await writeWhole(path.join(out, `report.${ending}`), await comparisons.report(state.id, ending, { signal }));
  if (!json)
    console.log(`${await comparisons.report(state.id, 'md', { signal })}\nreport: ${path.join(out, 'report.html')}`);
  return state.status === 'succeeded' ? 0 : 1;
}
