/** gradinit resume: continues a paused job. */
import { jobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit resume JOB [OPTIONS]

A paused job waits in the queue again and goes on from its checkpoint.

${serviceUsage}`;

export const run = jobCommand(usage, (client, id) => client.resume(id));
