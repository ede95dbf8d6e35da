/** gradinit retry: runs a failed, cancelled or expired job again. */
import { jobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit retry JOB [OPTIONS]

A failed, cancelled or expired job is queued again under its id; it continues from its checkpoint where there is one.

${serviceUsage}`;

export const run = jobCommand(usage, (client, id) => client.retry(id));
