/** gradinit retry: runs a job again that is over without success. */
import { jobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit retry JOB [OPTIONS]

A failed, cancelled or expired job is queued again under its id; it continues from its checkpoint where there is one.

${serviceUsage}`;

/** Runs the command. */
export const run = jobCommand(usage, (client, id) => client.retry(id));
