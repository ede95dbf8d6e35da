/** Waits for a job that this command has submitted, and shows its id and progress on standard error. */
import type { Client, Job } from '../client/index.ts';
import { followJob } from './follow-job.ts';

export interface WaitForJobOptions {
  readonly signal: AbortSignal;
  /** True: Ctrl-C cancels the job. False: the job continues on the service. */
  readonly cancelOnInterrupt: boolean;
}

/** Follows a job until it has finished. Throws the reason of the signal after an interruption, and the errors of the client. */
export async function waitForJob(
  client: Client,
  id: string,
  { signal, cancelOnInterrupt }: WaitForJobOptions,
): Promise<Job> {
  console.error(id);
  try {
    return await followJob(client, id, signal);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    if (cancelOnInterrupt) await client.cancel(id);
    console.error(
      cancelOnInterrupt
        ? `${id} is being cancelled`
        : `${id} goes on: gradinit wait ${id} waits for it, gradinit cancel ${id} ends it`,
    );
    throw thrown;
  }
}
