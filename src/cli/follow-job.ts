/** Shows the events of a job as progress on standard error. */
import type { Client, Job, JobEvent } from '../client/index.ts';
import { createProgress, type Progress } from './progress.ts';

const numeric = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Progress events hold the number of finished iterations, and the progress bar the number of the current one. */
function show(progress: Progress, { data }: JobEvent): void {
  const [iteration, iterations] = [numeric(data.iteration), numeric(data.iterations)];
  if (iteration === null || iterations === null) return;
  progress.show({
    iteration: iteration - 1,
    iterations,
    branch: typeof data.branch === 'string' ? data.branch : '',
    loss: numeric(data.loss),
    gradientNorm: numeric(data.gradientNorm),
    objective: numeric(data.objective),
    seconds: numeric(data.seconds) ?? 0,
  });
}

/** Follows a job until it has finished, and returns it. Throws the errors of the client. */
export async function followJob(client: Client, id: string, signal: AbortSignal): Promise<Job> {
  const progress = createProgress(process.stderr);
  try {
    for await (const event of client.events(id, { signal })) if (event.type === 'progress') show(progress, event);
  } finally {
    progress.finish();
  }
  return client.wait(id, { signal });
}
