/** gradinit pause: stops a queued or running job until it is resumed. */
import { jobCommand, serviceUsage } from './service.ts';

export const usage = `usage: gradinit pause JOB [OPTIONS]

A job that waits leaves the queue; one that runs writes a checkpoint and leaves its worker. Exit code 0: asked for.

${serviceUsage}`;

export const run = jobCommand(usage, (client, id) => client.pause(id));
