/** Waits for a job that this command has posted: its id and progress on standard error, and what an interruption means for it. */
import type { Client, Job } from '../client/index.ts';
import { followJob } from './follow-job.ts';

export interface WaitForJobOptions {
  readonly signal: AbortSignal;
  /** Ctrl-C cancels the job; else the job goes on without the command. */
  readonly cancelOnInterrupt: boolean;
}

/** Follows a job to its end. Throws the reason of the signal after an interruption, and what the client throws. */
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
