/** gradinit status: prints the state of a job. */
import { jobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit status JOB [OPTIONS]

${serviceUsage}`;

export const run = jobCommand(usage, (client, id) => client.get(id));
